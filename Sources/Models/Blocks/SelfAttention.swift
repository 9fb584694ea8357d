import Tensors

/// What every layer's attention reads besides the hidden states.
struct AttentionContext {
  /// Rows of the batch.
  let batch: Int
  /// Visible key positions of each query, `(B·T, 2)`.
  let ranges: ValueID
  /// Cosines and sines of the positions, `(B·T, 2F)`, one table a kind of rotary positions.
  let rotaryTables: [ValueID]
  /// Where keys and values are kept from run to run; nil attends within the run.
  var cache: Cache?

  struct Cache {
    /// Positions that a batch row has room for.
    let capacity: Int
    /// The row of the cache that each position is written to, `(B·T)`.
    let slots: ValueID
  }
}

/// Grouped-query self-attention.
struct SelfAttention {
  private let path: String
  private let index: Int
  private let layer: DecoderDescription.Layer
  private let heads: Int
  private let keyValueHeads: Int
  private let headDimension: Int
  private let rotaryDimension: Int?
  private let softCap: Float?
  private let projections: Projections
  private let norms: (query: NormLayer, key: NormLayer)?
  private let output: LinearLayer
  private let outputIsFirst: Bool
  private let functions: [String]

  private enum Projections {
    case separate(query: LinearLayer, key: LinearLayer, value: LinearLayer)
    case fused(LinearLayer, byHead: Bool)

    var layers: [LinearLayer] {
      switch self {
      case .separate(let query, let key, let value): [query, key, value]
      case .fused(let layer, _): [layer]
      }
    }
  }

  init(_ description: DecoderDescription, layer index: Int, path: String) {
    let names = description.names
    let own = path + "." + names.attention
    let hidden = description.hiddenSize
    let queryWidth = description.headCount * description.headDimension
    let keyWidth = description.keyValueHeadCount * description.headDimension
    func linear(
      _ name: String, _ inputs: Int, _ outputs: Int, _ hasBias: Bool, _ deviation: Double
    ) -> LinearLayer {
      LinearLayer(
        path: "\(own).\(name)", inputs: inputs, outputs: outputs, hasBias: hasBias,
        deviation: Float(deviation), storesInputsFirst: description.storesInputsFirst)
    }
    func projection(_ name: String, _ outputs: Int) -> LinearLayer {
      linear(
        name, hidden, outputs, description.hasQueryKeyValueBias, description.initializerRange)
    }
    func norm(_ name: String) -> NormLayer {
      NormLayer(
        path: "\(own).\(name)", dimension: description.headDimension,
        epsilon: Float(description.normEpsilon), kind: description.norm)
    }
    projections =
      switch description.projections {
      case .separate:
        .separate(
          query: projection(names.query, queryWidth), key: projection(names.key, keyWidth),
          value: projection(names.value, keyWidth))
      case .fused:
        .fused(projection(names.queryKeyValue, queryWidth + 2 * keyWidth), byHead: false)
      case .fusedByHead:
        .fused(projection(names.queryKeyValue, queryWidth + 2 * keyWidth), byHead: true)
      }
    norms =
      description.normalisesQueriesAndKeys ? (norm(names.queryNorm), norm(names.keyNorm)) : nil
    output = linear(
      names.attentionOutput, queryWidth, hidden, description.hasAttentionOutputBias,
      description.residualInitializerRange ?? description.initializerRange)
    self.path = own
    self.index = index
    layer = description.layers[index]
    heads = description.headCount
    keyValueHeads = description.keyValueHeadCount
    headDimension = description.headDimension
    rotaryDimension =
      description.rotary.isEmpty ? nil : description.rotary[layer.rotary].dimension
    softCap = description.attentionSoftCap
    outputIsFirst = names.attentionOutputIsFirst
    functions = names.attentionFunctions
  }

  func declare(in outline: inout ModelOutline) {
    outline.container(path)
    let layers = outputIsFirst ? [output] + projections.layers : projections.layers + [output]
    for layer in layers { layer.declare(in: &outline) }
    for norm in norms.map({ [$0.query, $0.key] }) ?? [] { norm.declare(in: &outline) }
    for function in functions { outline.function("\(path).\(function)") }
  }

  /// Appends attention over `x (N, E)`, added to `residual (N, E)` where it is given.
  func apply(
    to x: ValueID, addingTo residual: ValueID?, _ context: AttentionContext,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    var (q, k, v) = try projected(x, in: &program)  // (N, H·D), (N, G·D), (N, G·D)
    if let norms {
      q = try norms.query.apply(to: q, in: &program)
      k = try norms.key.apply(to: k, in: &program)
    }
    if let rotaryDimension {
      let isPartial = rotaryDimension < headDimension
      let rotary = OperationKind.rotary(Rotary(headDimension: isPartial ? headDimension : nil))
      let table = context.rotaryTables[layer.rotary]
      q = try program.append(rotary, [q, table], label: path)
      k = try program.append(rotary, [k, table], label: path)
    }
    if let cache = context.cache {
      k = try write(k, to: "cache.keys.\(index)", cache, context.batch, in: &program)
      v = try write(v, to: "cache.values.\(index)", cache, context.batch, in: &program)
    }
    let attention = Attention(
      batch: context.batch, heads: heads, keyValueHeads: keyValueHeads,
      headDimension: headDimension, scale: layer.attentionScale, softCap: softCap,
      window: layer.window)
    let mixed = try program.append(
      .attention(attention), [q, k, v, context.ranges], label: path)  // (N, H·D)
    return try output.apply(to: mixed, addend: residual, in: &program)
  }

  /// Queries, keys and values of `x (N, E)`.
  private func projected(
    _ x: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> (ValueID, ValueID, ValueID) {
    switch projections {
    case .separate(let query, let key, let value):
      let q = try query.apply(to: x, in: &program)
      let k = try key.apply(to: x, in: &program)
      return (q, k, try value.apply(to: x, in: &program))
    case .fused(let layer, let byHead):
      let all = try layer.apply(to: x, in: &program)  // (N, (H + 2·G)·D)
      let width = headDimension
      let starts =
        byHead
        ? [(0, width), (width, width), (2 * width, width)]
        : [
          (0, heads * width), (heads * width, keyValueHeads * width),
          ((heads + keyValueHeads) * width, keyValueHeads * width),
        ]
      var parts: [ValueID] = []
      for (start, width) in starts {
        let rule = SelectColumns(groups: byHead ? heads : 1, start: start, width: width)
        parts.append(try program.append(.selectColumns(rule), [all], label: path))
      }
      return (parts[0], parts[1], parts[2])
    }
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
