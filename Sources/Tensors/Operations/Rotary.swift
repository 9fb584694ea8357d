/// The cosines and sines of rotary positions: row `n` is `cos(p·fᵢ)·s` for all `i`, then the sines.
///
/// Positions are int32 `(N)`; the result is `(N, 2·F)` for `F` frequencies (half a head's width).
/// Source: Su et al. 2021, arXiv 2104.09864.
package struct RotaryTable: OperationRule {
  /// Radians a position, one a pair of dimensions, after the model's rope scaling.
  package let inverseFrequencies: [Float]
  /// What cosines and sines are multiplied by.
  package let attentionScaling: Float

  package init(inverseFrequencies: [Float], attentionScaling: Float = 1) {
    self.inverseFrequencies = inverseFrequencies
    self.attentionScaling = attentionScaling
  }

  package var name: String { "rotary-table" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 1)
    try expectRank(inputs[0], 1)
    try expectType(inputs[0], .int32)
    return [ValueType(Shape(inputs[0].shape[0], 2 * inverseFrequencies.count))]
  }
}

/// Rotates the pairs `(xᵢ, xᵢ₊F)` of every head by the angles of ``RotaryTable`` (backwards when
/// `inverse`), the pairing of transformers' `rotate_half`.
///
/// Shapes: `x (N, H·D)` and the table `(N, 2F)` give `(N, H·D)`, with `D = 2F` where no width is
/// given; of wider heads the numbers behind the first `2F` stay as they are.
package struct Rotary: OperationRule {
  package let inverse: Bool
  /// The width of a head, nil for the table's.
  package let headDimension: Int?

  package init(inverse: Bool = false, headDimension: Int? = nil) {
    self.inverse = inverse
    self.headDimension = headDimension
  }

  package var name: String { "rotary" }
  package var inPlace: [InPlacePair] { [InPlacePair(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    try expectRank(inputs[0], 2)
    try expectRank(inputs[1], 2)
    try expectType(inputs[0], .float32)
    try expectType(inputs[1], .float32)
    try expectEqual(Shape(inputs[0].shape[0]), Shape(inputs[1].shape[0]))
    let width = inputs[1].shape[1]
    let head = headDimension ?? width
    if width < 2 || !width.isMultiple(of: 2) || head < width
      || !inputs[0].shape[1].isMultiple(of: head)
    {
      throw .shapeMismatch(operation: name, inputs[0].shape, inputs[1].shape)
    }
    return [inputs[0]]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    if context.needsGradient(operation.inputs[1]) { throw .notDifferentiable(operation: name) }
    try context.contribute(
      .rotary(Rotary(inverse: !inverse, headDimension: headDimension)),
      [dy, operation.inputs[1]], to: operation.inputs[0], label: operation.label)
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    3 * inputs[0].shape.count
  }
}
