/// Grouped-query attention over a visible stretch of keys for each query.
///
/// `out[b,t,h] = Σⱼ softmaxⱼ(scale · q[b,t,h]·k[b,j,g]) · v[b,j,g]`, with `j` in
/// `ranges[b·T+t] = [start, end)` and `g = h / (heads / keyValueHeads)`.
///
/// Shapes: `q (B·Tq, H·D)`, `k` and `v` `(B·Tk, G·D)`, ranges int32 `(B·Tq, 2)` of key positions
/// inside the batch row; results `out (B·Tq, H·D)` and the log of the softmax's denominator
/// `(B·Tq, H)`, which the gradient reads. Causal masks, padding, packed rows, windows and caches are
/// all such ranges. An empty range gives zeros (and a log-sum of zero). With a soft cap `c`, scores
/// `s` become `c·tanh(s/c)`; with a window, a query sees the last keys of its range only.
///
/// With a relative bias, two more operands: a table `(K, H)` and the queries' positions int32 `(B·Tq)`. A
/// score gets `table[bucket(j − start − position), h]` before its cap, so that positions count from the
/// range's start.
///
/// With dropout, each weight of the softmax is kept with probability `1 − rate` and divided by that, or
/// is zero. Its element of the mask is `((b·H + h)·Tq + t)·Tk + j`, so that the gradient, which computes the weights
/// anew, drops the same ones; the log of the denominator is that of all weights.
package struct Attention: OperationRule {
  /// Which row of a table the distance between a key and a query stands for.
  package struct RelativeBias: Hashable, Sendable {
    /// The rows for the distances from −L to L, key less query; beyond them the ends hold.
    package let buckets: [Int32]

    package init(buckets: [Int32]) { self.buckets = buckets }

    /// The distance from which on all are alike.
    package var longest: Int { buckets.count / 2 }
  }

  package let batch: Int
  package let heads: Int
  package let keyValueHeads: Int
  package let headDimension: Int
  package let scale: Float
  /// The bound of scores; nil leaves them as they are.
  package let softCap: Float?
  /// How many keys at the end of its range a query sees; nil sees all.
  package let window: Int?
  package let relativeBias: RelativeBias?
  /// What of the weights is dropped; nil drops nothing.
  package let dropout: Dropout?

  package init(
    batch: Int, heads: Int, keyValueHeads: Int, headDimension: Int, scale: Float,
    softCap: Float? = nil, window: Int? = nil, relativeBias: RelativeBias? = nil,
    dropout: Dropout? = nil
  ) {
    self.dropout = dropout
    self.relativeBias = relativeBias
    self.softCap = softCap
    self.window = window
    self.batch = batch
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headDimension = headDimension
    self.scale = scale
  }

  package var name: String { "attention" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, relativeBias == nil ? 4 : 6)
    for input in inputs[..<4] { try expectRank(input, 2) }
    for input in inputs[..<3] { try expectType(input, .float32) }
    try expectType(inputs[3], .int32)
    let (q, k, v) = (inputs[0].shape, inputs[1].shape, inputs[2].shape)
    if batch < 1 || keyValueHeads < 1 || headDimension < 1 || !heads.isMultiple(of: keyValueHeads)
      || !q[0].isMultiple(of: batch) || !k[0].isMultiple(of: batch)
    {
      throw .invalidAttribute(operation: name, reason: "batch or heads do not divide")
    }
    if let softCap, !(softCap > 0) {
      throw .invalidAttribute(operation: name, reason: "a soft cap of \(softCap)")
    }
    if let window, window < 1 {
      throw .invalidAttribute(operation: name, reason: "a window of \(window)")
    }
    if let dropout { try dropout.checkRate() }
    try expectEqual(k, v)
    try expectEqual(Shape(q[1]), Shape(heads * headDimension))
    try expectEqual(Shape(k[1]), Shape(keyValueHeads * headDimension))
    try expectEqual(inputs[3].shape, Shape(q[0], 2))
    if let relativeBias { try check(relativeBias, inputs[4], positions: inputs[5], q[0]) }
    return [inputs[0], ValueType(Shape(q[0], heads))]
  }

  private func check(
    _ bias: RelativeBias, _ table: ValueType, positions: ValueType, _ queries: Int
  ) throws(ProgramError) {
    try expectRank(table, 2)
    try expectWeight(table)
    try expectType(positions, .int32)
    try expectEqual(positions.shape, Shape(queries))
    try expectEqual(Shape(table.shape[1]), Shape(heads))
    let rows = Int32(clamping: table.shape[0])
    if bias.buckets.count % 2 == 0 || !bias.buckets.allSatisfy({ $0 >= 0 && $0 < rows }) {
      throw .invalidAttribute(operation: name, reason: "distances beyond \(rows) buckets")
    }
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    if context.gradient(of: operation.outputs[1]) != nil {
      throw .notDifferentiable(operation: name)
    }
    guard let dout = context.gradient(of: operation.outputs[0]) else { return }
    var inputs: [ValueID] = []
    for input in operation.inputs { inputs.append(try context.kept(input)) }
    var outputs: [ValueID] = []
    for output in operation.outputs { outputs.append(try context.kept(output)) }
    let trainsBias = relativeBias != nil && context.needsGradient(operation.inputs[4])
    let rule = AttentionGradient(forward: self, gradientOfBias: trainsBias)
    let gradients = try context.append(
      .attentionGradient(rule), inputs + outputs + [dout], label: operation.label)
    let targets = operation.inputs[..<3] + (trainsBias ? [operation.inputs[4]] : [])
    for (gradient, input) in zip(gradients, targets) {
      try context.contribute(gradient, to: input, label: operation.label)
    }
  }

  /// Counts half of the square of scores, as a causal mask leaves, or the window.
  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    2 * inputs[0].shape.count * countedKeys(inputs)
  }

  package func floatingPointOperations(
    inputs: [ValueType], outputs: [ValueType], keysPerQuery: Double?
  ) -> Int {
    let all = floatingPointOperations(inputs: inputs, outputs: outputs)
    return keysPerQuery.map { Int(Double(all) * seenShare(inputs, keysPerQuery: $0)) } ?? all
  }

  /// Twice the keys that a query sees on average.
  fileprivate func countedKeys(_ inputs: [ValueType]) -> Int {
    let keys = inputs[1].shape[0] / batch
    guard let window, window < keys / 2 else { return keys }
    return 2 * window
  }

  /// The share of the counted keys that rows of that length leave.
  fileprivate func seenShare(_ inputs: [ValueType], keysPerQuery: Double) -> Double {
    min(1, keysPerQuery / Double(countedKeys(inputs)))
  }
}

/// The gradients of ``Attention`` for `q`, `k` and `v`, with the weights computed anew.
///
/// Operands: those of the attention, then `out, logSumExp, dout`; results `dq, dk, dv`, then the
/// gradient of the table of biases when `gradientOfBias`.
package struct AttentionGradient: OperationRule {
  package let forward: Attention
  package let gradientOfBias: Bool

  package init(forward: Attention, gradientOfBias: Bool = false) {
    self.forward = forward
    self.gradientOfBias = gradientOfBias
  }

  /// How many operands are the attention's own.
  package var operandCount: Int { forward.relativeBias == nil ? 4 : 6 }
  package var name: String { "attention-gradient" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    let own = operandCount
    try expectCount(inputs, own + 3)
    for input in inputs[own...] { try expectType(input, .float32) }
    let results = try forward.outputTypes(Array(inputs[..<own]))
    try expectEqual(inputs[own].shape, results[0].shape)
    try expectEqual(inputs[own + 1].shape, results[1].shape)
    try expectEqual(inputs[own + 2].shape, results[0].shape)
    if gradientOfBias, forward.relativeBias == nil {
      throw .invalidAttribute(operation: name, reason: "the gradient of no bias")
    }
    return inputs[..<3] + (gradientOfBias ? [ValueType(inputs[4].shape)] : [])
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    5 * inputs[0].shape.count * forward.countedKeys(inputs)
  }

  package func floatingPointOperations(
    inputs: [ValueType], outputs: [ValueType], keysPerQuery: Double?
  ) -> Int {
    let all = floatingPointOperations(inputs: inputs, outputs: outputs)
    return keysPerQuery.map {
      Int(Double(all) * forward.seenShare(inputs, keysPerQuery: $0))
    } ?? all
  }
}
