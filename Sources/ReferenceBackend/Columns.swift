import Tensors

extension SelectColumns {
  /// The chosen columns of each group.
  func result(of x: Operand) -> [Double] {
    let period = x.shape[1] / groups
    return (0..<x.shape[0]).flatMap { row in
      let values = x.row(row)
      return (0..<groups).flatMap { group in
        values[group * period + start..<group * period + start + width]
      }
    }
  }
}

extension PlaceColumns {
  /// Zeros or the addend, the columns added at their places.
  func result(of inputs: [Operand]) -> [Double] {
    let (rows, width) = (inputs[0].shape[0], inputs[0].shape[1] / groups)
    let columns = groups * groupWidth
    var result =
      inputs.count == 2 ? inputs[1].elements : [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for (index, value) in inputs[0].row(row).enumerated() {
        let place = index / width * groupWidth + start + index % width
        result[row * columns + place] += value
      }
    }
    return result
  }
}
