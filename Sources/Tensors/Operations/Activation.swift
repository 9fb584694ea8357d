/// The functions that act on one number.
package enum ActivationFunction: String, CaseIterable, Hashable, Sendable {
  /// `x · σ(x)`.
  case silu
  /// `x · Φ(x)` with the error function.
  case gelu
  /// `x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))`.
  case geluTanh = "gelu_tanh"
  case relu
  case tanh
}

/// `y = f(x)` by elements.
package struct Activation: OperationRule {
  package let function: ActivationFunction

  package init(_ function: ActivationFunction) { self.function = function }
  package var name: String { "activation" }
  package var isRecomputed: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 1)
    try expectType(inputs[0], .float32)
    return inputs
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    try context.contribute(
      .activationGradient(ActivationGradient(function)),
      [try context.kept(operation.inputs[0]), dy], to: operation.inputs[0], label: operation.label)
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    4 * inputs[0].shape.count
  }
}

/// `dx = f′(x) · dy` by elements; operands `x, dy`.
package struct ActivationGradient: OperationRule {
  package let function: ActivationFunction

  package init(_ function: ActivationFunction) { self.function = function }
  package var name: String { "activation-gradient" }
  package var inPlace: [InPlacePair] {
    [InPlacePair(output: 0, input: 1), InPlacePair(output: 0, input: 0)]
  }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectPair(inputs)
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    6 * inputs[0].shape.count
  }
}

/// `y = f(gate) · up` by elements: SwiGLU's middle when `f` is SiLU.
///
/// Source: Shazeer 2020, arXiv 2002.05202.
package struct GatedActivation: OperationRule {
  package let function: ActivationFunction

  package init(_ function: ActivationFunction) { self.function = function }
  package var name: String { "gated-activation" }
  package var isRecomputed: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectPair(inputs)
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    let gate = try context.kept(operation.inputs[0])
    let up = try context.kept(operation.inputs[1])
    let gradients = try context.append(
      .gatedActivationGradient(GatedActivationGradient(function)), [gate, up, dy],
      label: operation.label)
    for (gradient, input) in zip(gradients, operation.inputs) {
      try context.contribute(gradient, to: input, label: operation.label)
    }
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    5 * inputs[0].shape.count
  }
}

/// `dgate = f′(gate) · up · dy` and `dup = f(gate) · dy`; operands `gate, up, dy`.
package struct GatedActivationGradient: OperationRule {
  package let function: ActivationFunction

  package init(_ function: ActivationFunction) { self.function = function }
  package var name: String { "gated-activation-gradient" }
  package var inPlace: [InPlacePair] {
    [InPlacePair(output: 0, input: 0), InPlacePair(output: 1, input: 1)]
  }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 3)
    for input in inputs {
      try expectType(input, .float32)
      try expectEqual(input.shape, inputs[0].shape)
    }
    return [inputs[0], inputs[0]]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    9 * inputs[0].shape.count
  }
}
