import CKernels
import Tensors

extension ArgumentStore {
  /// `gate` or `gate, up` to `y`.
  func activation(_ function: ActivationFunction, _ bound: BoundOperation) -> Kernel {
    let (inputs, y) = (bound.inputs, bound.outputs[0])
    let values = hone_activation_arguments(
      function: function.kernel, gate: inputs[0].floats,
      up: inputs.count > 1 ? inputs[1].floats : nil, y: y.mutableFloats, count: y.count)
    return Kernel(function: hone_activation, arguments: keep(values))
  }

  /// `gate, dy` to `dgate`, or `gate, up, dy` to `dgate, dup`.
  func activationGradient(_ function: ActivationFunction, _ bound: BoundOperation) -> Kernel {
    let (inputs, outputs) = (bound.inputs, bound.outputs)
    let isGated = inputs.count > 2
    let values = hone_activation_gradient_arguments(
      function: function.kernel, gate: inputs[0].floats, up: isGated ? inputs[1].floats : nil,
      dy: inputs[isGated ? 2 : 1].floats, dgate: outputs[0].mutableFloats,
      dup: isGated ? outputs[1].mutableFloats : nil, count: inputs[0].count)
    return Kernel(function: hone_activation_gradient, arguments: keep(values))
  }
}

extension ActivationFunction {
  fileprivate var kernel: hone_function {
    switch self {
    case .silu: HONE_SILU
    case .gelu: HONE_GELU
    case .geluTanh: HONE_GELU_TANH
    case .relu: HONE_RELU
    case .tanh: HONE_TANH
    }
  }
}
