/// The likeliest token of a vocabulary projection, and how far from it the target stands.
///
/// Operands: hidden states `x (N, D)`, the head's weight `w (V, D)`, targets int32 `(N)` and
/// optionally a bias of `V` numbers. The result `(N, 2)` holds, for each row whose target is not −1, the
/// token with the largest logit (the first of equal ones) and the number of tokens that stand before
/// the target: larger logits, and equal ones of smaller number. Other rows hold −1 twice. The
/// logits never exist as a whole; a bound on them would change no order and has no part in it.
/// Token numbers are exact in float32 below 2²⁴.
package struct TokenRank: OperationRule {
  package init() {}
  package var name: String { "token-rank" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    if inputs.count != 4 { try expectCount(inputs, 3) }
    try expectRank(inputs[0], 2)
    try expectRank(inputs[1], 2)
    try expectType(inputs[0], .float32)
    try expectWeight(inputs[1])
    try expectType(inputs[2], .int32)
    if inputs[0].shape[1] != inputs[1].shape[1] {
      throw .shapeMismatch(operation: name, inputs[0].shape, inputs[1].shape)
    }
    try expectEqual(inputs[2].shape, Shape(inputs[0].shape[0]))
    if inputs.count == 4 {
      try expectType(inputs[3], .float32)
      try expectEqual(Shape(inputs[3].shape.count), Shape(inputs[1].shape[0]))
    }
    if inputs[1].shape[0] >= 1 << 24 {
      throw .invalidAttribute(operation: name, reason: "\(inputs[1].shape[0]) tokens")
    }
    return [ValueType(Shape(inputs[0].shape[0], 2))]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    2 * inputs[0].shape.count * inputs[1].shape[0]
  }
}
