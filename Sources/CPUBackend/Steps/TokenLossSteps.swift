import CKernels
import Tensors

extension ArgumentStore {
  /// `x, w, targets, scale[, bias]` to `loss[, dx][, dw][, dbias]`.
  func tokenLoss(_ rule: TokenLoss, _ bound: BoundOperation) -> Kernel {
    let (inputs, outputs) = (bound.inputs, bound.outputs)
    var gradients = outputs.dropFirst()
    let dx = rule.gradientOfHidden ? gradients.popFirst() : nil
    let dw = rule.gradientOfWeight ? gradients.popFirst() : nil
    let dbias = rule.gradientOfBias ? gradients.popFirst() : nil
    let values = hone_token_loss_arguments(
      x: inputs[0].floats, w: inputs[1].matrix,
      bias: inputs.count > 4 ? inputs[4].weight : hone_weight(data: nil, is_bfloat16: 0),
      targets: inputs[2].integers,
      scale: inputs[3].floats, loss: outputs[0].mutableFloats, dx: dx?.mutableFloats,
      dw: dw?.mutableFloats, dbias: dbias?.mutableFloats, rows: inputs[0].rows,
      width: inputs[0].columns,
      vocabulary: inputs[1].rows, accumulate_loss: outputs[0].accumulates,
      accumulate_dx: dx?.accumulates ?? 0, accumulate_dw: dw?.accumulates ?? 0,
      accumulate_dbias: dbias?.accumulates ?? 0,
      soft_cap: rule.softCap ?? 0,
      workspace: bound.scratch)
    let targets = IndexOperand(
      pointer: inputs[2].integers, count: inputs[2].shape.count, limit: inputs[1].shape[0],
      meaning: .targets)
    return Kernel(function: hone_token_loss, arguments: keep(values), indices: targets)
  }
}
