/// What the language of programs knows of one operation, apart from how to compute it.
package protocol OperationRule: Hashable, Sendable {
  /// The name in messages and profiles.
  var name: String { get }

  /// The types of the results for operands of these types.
  ///
  /// - Throws: ``ProgramError`` when the operands do not fit.
  func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType]

  /// Appends what carries the gradient of `operation`'s results to its operands.
  ///
  /// - Throws: ``ProgramError/notDifferentiable(operation:)`` for an operation that has no gradient.
  func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError)

  /// The floating-point operations, a multiply and an add counting as two.
  func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int

  /// The same where a position's row has `keysPerQuery` positions on average, several rows standing in one
  /// batch row; nil is a row of the whole length.
  func floatingPointOperations(
    inputs: [ValueType], outputs: [ValueType], keysPerQuery: Double?
  ) -> Int

  /// Results that may take the place of an operand that nobody reads afterwards.
  var inPlace: [InPlacePair] { get }

  /// Whether the operation can add its one result into a gradient by itself.
  var accumulates: Bool { get }

  /// The operand that is added to the result when given, nil where the rule has none.
  var addendIndex: Int? { get }

  /// Whether the backward pass computes the result anew instead of keeping it.
  var isRecomputed: Bool { get }
}

/// A result and the operand whose memory it may take.
package struct InPlacePair: Hashable, Sendable {
  package let output: Int
  package let input: Int
}

extension OperationRule {
  package var inPlace: [InPlacePair] { [] }
  package var accumulates: Bool { false }
  package var addendIndex: Int? { nil }
  package var isRecomputed: Bool { false }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    throw .notDifferentiable(operation: name)
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    outputs.reduce(0) { $0 + $1.shape.count }
  }

  package func floatingPointOperations(
    inputs: [ValueType], outputs: [ValueType], keysPerQuery: Double?
  ) -> Int {
    floatingPointOperations(inputs: inputs, outputs: outputs)
  }

  func expectCount(_ inputs: [ValueType], _ count: Int) throws(ProgramError) {
    if inputs.count != count {
      throw .operandCount(operation: name, expected: count, actual: inputs.count)
    }
  }

  func expectRank(_ type: ValueType, _ rank: Int) throws(ProgramError) {
    if type.shape.rank != rank {
      throw .rankMismatch(operation: name, expected: rank, actual: type.shape.rank)
    }
  }

  func expectType(_ type: ValueType, _ dtype: DType) throws(ProgramError) {
    if type.dtype != dtype {
      throw .dtypeMismatch(operation: name, expected: dtype, actual: type.dtype)
    }
  }

  func expectEqual(_ lhs: Shape, _ rhs: Shape) throws(ProgramError) {
    if lhs != rhs { throw .shapeMismatch(operation: name, lhs, rhs) }
  }

  /// Weights may be float32, bfloat16 or quantised, which only matrices are.
  func expectWeight(_ type: ValueType) throws(ProgramError) {
    if type.dtype != .bfloat16, !type.dtype.isQuantised { try expectType(type, .float32) }
  }
}
