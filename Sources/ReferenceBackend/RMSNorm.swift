import Tensors

extension RMSNorm {
  /// `x · r · w` and `r`.
  func results(of x: Operand, weight: Operand) -> [[Double]] {
    let width = x.shape[1]
    let w = weight.elements
    var y: [Double] = []
    var r: [Double] = []
    for row in 0..<x.shape[0] {
      let values = x.row(row)
      let meanSquare = dot(values, from: 0, values, from: 0, count: width) / Double(width)
      let factor = 1 / (meanSquare + Double(epsilon)).squareRoot()
      for (value, weight) in zip(values, w) { y.append(value * factor * weight) }
      r.append(factor)
    }
    return [y, r]
  }
}

/// `r · (w·dy − x · r² · mean(x·w·dy)) [+ addend]`; operands `x, w, r, dy` and the addend.
func rmsNormSlopes(_ inputs: [Operand]) -> [Double] {
  let width = inputs[0].shape[1]
  let w = inputs[1].elements
  var result: [Double] = []
  for row in 0..<inputs[0].shape[0] {
    let (x, r) = (inputs[0].row(row), inputs[2][row])
    let scaled = zip(w, inputs[3].row(row)).map { $0 * $1 }  // w·dy
    let mean = dot(x, from: 0, scaled, from: 0, count: width) / Double(width)
    for column in 0..<width {
      let addend = inputs.count == 5 ? inputs[4][row * width + column] : 0
      result.append(r * (scaled[column] - x[column] * r * r * mean) + addend)
    }
  }
  return result
}

/// `Σₙ dy[n, d] · x[n, d] · r[n]`; operands `x, r, dy`.
func rmsNormWeightSlopes(_ inputs: [Operand]) -> [Double] {
  let width = inputs[0].shape[1]
  var sums = [Double](repeating: 0, count: width)
  for row in 0..<inputs[0].shape[0] {
    let r = inputs[1][row]
    for (column, (x, dy)) in zip(inputs[0].row(row), inputs[2].row(row)).enumerated() {
      sums[column] += dy * x * r
    }
  }
  return sums
}
