import CKernels
import Tensors

extension ArgumentStore {
  /// `x` to some columns of each group.
  func selectColumns(_ rule: SelectColumns, _ bound: BoundOperation) -> Kernel {
    let (x, y) = (bound.inputs[0], bound.outputs[0])
    let values = hone_columns_arguments(
      wide: x.mutableFloats, narrow: y.mutableFloats, addend: nil, rows: x.rows,
      groups: Int64(rule.groups), period: x.columns / Int64(rule.groups),
      start: Int64(rule.start), width: Int64(rule.width))
    return Kernel(function: hone_select_columns, arguments: keep(values))
  }

  /// `x[, addend]` to wide rows that hold `x` at its places.
  func placeColumns(_ rule: PlaceColumns, _ bound: BoundOperation) -> Kernel {
    let (x, y) = (bound.inputs[0], bound.outputs[0])
    let values = hone_columns_arguments(
      wide: y.mutableFloats, narrow: x.mutableFloats,
      addend: bound.inputs.count > 1 ? bound.inputs[1].floats : nil, rows: x.rows,
      groups: Int64(rule.groups), period: Int64(rule.groupWidth), start: Int64(rule.start),
      width: x.columns / Int64(rule.groups))
    return Kernel(function: hone_place_columns, arguments: keep(values))
  }
}
