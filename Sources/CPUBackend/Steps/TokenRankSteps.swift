import CKernels
import Tensors

extension ArgumentStore {
  /// `x, w, targets[, bias]` to the likeliest tokens and the targets' ranks.
  func tokenRank(_ bound: BoundOperation) -> Kernel {
    let inputs = bound.inputs
    let values = hone_token_rank_arguments(
      x: inputs[0].floats, w: inputs[1].matrix, targets: inputs[2].integers,
      bias: inputs.count > 3 ? inputs[3].floats : nil, y: bound.outputs[0].mutableFloats,
      rows: inputs[0].rows, width: inputs[0].columns, vocabulary: inputs[1].rows,
      workspace: bound.scratch)
    let targets = IndexOperand(
      pointer: inputs[2].integers, count: inputs[2].shape.count, limit: inputs[1].shape[0],
      meaning: .targets)
    return Kernel(function: hone_token_rank, arguments: keep(values), indices: targets)
  }
}
