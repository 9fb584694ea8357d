import CKernels
import Tensors

extension ArgumentStore {
  /// `x, w` to `y` and the statistics.
  func rmsNorm(_ rule: RMSNorm, _ bound: BoundOperation) -> Kernel {
    let (x, w) = (bound.inputs[0], bound.inputs[1])
    let values = hone_rms_norm_arguments(
      x: x.floats, w: w.weight, y: bound.outputs[0].mutableFloats,
      r: bound.outputs[1].mutableFloats, rows: x.count / max(1, w.count), columns: w.count,
      epsilon: rule.epsilon, weight_offset: rule.weightOffset, centers: rule.centers ? 1 : 0,
      workspace: bound.scratch)
    return Kernel(function: hone_rms_norm, arguments: keep(values))
  }

  /// `x, w, statistics, dy[, addend]` to `dx`.
  func rmsNormGradient(_ rule: RMSNormGradient, _ bound: BoundOperation) -> Kernel {
    let inputs = bound.inputs
    let values = hone_rms_norm_gradient_arguments(
      x: inputs[0].floats, w: inputs[1].weight, r: inputs[2].floats, dy: inputs[3].floats,
      addend: inputs.count > 4 ? inputs[4].floats : nil, dx: bound.outputs[0].mutableFloats,
      rows: inputs[0].count / max(1, inputs[1].count), columns: inputs[1].count,
      weight_offset: rule.weightOffset, centers: rule.centers ? 1 : 0, workspace: bound.scratch)
    return Kernel(function: hone_rms_norm_gradient, arguments: keep(values))
  }

  /// `x, statistics, dy` to `dw`.
  func rmsNormWeightGradient(_ rule: RMSNormWeightGradient, _ bound: BoundOperation) -> Kernel {
    let (x, dw) = (bound.inputs[0], bound.outputs[0])
    let values = hone_rms_norm_weight_gradient_arguments(
      x: x.floats, r: bound.inputs[1].floats, dy: bound.inputs[2].floats, dw: dw.mutableFloats,
      rows: bound.inputs[1].rows, columns: dw.count, centers: rule.centers ? 1 : 0,
      accumulate: dw.accumulates)
    return Kernel(function: hone_rms_norm_weight_gradient, arguments: keep(values))
  }

  /// Positions to cosines and sines.
  func rotaryTable(_ rule: RotaryTable, _ bound: BoundOperation) -> Kernel {
    let values = hone_rotary_table_arguments(
      positions: bound.inputs[0].integers, inverse_frequencies: keep(rule.inverseFrequencies),
      table: bound.outputs[0].mutableFloats, rows: bound.inputs[0].rows,
      frequencies: Int64(rule.inverseFrequencies.count), scaling: rule.attentionScaling)
    return Kernel(function: hone_rotary_table, arguments: keep(values))
  }

  /// `x, table` to `y`.
  func rotary(_ rule: Rotary, _ bound: BoundOperation) -> Kernel {
    let (x, table) = (bound.inputs[0], bound.inputs[1])
    let values = hone_rotary_arguments(
      x: x.floats, table: table.floats, y: bound.outputs[0].mutableFloats, rows: x.rows,
      heads: x.columns / max(1, rule.headDimension.map(Int64.init) ?? table.columns),
      frequencies: table.columns / 2, width: rule.headDimension.map(Int64.init) ?? table.columns,
      inverse: rule.inverse ? 1 : 0)
    return Kernel(function: hone_rotary, arguments: keep(values))
  }
}
