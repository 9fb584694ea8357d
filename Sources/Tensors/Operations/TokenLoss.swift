/// The summed cross-entropy of a vocabulary projection, with its gradients made on the way.
///
/// `loss = scale · Σₙ −log softmax(x[n]·wᵀ + b)[targets[n]]` over the rows whose target is not −1.
///
/// With a soft cap `c`, logits `z` become `c·tanh(z/c)` first.
///
/// Operands: hidden states `x (N, D)`, the head's weight `w (V, D)`, targets int32 `(N)`, `scale (1)` and
/// optionally a bias `b (V)` or `(1, V)`. Results: `loss (1)`, then `dx (N, D)` when `gradientOfHidden`,
/// then `dw (V, D)` when `gradientOfWeight` and `db` when `gradientOfBias` (added into gradients). The logits never exist as a whole: backends work by
/// blocks of rows, skip the rows without a target (their `dx` is zero), and reuse the block for the
/// gradient. The operation is the root of differentiation: its own gradient is one, and it cannot
/// stand in the way of another root.
package struct TokenLoss: OperationRule {
  package var gradientOfHidden: Bool
  package var gradientOfWeight: Bool
  package var gradientOfBias: Bool
  /// The bound of logits; nil leaves them as they are.
  package let softCap: Float?

  package init(
    gradientOfHidden: Bool = false, gradientOfWeight: Bool = false, gradientOfBias: Bool = false,
    softCap: Float? = nil
  ) {
    self.gradientOfBias = gradientOfBias
    self.softCap = softCap
    self.gradientOfHidden = gradientOfHidden
    self.gradientOfWeight = gradientOfWeight
  }

  package var name: String { "token-loss" }
  package var accumulates: Bool { true }
  /// Whether any gradient is made.
  package var hasGradient: Bool { gradientOfHidden || gradientOfWeight || gradientOfBias }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    if inputs.count != 5 || gradientOfBias { try expectCount(inputs, gradientOfBias ? 5 : 4) }
    try expectRank(inputs[0], 2)
    try expectRank(inputs[1], 2)
    try expectType(inputs[0], .float32)
    try expectWeight(inputs[1])
    try expectType(inputs[2], .int32)
    try expectType(inputs[3], .float32)
    if inputs[0].shape[1] != inputs[1].shape[1] {
      throw .shapeMismatch(operation: name, inputs[0].shape, inputs[1].shape)
    }
    try expectEqual(inputs[2].shape, Shape(inputs[0].shape[0]))
    try expectEqual(inputs[3].shape, Shape(1))
    if inputs.count == 5 {
      try expectWeight(inputs[4])
      try expectBias(inputs[4].shape, columns: inputs[1].shape[0])
    }
    if let softCap, !(softCap > 0) {
      throw .invalidAttribute(operation: name, reason: "a soft cap of \(softCap)")
    }
    var outputs = [ValueType(Shape(1))]
    if gradientOfHidden { outputs.append(ValueType(inputs[0].shape)) }
    if gradientOfWeight { outputs.append(ValueType(inputs[1].shape)) }
    if gradientOfBias { outputs.append(ValueType(inputs[4].shape)) }
    return outputs
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    if context.needsGradient(operation.inputs[3])
      || context.gradient(of: operation.outputs[0]) != nil || operation.outputs.count > 1
    {
      throw .notDifferentiable(operation: name)
    }
    var rule = self
    for (input, path) in [
      (0, \TokenLoss.gradientOfHidden), (1, \TokenLoss.gradientOfWeight),
      (4, \TokenLoss.gradientOfBias),
    ] where input < operation.inputs.count {
      let value = operation.inputs[input]
      guard context.needsGradient(value) else { continue }
      rule[keyPath: path] = true
      context.addForwardGradient(of: value, toOperationAt: index, kind: .tokenLoss(rule))
    }
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    let product = 2 * inputs[0].shape.count * inputs[1].shape[0]
    return product * (1 + (gradientOfHidden ? 1 : 0) + (gradientOfWeight ? 1 : 0))
  }
}
