/// `y[n] = table[offset + ids[n]]`; the table is `(V, D)`, ids are int32 `(N)`, `y` is `(N, D)`.
package struct Embedding: OperationRule {
  /// Rows of the table before the first id's.
  package let offset: Int
  /// The row that gets no gradient from here, as torch's `padding_idx`.
  package let paddingRow: Int?

  package init(offset: Int = 0, paddingRow: Int? = nil) {
    self.offset = offset
    self.paddingRow = paddingRow
  }
  package var name: String { "embedding" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    try expectRank(inputs[0], 2)
    try expectWeight(inputs[0])
    try expectRank(inputs[1], 1)
    try expectType(inputs[1], .int32)
    try expectOffset(offset, below: inputs[0].shape[0])
    return [ValueType(Shape(inputs[1].shape[0], inputs[0].shape[1]))]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    let table = operation.inputs[0]
    let rule = EmbeddingGradient(
      vocabulary: context.type(of: table).shape[0], offset: offset, paddingRow: paddingRow)
    try context.contribute(
      .embeddingGradient(rule), [operation.inputs[1], dy], to: table, label: operation.label)
  }
}

/// `dTable[offset + ids[n]] += dy[n]` but for the padding row; ids are int32 `(N)`, `dy` is `(N, D)`, the result `(V, D)`.
package struct EmbeddingGradient: OperationRule {
  package let vocabulary: Int
  /// Rows of the table before the first id's.
  package let offset: Int
  /// The row that is left out.
  package let paddingRow: Int?

  package init(vocabulary: Int, offset: Int = 0, paddingRow: Int? = nil) {
    self.vocabulary = vocabulary
    self.offset = offset
    self.paddingRow = paddingRow
  }
  package var name: String { "embedding-gradient" }
  package var accumulates: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    try expectType(inputs[0], .int32)
    try expectRank(inputs[1], 2)
    try expectType(inputs[1], .float32)
    try expectEqual(inputs[0].shape, Shape(inputs[1].shape[0]))
    try expectOffset(offset, below: vocabulary)
    return [ValueType(Shape(vocabulary, inputs[1].shape[1]))]
  }
}

extension OperationRule {
  /// Checks that a table of `count` rows has some behind its first `offset`.
  fileprivate func expectOffset(_ offset: Int, below count: Int) throws(ProgramError) {
    if offset < 0 || (offset > 0 && offset >= count) {
      throw .invalidAttribute(operation: name, reason: "an offset of \(offset) in \(count) rows")
    }
  }
}

/// `y[m] = x[indices[m]]`: some rows of `x (N, D)`; indices are int32 `(M)`, `y` is `(M, D)`.
package struct GatherRows: OperationRule {
  package init() {}
  package var name: String { "gather-rows" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    try expectRank(inputs[0], 2)
    try expectType(inputs[0], .float32)
    try expectRank(inputs[1], 1)
    try expectType(inputs[1], .int32)
    return [ValueType(Shape(inputs[1].shape[0], inputs[0].shape[1]))]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    let rows = context.type(of: operation.inputs[0]).shape[0]
    try context.contribute(
      .scatterRows(ScatterRows(rows: rows)), [operation.inputs[1], dy], to: operation.inputs[0],
      label: operation.label)
  }
}

/// `x[indices[m]] += dy[m]`, zero elsewhere: the gradient of ``GatherRows``.
package struct ScatterRows: OperationRule {
  package let rows: Int

  package init(rows: Int) { self.rows = rows }
  package var name: String { "scatter-rows" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    try expectType(inputs[0], .int32)
    try expectRank(inputs[1], 2)
    try expectType(inputs[1], .float32)
    try expectEqual(inputs[0].shape, Shape(inputs[1].shape[0]))
    return [ValueType(Shape(rows, inputs[1].shape[1]))]
  }
}

/// Writes rows into a state in place: `state[slots[n]] = rows[n]`.
///
/// The state is `(C, D)`, slots are int32 `(N)`, rows are `(N, D)`; the result is the state.
package struct WriteRows: OperationRule {
  package init() {}
  package var name: String { "write-rows" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 3)
    try expectRank(inputs[0], 2)
    try expectType(inputs[0], .float32)
    try expectType(inputs[1], .int32)
    try expectRank(inputs[2], 2)
    try expectType(inputs[2], .float32)
    try expectEqual(inputs[1].shape, Shape(inputs[2].shape[0]))
    try expectEqual(Shape(inputs[0].shape[1]), Shape(inputs[2].shape[1]))
    return [inputs[0]]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int { 0 }
}
