import CKernels
import Tensors

extension ArgumentStore {
  /// `x, ids[, rows]` to `x` with the rows of some ids replaced.
  func patchRows(_ rule: PatchRows, _ bound: BoundOperation) -> Kernel {
    let x = bound.inputs[0]
    let values = hone_patch_rows_arguments(
      x: x.floats, ids: bound.inputs[1].integers,
      rows: bound.inputs.count > 2 ? bound.inputs[2].floats : nil,
      y: bound.outputs[0].mutableFloats, indices: keep(rule.indices.map { Int32($0) }),
      count: Int64(rule.indices.count), row_count: x.rows, columns: x.columns)
    return Kernel(function: hone_patch_rows, arguments: keep(values))
  }

  /// `ids, dy` to the sums of the rows of each id.
  func patchRowsGradient(_ rule: PatchRowsGradient, _ bound: BoundOperation) -> Kernel {
    let (dy, rows) = (bound.inputs[1], bound.outputs[0])
    let values = hone_patch_rows_gradient_arguments(
      ids: bound.inputs[0].integers, dy: dy.floats, rows: rows.mutableFloats,
      indices: keep(rule.indices.map { Int32($0) }), count: Int64(rule.indices.count),
      row_count: dy.rows, columns: dy.columns, accumulate: rows.accumulates)
    return Kernel(function: hone_patch_rows_gradient, arguments: keep(values))
  }

  /// `table[, rows]` to the table with some rows replaced.
  func replaceRows(_ rule: ReplaceRows, _ bound: BoundOperation) -> Kernel {
    let table = bound.inputs[0]
    let values = hone_replace_rows_arguments(
      table: table.matrix, rows: bound.inputs.count > 1 ? bound.inputs[1].floats : nil,
      y: bound.outputs[0].mutableFloats, indices: keep(rule.indices.map { Int32($0) }),
      count: Int64(rule.indices.count), table_rows: table.rows, columns: table.columns)
    return Kernel(function: hone_replace_rows, arguments: keep(values))
  }

  /// `dy` to the chosen rows.
  func replaceRowsGradient(_ rule: ReplaceRowsGradient, _ bound: BoundOperation) -> Kernel {
    let rows = bound.outputs[0]
    let values = hone_replace_rows_gradient_arguments(
      dy: bound.inputs[0].floats, rows: rows.mutableFloats,
      indices: keep(rule.indices.map { Int32($0) }), count: rows.rows, columns: rows.columns,
      accumulate: rows.accumulates)
    return Kernel(function: hone_replace_rows_gradient, arguments: keep(values))
  }
}
