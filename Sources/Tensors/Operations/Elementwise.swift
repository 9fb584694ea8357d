/// `y = a + b`, shapes equal.
package struct Add: OperationRule {
  package init() {}
  package var name: String { "add" }
  package var inPlace: [InPlacePair] {
    [InPlacePair(output: 0, input: 0), InPlacePair(output: 0, input: 1)]
  }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectPair(inputs)
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    for input in operation.inputs {
      try context.contribute(dy, to: input, label: operation.label)
    }
  }
}

/// `y = a · b` by elements, shapes equal.
package struct Multiply: OperationRule {
  package init() {}
  package var name: String { "multiply" }
  package var inPlace: [InPlacePair] {
    [InPlacePair(output: 0, input: 0), InPlacePair(output: 0, input: 1)]
  }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectPair(inputs)
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    let (a, b) = (operation.inputs[0], operation.inputs[1])
    for (value, other) in [(a, b), (b, a)] where context.needsGradient(value) {
      try context.contribute(
        .multiply(Multiply()), [dy, try context.kept(other)], to: value, label: operation.label)
    }
  }
}

/// `y = factor · x`.
package struct Scale: OperationRule {
  package let factor: Float

  package init(_ factor: Float) { self.factor = factor }
  package var name: String { "scale" }
  package var inPlace: [InPlacePair] { [InPlacePair(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 1)
    try expectType(inputs[0], .float32)
    return inputs
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    try context.contribute(.scale(self), [dy], to: operation.inputs[0], label: operation.label)
  }
}

/// `gradient += x`: the plain way into a gradient, for operations that cannot add by themselves.
package struct Accumulate: OperationRule {
  package init() {}
  package var name: String { "accumulate" }
  package var accumulates: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 1)
    try expectType(inputs[0], .float32)
    return inputs
  }
}

/// `y = x + b` on every row; `x` and `y` are `(N, O)`, `b` is `(O)`, or `(1, O)` where it is frozen.
package struct AddBias: OperationRule {
  package init() {}
  package var name: String { "add-bias" }
  package var inPlace: [InPlacePair] { [InPlacePair(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    try expectRank(inputs[0], 2)
    try expectType(inputs[0], .float32)
    try expectWeight(inputs[1])
    try expectBias(inputs[1].shape, columns: inputs[0].shape[1])
    return [inputs[0]]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    try context.contribute(dy, to: operation.inputs[0], label: operation.label)
    if context.needsGradient(operation.inputs[1]) {
      try context.contribute(
        .columnSum(ColumnSum()), [dy], to: operation.inputs[1], label: operation.label)
    }
  }
}

/// `y[o] = Σₙ x[n, o]`; `x` is `(N, O)`, `y` is `(O)`.
package struct ColumnSum: OperationRule {
  package init() {}
  package var name: String { "column-sum" }
  package var accumulates: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 1)
    try expectRank(inputs[0], 2)
    try expectType(inputs[0], .float32)
    return [ValueType(Shape(inputs[0].shape[1]))]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    inputs[0].shape.count
  }
}

/// Inverted dropout: keeps an element with probability `1 − rate` and divides it by that.
///
/// The mask is a function of (seed, stream, step, element), so the backward pass is the same
/// operation on the gradient and the result is computed anew instead of kept.
package struct Dropout: OperationRule {
  package let rate: Float
  /// The name of the random stream.
  package let stream: String

  package init(rate: Float, stream: String) {
    self.rate = rate
    self.stream = stream
  }

  package var name: String { "dropout" }
  package var isRecomputed: Bool { true }
  package var inPlace: [InPlacePair] { [InPlacePair(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 1)
    try expectType(inputs[0], .float32)
    try checkRate()
    return inputs
  }

  /// Throws for a rate that no element would be left of.
  func checkRate() throws(ProgramError) {
    if rate >= 0 && rate < 1 { return }
    throw .invalidAttribute(operation: name, reason: "rate \(rate) is not in [0, 1)")
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    try context.contribute(.dropout(self), [dy], to: operation.inputs[0], label: operation.label)
  }
}

extension OperationRule {
  /// A bias is a vector, or a matrix of one row as buffers store it.
  func expectBias(_ bias: Shape, columns: Int) throws(ProgramError) {
    if bias != Shape(1, columns) { try expectEqual(bias, Shape(columns)) }
  }

  /// Two float32 operands of one shape give one result of it.
  func expectPair(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    try expectType(inputs[0], .float32)
    try expectType(inputs[1], .float32)
    try expectEqual(inputs[0].shape, inputs[1].shape)
    return [inputs[0]]
  }
}
