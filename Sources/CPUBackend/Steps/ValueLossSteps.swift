import CKernels
import Tensors

extension ArgumentStore {
  /// `predictions, values, weights, scale` to `loss[, gradient]`.
  func valueLoss(_ rule: ValueLoss, _ bound: BoundOperation) -> Kernel {
    let (inputs, outputs) = (bound.inputs, bound.outputs)
    let gradient = rule.gradientOfPredictions ? outputs[1] : nil
    let function =
      switch rule.function {
      case .squaredError: HONE_SQUARED_ERROR
      case .binaryCrossEntropyWithLogits: HONE_BINARY_CROSS_ENTROPY
      }
    let values = hone_value_loss_arguments(
      function: function, predictions: inputs[0].floats, values: inputs[1].floats,
      weights: inputs[2].floats, scale: inputs[3].floats, loss: outputs[0].mutableFloats,
      gradient: gradient?.mutableFloats, count: inputs[0].count,
      accumulate_loss: outputs[0].accumulates, accumulate_gradient: gradient?.accumulates ?? 0,
      workspace: bound.scratch)
    return Kernel(function: hone_value_loss, arguments: keep(values))
  }
}
