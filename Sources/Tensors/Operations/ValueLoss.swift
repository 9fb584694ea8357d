/// The summed loss of numbers against given values, with its gradient made on the way.
///
/// `loss = scale · Σₙₖ weights[n, k] · f(predictions[n, k], values[n, k])` over the cells whose weight
/// is not zero; others are not read, whatever they hold.
///
/// Operands: `predictions (N, K)`, `values (N, K)`, `weights (N, K)` and `scale (1)`, all float32.
/// Results: `loss (1)`, then `dp (N, K)` when `gradientOfPredictions`. The operation is a root of
/// differentiation as ``TokenLoss`` is: its own gradient is one, and it cannot stand in the way of
/// another root.
package struct ValueLoss: OperationRule {
  /// What is summed.
  package enum Function: String, CaseIterable, Hashable, Sendable {
    /// `(p − v)²`.
    case squaredError = "squared-error"
    /// `max(p, 0) − p·v + ln(1 + e^−|p|)`: the cross-entropy of `σ(p)`, for `v` in [0, 1].
    ///
    /// Source: PyTorch, `binary_cross_entropy_with_logits`.
    case binaryCrossEntropyWithLogits = "binary-cross-entropy"
  }

  package let function: Function
  package var gradientOfPredictions: Bool

  package init(_ function: Function, gradientOfPredictions: Bool = false) {
    self.function = function
    self.gradientOfPredictions = gradientOfPredictions
  }

  package var name: String { "value-loss" }
  package var accumulates: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 4)
    for input in inputs { try expectType(input, .float32) }
    try expectRank(inputs[0], 2)
    try expectEqual(inputs[1].shape, inputs[0].shape)
    try expectEqual(inputs[2].shape, inputs[0].shape)
    try expectEqual(inputs[3].shape, Shape(1))
    return [ValueType(Shape(1))] + (gradientOfPredictions ? [inputs[0]] : [])
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    if operation.inputs.dropFirst().contains(where: { context.needsGradient($0) })
      || context.gradient(of: operation.outputs[0]) != nil || operation.outputs.count > 1
    {
      throw .notDifferentiable(operation: name)
    }
    guard context.needsGradient(operation.inputs[0]) else { return }
    let rule = ValueLoss(function, gradientOfPredictions: true)
    context.addForwardGradient(
      of: operation.inputs[0], toOperationAt: index, kind: .valueLoss(rule))
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    8 * inputs[0].shape.count
  }
}
