/// The lengths of a weight's output vectors after a low-rank update: what DoRA divides by.
///
/// `n[o] = ‖w[o] + scale · Σᵣ b[o, r]·a[r]‖₂` over the inputs. Operands: the weight, `a`, `b (O, r)`;
/// the result is `(O)`. It carries no gradient: PEFT holds it constant in the backward pass.
/// Source: Liu et al. 2024, arXiv 2402.09353, section 4.3.
package struct UpdatedNorms: OperationRule {
  /// How the weight and `a` lie in memory.
  package enum Layout: Hashable, Sendable {
    /// `w (O, I)`, `a (r, I)`: a linear.
    case outputsFirst
    /// `w (I, O)`, `a (r, I)`: a linear that stores inputs first.
    case inputsFirst
    /// `w (V, O)`, `a (V, r)`: an embedding.
    case table
  }

  package let layout: Layout
  package let scale: Float

  package init(layout: Layout, scale: Float) {
    self.layout = layout
    self.scale = scale
  }

  package var name: String { "updated-norms" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 3)
    for input in inputs { try expectRank(input, 2) }
    try expectWeight(inputs[0])
    try expectType(inputs[1], .float32)
    try expectType(inputs[2], .float32)
    let (w, b) = (inputs[0].shape, inputs[2].shape)
    let isOutputsFirst = layout == .outputsFirst
    let (outputs, count) = isOutputsFirst ? (w[0], w[1]) : (w[1], w[0])
    try expectEqual(b, Shape(outputs, b[1]))
    try expectEqual(
      inputs[1].shape, layout == .table ? Shape(count, b[1]) : Shape(b[1], count))
    return [ValueType(Shape(outputs))]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    2 * inputs[0].shape.count * (inputs[2].shape[1] + 1)
  }
}

/// `y[n, o] = x[n, o] · m[o] / d[o]`: columns brought to another length.
///
/// Shapes: `x` and `y` are `(N, O)`, `m` and `d` are `(O)`. `d` is held constant in the backward pass.
package struct ScaleColumns: OperationRule {
  package init() {}
  package var name: String { "scale-columns" }
  package var inPlace: [InPlacePair] { [InPlacePair(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 3)
    try expectRank(inputs[0], 2)
    for input in inputs { try expectType(input, .float32) }
    let columns = Shape(inputs[0].shape[1])
    try expectEqual(inputs[1].shape, columns)
    try expectEqual(inputs[2].shape, columns)
    return [inputs[0]]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    let (x, m, d) = (operation.inputs[0], operation.inputs[1], operation.inputs[2])
    if context.needsGradient(m) {
      try context.contribute(
        .scaleColumnsGradient(ScaleColumnsGradient()), [try context.kept(x), d, dy], to: m,
        label: operation.label)
    }
    try context.contribute(.scaleColumns(self), [dy, m, d], to: x, label: operation.label)
  }
}

/// `dm[o] = Σₙ x[n, o]·dy[n, o] / d[o]`: the gradient of the lengths in ``ScaleColumns``.
///
/// Operands: `x (N, O)`, `d (O)`, `dy (N, O)`.
package struct ScaleColumnsGradient: OperationRule {
  package init() {}
  package var name: String { "scale-columns-gradient" }
  package var accumulates: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 3)
    try expectRank(inputs[0], 2)
    for input in inputs { try expectType(input, .float32) }
    try expectEqual(inputs[0].shape, inputs[2].shape)
    try expectEqual(inputs[1].shape, Shape(inputs[0].shape[1]))
    return [ValueType(inputs[1].shape)]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    2 * inputs[0].shape.count
  }
}
