import Tensors

extension RMSNorm {
  /// `(x − mean) · r · (offset + w)`, and for each stretch `r` with the mean where it is taken off.
  func results(of x: Operand, weight: Operand) -> [[Double]] {
    let w = weight.elements.map { $0 + Double(weightOffset) }
    let (width, values) = (w.count, x.elements)
    var y: [Double] = []
    var statistics: [Double] = []
    for start in stride(from: 0, to: values.count, by: width) {
      let stretch = values[start..<start + width]
      let mean = centers ? stretch.reduce(0, +) / Double(width) : 0
      let meanSquare = stretch.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      let factor = 1 / (meanSquare + Double(epsilon)).squareRoot()
      for (value, weight) in zip(stretch, w) { y.append((value - mean) * factor * weight) }
      statistics += centers ? [factor, mean] : [factor]
    }
    return [y, statistics]
  }
}

extension RMSNormGradient {
  /// `r · (g [− mean(g)] − x̂ · mean(x̂·g)) [+ addend]`; operands `x, w, statistics, dy` and the addend.
  func result(of inputs: [Operand]) -> [Double] {
    let w = inputs[1].elements.map { $0 + Double(weightOffset) }
    let (width, x, dy) = (w.count, inputs[0].elements, inputs[3].elements)
    var result: [Double] = []
    for stretch in 0..<x.count / width {
      let (r, mean) = statistics(inputs[2], stretch, centers: centers)
      let range = stretch * width..<(stretch + 1) * width
      let normal = x[range].map { ($0 - mean) * r }
      let scaled = zip(w, dy[range]).map { $0 * $1 }
      let shift = centers ? scaled.reduce(0, +) / Double(width) : 0
      let share = dot(normal, from: 0, scaled, from: 0, count: width) / Double(width)
      for column in 0..<width {
        let addend = inputs.count == 5 ? inputs[4][stretch * width + column] : 0
        result.append(r * (scaled[column] - shift - normal[column] * share) + addend)
      }
    }
    return result
  }
}

extension RMSNormWeightGradient {
  /// `Σ dy · x̂` over the stretches; operands `x, statistics, dy`.
  func result(of inputs: [Operand]) -> [Double] {
    let (x, dy) = (inputs[0].elements, inputs[2].elements)
    let stretches = inputs[1].shape[0]
    let width = x.count / max(1, stretches)
    var sums = [Double](repeating: 0, count: width)
    for stretch in 0..<stretches {
      let (r, mean) = statistics(inputs[1], stretch, centers: centers)
      for column in 0..<width {
        let index = stretch * width + column
        sums[column] += dy[index] * (x[index] - mean) * r
      }
    }
    return sums
  }
}

/// `r` and the mean that was taken off the stretch, zero where none was.
private func statistics(_ operand: Operand, _ stretch: Int, centers: Bool) -> (Double, Double) {
  centers ? (operand[2 * stretch], operand[2 * stretch + 1]) : (operand[stretch], 0)
}
