/// Rows of a table, some of which have a value of their own: `y[n] = rows[k]` where `ids[n]` is
/// `indices[k]`, `x[n]` elsewhere.
///
/// Shapes: `x` and `y` are `(N, D)`, ids are int32 `(N)`, `rows` is `(K, D)`. Without `rows` zeros stand in
/// their place: the gradient of `x`.
package struct PatchRows: OperationRule {
  /// Different ids.
  package let indices: [Int]

  package init(indices: [Int]) { self.indices = indices }
  package var name: String { "patch-rows" }
  package var inPlace: [InPlacePair] { [InPlacePair(output: 0, input: 0)] }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    if inputs.count != 3 { try expectCount(inputs, 2) }
    try expectRank(inputs[0], 2)
    try expectType(inputs[0], .float32)
    try expectType(inputs[1], .int32)
    try expectEqual(inputs[1].shape, Shape(inputs[0].shape[0]))
    if inputs.count == 3 {
      try expectType(inputs[2], .float32)
      try expectEqual(inputs[2].shape, Shape(indices.count, inputs[0].shape[1]))
    }
    try expectDifferent(indices, below: nil)
    return [inputs[0]]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard operation.inputs.count == 3, let dy = context.gradient(of: operation.outputs[0]) else {
      return
    }
    let (x, ids, rows) = (operation.inputs[0], operation.inputs[1], operation.inputs[2])
    let rule = PatchRowsGradient(indices: indices)
    try context.contribute(
      .patchRowsGradient(rule), [ids, dy], to: rows, label: operation.label)
    try context.contribute(.patchRows(self), [dy, ids], to: x, label: operation.label)
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int { 0 }
}

/// The gradient of the rows of ``PatchRows``: `drows[k] = Σ dy[n]` over the `n` with `ids[n] = indices[k]`.
///
/// Operands: ids `(N)`, `dy (N, D)`.
package struct PatchRowsGradient: OperationRule {
  package let indices: [Int]

  package init(indices: [Int]) { self.indices = indices }
  package var name: String { "patch-rows-gradient" }
  package var accumulates: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 2)
    try expectType(inputs[0], .int32)
    try expectRank(inputs[1], 2)
    try expectType(inputs[1], .float32)
    try expectEqual(inputs[0].shape, Shape(inputs[1].shape[0]))
    try expectDifferent(indices, below: nil)
    return [ValueType(Shape(indices.count, inputs[1].shape[1]))]
  }
}

/// A table with some rows replaced: `y[indices[k]] = rows[k]`, `y[v] = table[v]` elsewhere.
///
/// Shapes: the table, of any weight type, and `y` are `(V, D)`, `rows` is `(K, D)`. Without `rows` zeros
/// stand in their place: the gradient of the table.
package struct ReplaceRows: OperationRule {
  /// Different rows of the table.
  package let indices: [Int]

  package init(indices: [Int]) { self.indices = indices }
  package var name: String { "replace-rows" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    if inputs.count != 2 { try expectCount(inputs, 1) }
    try expectRank(inputs[0], 2)
    try expectWeight(inputs[0])
    if inputs.count == 2 {
      try expectType(inputs[1], .float32)
      try expectEqual(inputs[1].shape, Shape(indices.count, inputs[0].shape[1]))
    }
    try expectDifferent(indices, below: inputs[0].shape[0])
    return [ValueType(inputs[0].shape)]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard operation.inputs.count == 2, let dy = context.gradient(of: operation.outputs[0]) else {
      return
    }
    let rule = ReplaceRowsGradient(indices: indices)
    try context.contribute(
      .replaceRowsGradient(rule), [dy], to: operation.inputs[1], label: operation.label)
    try context.contribute(
      .replaceRows(self), [dy], to: operation.inputs[0], label: operation.label)
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int { 0 }
}

/// The gradient of the rows of ``ReplaceRows``: `drows[k] = dy[indices[k]]`.
///
/// Operand: `dy (V, D)`.
package struct ReplaceRowsGradient: OperationRule {
  package let indices: [Int]

  package init(indices: [Int]) { self.indices = indices }
  package var name: String { "replace-rows-gradient" }
  package var accumulates: Bool { true }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 1)
    try expectRank(inputs[0], 2)
    try expectType(inputs[0], .float32)
    try expectDifferent(indices, below: inputs[0].shape[0])
    return [ValueType(Shape(indices.count, inputs[0].shape[1]))]
  }
}

extension OperationRule {
  /// Indices are at least one, different, and rows of a table of `count` rows.
  func expectDifferent(_ indices: [Int], below count: Int?) throws(ProgramError) {
    let limit = count ?? Int(Int32.max)
    guard !indices.isEmpty, Set(indices).count == indices.count,
      indices.allSatisfy({ (0..<limit).contains($0) })
    else {
      throw .invalidAttribute(operation: name, reason: "\(indices.count) rows of \(limit)")
    }
  }
}
