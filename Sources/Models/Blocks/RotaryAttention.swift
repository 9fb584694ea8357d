import Tensors

/// What every layer's attention reads besides the hidden states.
struct AttentionContext {
  /// Rows of the batch.
  let batch: Int
  /// Visible key positions of each query, `(B·T, 2)`.
  let ranges: ValueID
  /// Cosines and sines of the positions, `(B·T, D)`.
  let rotaryTable: ValueID
  /// Where keys and values are kept from run to run; nil attends within the run.
  var cache: Cache?

  struct Cache {
    /// Positions that a batch row has room for.
    let capacity: Int
    /// The row of the cache that each position is written to, `(B·T)`.
    let slots: ValueID
  }
}

/// Grouped-query self-attention with rotary positions.
struct RotaryAttention {
  let path: String
  let layer: Int
  let heads: Int
  let keyValueHeads: Int
  let headDimension: Int
  let query: LinearLayer
  let key: LinearLayer
  let value: LinearLayer
  let output: LinearLayer

  func declare(in outline: inout ModelOutline) {
    outline.container(path)
    for projection in [query, key, value, output] { projection.declare(in: &outline) }
  }

  /// Appends attention over `x (N, E)` and adds it to `residual (N, E)`.
  func apply(
    to x: ValueID, addingTo residual: ValueID, _ context: AttentionContext,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    var q = try query.apply(to: x, in: &program)  // (N, H·D)
    var k = try key.apply(to: x, in: &program)  // (N, G·D)
    var v = try value.apply(to: x, in: &program)  // (N, G·D)
    q = try program.append(.rotary(Rotary()), [q, context.rotaryTable], label: path)
    k = try program.append(.rotary(Rotary()), [k, context.rotaryTable], label: path)
    if let cache = context.cache {
      k = try write(k, to: "cache.keys.\(layer)", cache, context.batch, in: &program)
      v = try write(v, to: "cache.values.\(layer)", cache, context.batch, in: &program)
    }
    let attention = Attention(
      batch: context.batch, heads: heads, keyValueHeads: keyValueHeads,
      headDimension: headDimension, scale: 1 / Float(headDimension).squareRoot())
    let mixed = try program.append(
      .attention(attention), [q, k, v, context.ranges], label: path)  // (N, H·D)
    return try output.apply(to: mixed, addend: residual, in: &program)
  }

  /// Writes `rows (N, G·D)` into the cache `name (B·C, G·D)` and returns the cache.
  private func write(
    _ rows: ValueID, to name: String, _ cache: AttentionContext.Cache, _ batch: Int,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let state = program.builder.value(
      .state(name), ValueType(Shape(batch * cache.capacity, keyValueHeads * headDimension)))
    try program.builder.append(
      .writeRows(WriteRows()), [state, cache.slots, rows], into: state, label: path)
    return state
  }
}
