import Tensors

extension Product {
  /// `scale · op(a) · op(b) [+ addend]`.
  func result(of inputs: [Operand]) -> [Double] {
    let sizes = extents(inputs[0].shape, inputs[1].shape)
    // Rows of op(a) and columns of op(b), each in one piece.
    let rows = transposeA ? transposed(inputs[0]) : inputs[0].elements  // (M, K)
    let columns = transposeB ? inputs[1].elements : transposed(inputs[1])  // (N, K)
    let addend = inputs.count == 3 ? inputs[2].elements : nil
    var result: [Double] = []
    result.reserveCapacity(sizes.m * sizes.n)
    for m in 0..<sizes.m {
      for n in 0..<sizes.n {
        let sum = dot(rows, from: m * sizes.k, columns, from: n * sizes.k, count: sizes.k)
        result.append(Double(scale) * sum + (addend?[m * sizes.n + n] ?? 0))
      }
    }
    return result
  }

  private func transposed(_ x: Operand) -> [Double] {
    let (rows, columns, elements) = (x.shape[0], x.shape[1], x.elements)
    var result: [Double] = []
    result.reserveCapacity(rows * columns)
    for column in 0..<columns {
      for row in 0..<rows { result.append(elements[row * columns + column]) }
    }
    return result
  }
}
