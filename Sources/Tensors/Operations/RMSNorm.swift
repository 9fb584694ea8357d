/// Root-mean-square normalisation: `y = x · r · w` with `r = 1 / √(mean(x²) + ε)` a row.
///
/// Shapes: `x (N, D)`, `w (D)`; results `y (N, D)` and `r (N)`.
/// Source: Zhang and Sennrich 2019, arXiv 1910.07467.
package struct RMSNorm: OperationRule {
  package let epsilon: Float

  package init(epsilon: Float) { self.epsilon = epsilon }
  package var name: String { "rms-norm" }
  package var isRecomputed: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    try expectRank(inputs[0], 2)
    try expectType(inputs[0], .float32)
    try expectWeight(inputs[1])
    try expectEqual(inputs[1].shape, Shape(inputs[0].shape[1]))
    return [inputs[0], ValueType(Shape(inputs[0].shape[0]))]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    if context.gradient(of: operation.outputs[1]) != nil {
      throw .notDifferentiable(operation: name)
    }
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    let (x, w) = (operation.inputs[0], operation.inputs[1])
    let source = try context.kept(x)
    if context.needsGradient(w) {
      try context.contribute(
        .rmsNormWeightGradient(RMSNormWeightGradient()), [source, operation.outputs[1], dy], to: w,
        label: operation.label)
    }
    if context.needsGradient(x) {
      try context.contribute(
        .rmsNormGradient(RMSNormGradient()), [source, w, operation.outputs[1], dy], to: x,
        label: operation.label)
    }
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    4 * inputs[0].shape.count
  }
}

/// `dx = r · (w·dy − x · r² · mean(x·w·dy)) [+ addend]`.
///
/// Operands: `x (N, D)`, `w (D)`, `r (N)`, `dy (N, D)` and optionally an addend `(N, D)`.
package struct RMSNormGradient: OperationRule {
  package init() {}
  package var name: String { "rms-norm-gradient" }
  package var addendIndex: Int? { 4 }
  package var inPlace: [InPlacePair] {
    [InPlacePair(output: 0, input: 4), InPlacePair(output: 0, input: 3)]
  }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    if inputs.count != 5 { try expectCount(inputs, 4) }
    try expectRank(inputs[0], 2)
    try expectType(inputs[0], .float32)
    try expectWeight(inputs[1])
    for input in inputs[2...] { try expectType(input, .float32) }
    try expectEqual(inputs[1].shape, Shape(inputs[0].shape[1]))
    try expectEqual(inputs[2].shape, Shape(inputs[0].shape[0]))
    for input in inputs[3...] { try expectEqual(input.shape, inputs[0].shape) }
    return [inputs[0]]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    7 * inputs[0].shape.count
  }
}

/// `dw[d] = Σₙ dy[n, d] · x[n, d] · r[n]`; operands `x (N, D)`, `r (N)`, `dy (N, D)`.
package struct RMSNormWeightGradient: OperationRule {
  package init() {}
  package var name: String { "rms-norm-weight-gradient" }
  package var accumulates: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 3)
    try expectRank(inputs[0], 2)
    for input in inputs { try expectType(input, .float32) }
    try expectEqual(inputs[1].shape, Shape(inputs[0].shape[0]))
    try expectEqual(inputs[2].shape, inputs[0].shape)
    return [ValueType(Shape(inputs[0].shape[1]))]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    3 * inputs[0].shape.count
  }
}
