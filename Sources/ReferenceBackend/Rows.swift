import Tensors

extension OperationKind {
  /// `y[m] = x[offset + indices[m]]`.
  ///
  /// - Throws: ``BackendError`` for an index that is no row of `x` behind the offset.
  func selectedRows(of x: Operand, _ indices: Operand, offset: Int = 0) throws(BackendError)
    -> [Double]
  {
    var result: [Double] = []
    for position in 0..<indices.shape[0] {
      result += x.row(offset + (try index(indices, position, below: x.shape[0] - offset)))
    }
    return result
  }

  /// `y[offset + indices[m]] += x[m]` over `count` rows of zeros, but for the row `skipped`.
  ///
  /// - Throws: ``BackendError`` for an index beyond them.
  func summedRows(
    of x: Operand, _ indices: Operand, count: Int, offset: Int = 0, skipped: Int? = nil
  ) throws(BackendError) -> [Double] {
    let width = x.shape[1]
    var result = [Double](repeating: 0, count: count * width)
    for position in 0..<indices.shape[0] {
      let target = offset + (try index(indices, position, below: count - offset))
      if target == skipped { continue }
      for (column, value) in x.row(position).enumerated() {
        result[target * width + column] += value
      }
    }
    return result
  }

  /// `state` with `state[slots[n]] = rows[n]`; of equal slots the last one counts.
  ///
  /// - Throws: ``BackendError`` for a slot that is no row of `state`.
  func replacedRows(
    of state: Operand, _ slots: Operand, by rows: Operand
  ) throws(BackendError) -> [Double] {
    var result = state.elements
    let width = state.shape[1]
    for position in 0..<slots.shape[0] {
      let target = try index(slots, position, below: state.shape[0])
      result.replaceSubrange(target * width..<(target + 1) * width, with: rows.row(position))
    }
    return result
  }
}
