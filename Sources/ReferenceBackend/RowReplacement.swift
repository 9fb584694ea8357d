import Tensors

extension PatchRows {
  /// `x` with the rows of some ids replaced.
  func result(of inputs: [Operand]) -> [Double] {
    (0..<inputs[0].shape[0]).flatMap { row -> [Double] in
      guard let index = indices.firstIndex(of: inputs[1].integer(row)) else {
        return inputs[0].row(row)
      }
      return inputs.count == 3
        ? inputs[2].row(index) : [Double](repeating: 0, count: inputs[0].shape[1])
    }
  }
}

extension PatchRowsGradient {
  /// The sums of the rows of each id.
  func result(of inputs: [Operand]) -> [Double] {
    let width = inputs[1].shape[1]
    var sums = [Double](repeating: 0, count: indices.count * width)
    for row in 0..<inputs[1].shape[0] {
      guard let index = indices.firstIndex(of: inputs[0].integer(row)) else { continue }
      for (column, value) in inputs[1].row(row).enumerated() {
        sums[index * width + column] += value
      }
    }
    return sums
  }
}

extension ReplaceRows {
  /// The table with some rows replaced.
  func result(of inputs: [Operand]) -> [Double] {
    var result = inputs[0].elements
    let width = inputs[0].shape[1]
    for (index, row) in indices.enumerated() {
      let values =
        inputs.count == 2 ? inputs[1].row(index) : [Double](repeating: 0, count: width)
      result.replaceSubrange(row * width..<(row + 1) * width, with: values)
    }
    return result
  }
}

extension ReplaceRowsGradient {
  /// The chosen rows.
  func result(of dy: Operand) -> [Double] { indices.flatMap { dy.row($0) } }
}
