import CKernels
import Tensors

extension ArgumentStore {
  /// `table, ids` to the rows that the ids name, `offset` rows further.
  func gather(_ bound: BoundOperation, offset: Int = 0) -> Kernel {
    let (table, ids) = (bound.inputs[0], bound.inputs[1])
    let values = hone_gather_arguments(
      table: table.matrix, ids: ids.integers, y: bound.outputs[0].mutableFloats,
      table_rows: table.rows, rows: ids.rows, columns: table.columns, offset: Int64(offset))
    return Kernel(
      function: hone_gather, arguments: keep(values),
      indices: rows(ids, below: table.shape[0] - offset))
  }

  /// `ids, x` to the sums of the rows of `x` by id, `offset` rows further, but for the row `skipped`.
  func scatter(_ bound: BoundOperation, offset: Int = 0, skipped: Int? = nil) -> Kernel {
    let (ids, x, y) = (bound.inputs[0], bound.inputs[1], bound.outputs[0])
    let values = hone_scatter_arguments(
      ids: ids.integers, x: x.floats, y: y.mutableFloats, y_rows: y.rows, rows: x.rows,
      columns: x.columns, offset: Int64(offset), skipped: Int64(skipped ?? -1),
      accumulate: y.accumulates)
    return Kernel(
      function: hone_scatter, arguments: keep(values),
      indices: rows(ids, below: y.shape[0] - offset))
  }

  /// `state, slots, rows` to the state.
  func writeRows(_ bound: BoundOperation) -> Kernel {
    let (state, slots, x) = (bound.outputs[0], bound.inputs[1], bound.inputs[2])
    let values = hone_write_rows_arguments(
      slots: slots.integers, x: UnsafePointer(x.pointer.assumingMemoryBound(to: CChar.self)),
      state: state.pointer.assumingMemoryBound(to: CChar.self), state_rows: state.rows,
      rows: x.rows, row_bytes: Int64(x.type.dtype.byteCount(x.shape.columns)))
    return Kernel(
      function: hone_write_rows, arguments: keep(values),
      indices: rows(slots, below: state.shape[0]))
  }

  private func rows(_ operand: Operand, below limit: Int) -> IndexOperand {
    IndexOperand(
      pointer: operand.integers, count: operand.shape.count, limit: limit, meaning: .rows)
  }
}
