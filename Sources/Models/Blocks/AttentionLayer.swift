import Tensors

/// What every layer's attention reads besides the hidden states.
struct AttentionContext {
  /// Rows of the batch.
  let batch: Int
  /// Visible key positions of each query, `(B·T, 2)`.
  let ranges: ValueID
  /// The position of each query, `(B·T)`.
  let positions: ValueID
  /// Cosines and sines of the positions, `(B·T, 2F)`, one table a kind of rotary positions.
  var rotaryTables: [ValueID] = []
  /// Where keys and values are kept from run to run; nil attends within the run.
  var cache: Cache?
  /// What cross-attention looks at.
  var source: Source?
  /// The table of biases by distance, `(buckets, H)`.
  var biasTable: ValueID?

  struct Cache {
    /// Positions that a batch row has room for.
    let capacity: Int
    /// The row of the cache that each position is written to, `(B·T)`.
    let slots: ValueID
  }

  /// An encoder's states and what each query sees of them.
  struct Source {
    /// The states `(B·S, E)`; nil reads keys and values that were kept.
    let states: ValueID?
    /// Positions of the source in a batch row.
    let length: Int
    /// Visible source positions of each query, `(B·T, 2)`.
    let ranges: ValueID
  }
}

/// Grouped-query attention of a stack to itself, or to an encoder's states.
struct AttentionLayer {
  private let path: String
  private let index: Int
  private let isCross: Bool
  private let layer: StackDescription.Layer
  private let heads: Int
  private let keyValueHeads: Int
  private let headDimension: Int
  private let rotaryDimension: Int?
  private let softCap: Float?
  private let relativeBias: Attention.RelativeBias?
  private let projections: Projections
  private let norms: (query: NormLayer, key: NormLayer)?
  private let output: LinearLayer
  private let dropout: ModelDropout

  private enum Projections {
    case separate(query: LinearLayer, key: LinearLayer, value: LinearLayer)
    case fused(LinearLayer, byHead: Bool)
  }

  /// The attention of layer number `index` to the stack itself, or to the source where `isCross`.
  init(_ description: StackDescription, layer index: Int, isCross: Bool = false) {
    let hidden = description.hiddenSize
    let queryWidth = description.headCount * description.headDimension
    let keyWidth = description.keyValueHeadCount * description.headDimension
    func linear(_ part: LayerPart, _ inputs: Int, _ outputs: Int, _ hasBias: Bool) -> LinearLayer {
      LinearLayer(description, part, layer: index, inputs: inputs, outputs: outputs, hasBias)
    }
    func projection(_ part: LayerPart, _ outputs: Int) -> LinearLayer {
      linear(part, hidden, outputs, description.hasQueryKeyValueBias)
    }
    func norm(_ part: LayerPart) -> NormLayer {
      NormLayer(description, part, layer: index, dimension: description.headDimension)
    }
    let separate: Projections = .separate(
      query: projection(isCross ? .crossQuery : .query, queryWidth),
      key: projection(isCross ? .crossKey : .key, keyWidth),
      value: projection(isCross ? .crossValue : .value, keyWidth))
    projections =
      switch description.projections {
      case _ where isCross: separate
      case .separate: separate
      case .fused:
        .fused(projection(.queryKeyValue, queryWidth + 2 * keyWidth), byHead: false)
      case .fusedByHead:
        .fused(projection(.queryKeyValue, queryWidth + 2 * keyWidth), byHead: true)
      }
    norms =
      description.normalisesQueriesAndKeys && !isCross ? (norm(.queryNorm), norm(.keyNorm)) : nil
    let outputPart: LayerPart = isCross ? .crossOutput : .attentionOutput
    output = linear(outputPart, queryWidth, hidden, description.hasAttentionOutputBias)
    path = description.names.holder(of: outputPart, in: index)
    dropout = description.dropout
    self.index = index
    self.isCross = isCross
    layer = description.layers[index]
    heads = description.headCount
    keyValueHeads = description.keyValueHeadCount
    headDimension = description.headDimension
    rotaryDimension =
      description.rotary.isEmpty || isCross ? nil : description.rotary[layer.rotary].dimension
    softCap = description.attentionSoftCap
    relativeBias =
      isCross
      ? nil
      : description.relativePositions.map { .init(buckets: $0.bucketsByDistance) }
  }

  /// The modules that have weights, by the part that they are.
  var modules: [LayerPart: any OutlineModule] {
    var modules: [LayerPart: any OutlineModule] = [:]
    switch projections {
    case .separate(let query, let key, let value):
      modules[isCross ? .crossQuery : .query] = query
      modules[isCross ? .crossKey : .key] = key
      modules[isCross ? .crossValue : .value] = value
    case .fused(let layer, _): modules[.queryKeyValue] = layer
    }
    modules[isCross ? .crossOutput : .attentionOutput] = output
    if let norms {
      modules[.queryNorm] = norms.query
      modules[.keyNorm] = norms.key
    }
    return modules
  }

  /// Appends attention over `x (N, E)`, added to `residual (N, E)` where it is given.
  func apply(
    to x: ValueID, addingTo residual: ValueID?, _ context: AttentionContext,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    if isCross, let source = context.source {
      return try cross(x, addingTo: residual, source, batch: context.batch, in: &program)
    }
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
      let rows = context.batch * cache.capacity
      k = try write(k, to: "cache.keys.\(index)", rows: rows, cache.slots, in: &program)
      v = try write(v, to: "cache.values.\(index)", rows: rows, cache.slots, in: &program)
    }
    let mixed = try program.append(
      .attention(rule(batch: context.batch, window: layer.window, in: program)),
      [q, k, v, context.ranges] + (context.biasTable.map { [$0, context.positions] } ?? []),
      label: path)  // (N, H·D)
    return try output.apply(
      to: mixed, addend: residual, dropping: dropout[.attentionOutput], in: &program)
  }

  private func cross(
    _ x: ValueID, addingTo residual: ValueID?, _ source: AttentionContext.Source, batch: Int,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    guard case .separate(let query, let key, let value) = projections else { return x }
    let q = try query.apply(to: x, in: &program)
    let k: ValueID  // (B·S, G·D)
    let v: ValueID
    if let states = source.states {
      k = try key.apply(to: states, in: &program)
      v = try value.apply(to: states, in: &program)
    } else {
      k = state("cross.keys.\(index)", rows: batch * source.length, in: &program)
      v = state("cross.values.\(index)", rows: batch * source.length, in: &program)
    }
    let mixed = try program.append(
      .attention(rule(batch: batch, window: nil, in: program)), [q, k, v, source.ranges],
      label: path)
    return try output.apply(
      to: mixed, addend: residual, dropping: dropout[.attentionOutput], in: &program)
  }

  /// Writes the keys and values of `states (B·S, E)` to where a later run reads them.
  func keepSource(
    _ states: ValueID, slots: ValueID, rows: Int, in program: inout ForwardBuilder
  ) throws(ProgramError) {
    guard case .separate(_, let key, let value) = projections else { return }
    let k = try key.apply(to: states, in: &program)
    _ = try write(k, to: "cross.keys.\(index)", rows: rows, slots, in: &program)
    let v = try value.apply(to: states, in: &program)
    _ = try write(v, to: "cross.values.\(index)", rows: rows, slots, in: &program)
  }

  private func rule(batch: Int, window: Int?, in program: ForwardBuilder) -> Attention {
    Attention(
      batch: batch, heads: heads, keyValueHeads: keyValueHeads, headDimension: headDimension,
      scale: layer.attentionScale, softCap: softCap, window: window, relativeBias: relativeBias,
      dropout: program.dropout(dropout[.attention], at: output.path + ".weights"))
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

  /// Keys or values that are kept from run to run, `(rows, G·D)`.
  private func state(_ name: String, rows: Int, in program: inout ForwardBuilder) -> ValueID {
    program.builder.value(.state(name), ValueType(Shape(rows, keyValueHeads * headDimension)))
  }

  /// Writes `values (N, G·D)` into the state `name (rows, G·D)` and returns the state.
  private func write(
    _ values: ValueID, to name: String, rows: Int, _ slots: ValueID,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let state = state(name, rows: rows, in: &program)
    try program.builder.append(
      .writeRows(WriteRows()), [state, slots, values], into: state, label: path)
    return state
  }
}
