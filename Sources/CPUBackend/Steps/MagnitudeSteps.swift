import CKernels
import Tensors

extension ArgumentStore {
  /// `w, a, b` to the lengths of the updated outputs.
  func updatedNorms(_ rule: UpdatedNorms, _ bound: BoundOperation) -> Kernel {
    let (w, a, b) = (bound.inputs[0], bound.inputs[1], bound.inputs[2])
    let isOutputsFirst = rule.layout == .outputsFirst
    let values = hone_updated_norms_arguments(
      w: w.matrix, a: a.floats, b: b.floats, norms: bound.outputs[0].mutableFloats,
      outputs: b.rows, inputs: isOutputsFirst ? w.columns : w.rows, rank: b.columns,
      scale: rule.scale, outputs_first: isOutputsFirst ? 1 : 0,
      a_is_tall: rule.layout == .table ? 1 : 0, workspace: bound.scratch)
    return Kernel(function: hone_updated_norms, arguments: keep(values))
  }

  /// `x, m, d` to the scaled columns.
  func scaleColumns(_ bound: BoundOperation) -> Kernel {
    let x = bound.inputs[0]
    let values = hone_scale_columns_arguments(
      x: x.floats, m: bound.inputs[1].floats, d: bound.inputs[2].floats,
      y: bound.outputs[0].mutableFloats, rows: x.rows, columns: x.columns)
    return Kernel(function: hone_scale_columns, arguments: keep(values))
  }

  /// `x, d, dy` to the gradient of the lengths.
  func scaleColumnsGradient(_ bound: BoundOperation) -> Kernel {
    let (x, dm) = (bound.inputs[0], bound.outputs[0])
    let values = hone_scale_columns_gradient_arguments(
      x: x.floats, d: bound.inputs[1].floats, dy: bound.inputs[2].floats, dm: dm.mutableFloats,
      rows: x.rows, columns: x.columns, accumulate: dm.accumulates)
    return Kernel(function: hone_scale_columns_gradient, arguments: keep(values))
  }
}
