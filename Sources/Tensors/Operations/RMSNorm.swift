/// Root-mean-square normalisation: `y = x · r · (offset + w)` with `r = 1 / √(mean(x²) + ε)`; where
/// `centers`, layer normalisation: the mean of `x` is taken off first.
///
/// Normalises stretches of `D` elements, whole rows or the heads of a row. Shapes: `x (N, H·D)`,
/// `w (D)`; results `y (N, H·D)` and `r (N·H)`; where `centers`, `r` and the mean, `(N·H, 2)`.
/// Source: Zhang and Sennrich 2019, arXiv 1910.07467; Ba et al. 2016, arXiv 1607.06450.
package struct RMSNorm: OperationRule {
  package let epsilon: Float
  /// Whether the mean is taken off: layer normalisation without its bias.
  package let centers: Bool
  /// What is added to the weight: 1 in Gemma.
  package let weightOffset: Float

  package init(epsilon: Float, centers: Bool = false, weightOffset: Float = 0) {
    self.epsilon = epsilon
    self.centers = centers
    self.weightOffset = weightOffset
  }

  package var name: String { centers ? "layer-norm" : "rms-norm" }
  package var isRecomputed: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    let statistics = try expectStretches(inputs[0], weight: inputs[1], centers: centers)
    return [inputs[0], ValueType(statistics)]
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
        .rmsNormWeightGradient(RMSNormWeightGradient(centers: centers)),
        [source, operation.outputs[1], dy], to: w, label: operation.label)
    }
    if context.needsGradient(x) {
      let rule = RMSNormGradient(centers: centers, weightOffset: weightOffset)
      try context.contribute(
        .rmsNormGradient(rule), [source, w, operation.outputs[1], dy], to: x,
        label: operation.label)
    }
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    (centers ? 7 : 4) * inputs[0].shape.count
  }
}

/// `dx = r · (g − x̂ · mean(x̂·g)) [+ addend]` with `g = (offset + w) · dy` and `x̂ = x · r`; where
/// `centers`, `x̂ = (x − mean) · r`, and the mean of `g` is taken off `g`.
///
/// Operands: `x (N, H·D)`, `w (D)`, the statistics, `dy (N, H·D)` and optionally an addend `(N, H·D)`.
package struct RMSNormGradient: OperationRule {
  package let centers: Bool
  package let weightOffset: Float

  package init(centers: Bool = false, weightOffset: Float = 0) {
    self.centers = centers
    self.weightOffset = weightOffset
  }

  package var name: String { centers ? "layer-norm-gradient" : "rms-norm-gradient" }
  package var addendIndex: Int? { 4 }
  package var inPlace: [InPlacePair] {
    [InPlacePair(output: 0, input: 4), InPlacePair(output: 0, input: 3)]
  }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    if inputs.count != 5 { try expectCount(inputs, 4) }
    let statistics = try expectStretches(inputs[0], weight: inputs[1], centers: centers)
    for input in inputs[2...] { try expectType(input, .float32) }
    try expectEqual(inputs[2].shape, statistics)
    for input in inputs[3...] { try expectEqual(input.shape, inputs[0].shape) }
    return [inputs[0]]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    (centers ? 10 : 7) * inputs[0].shape.count
  }
}

/// `dw[d] = Σₙ dy[n, d] · x̂[n, d]` over all stretches; operands `x (N, H·D)`, the statistics, `dy`.
package struct RMSNormWeightGradient: OperationRule {
  package let centers: Bool

  package init(centers: Bool = false) { self.centers = centers }
  package var name: String { centers ? "layer-norm-weight-gradient" : "rms-norm-weight-gradient" }
  package var accumulates: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 3)
    try expectRank(inputs[0], 2)
    for input in inputs { try expectType(input, .float32) }
    let count = inputs[0].shape.count
    let stretches = inputs[1].shape.rank > 0 ? inputs[1].shape[0] : 0
    if stretches < 1 || !count.isMultiple(of: stretches)
      || !stretches.isMultiple(of: max(1, inputs[0].shape[0]))
    {
      throw .shapeMismatch(operation: name, inputs[0].shape, inputs[1].shape)
    }
    try expectEqual(inputs[1].shape, centers ? Shape(stretches, 2) : Shape(stretches))
    try expectEqual(inputs[2].shape, inputs[0].shape)
    return [ValueType(Shape(count / stretches))]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    3 * inputs[0].shape.count
  }
}

extension OperationRule {
  /// Checks that the rows of `x` are whole stretches of the weight's length; returns the shape of
  /// their statistics.
  fileprivate func expectStretches(_ x: ValueType, weight: ValueType, centers: Bool)
    throws(ProgramError) -> Shape
  {
    try expectRank(x, 2)
    try expectType(x, .float32)
    try expectWeight(weight)
    try expectRank(weight, 1)
    let width = weight.shape[0]
    if width < 1 || !x.shape[1].isMultiple(of: width) {
      throw .shapeMismatch(operation: name, x.shape, weight.shape)
    }
    let stretches = x.shape.count / width
    return centers ? Shape(stretches, 2) : Shape(stretches)
  }
}
