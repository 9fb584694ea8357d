import Tensors

/// The layers that a description describes, with what stands before and behind them.
///
/// Source: Vaswani et al. 2017, arXiv 1706.03762; names as in transformers.
struct Stack {
  private struct Layer {
    let attention: AttentionLayer
    let cross: AttentionLayer?
    let feedForward: FeedForward
    let norms: [LayerPart: NormLayer]

    func norm(_ part: LayerPart, _ x: ValueID, in program: inout ForwardBuilder)
      throws(ProgramError) -> ValueID
    {
      try norms[part]?.apply(to: x, in: &program) ?? x
    }
  }

  private let description: StackDescription
  /// The table of tokens.
  let tokens: EmbeddingLayer
  private let positions: EmbeddingLayer?
  private let sinusoids: SinusoidalPositions?
  private let tokenTypes: EmbeddingLayer?
  private let values: LinearLayer?
  private let embeddingNorm: NormLayer?
  private let biasTable: EmbeddingLayer?
  private let layers: [Layer]
  private let finalNorm: NormLayer?
  private let rotaryTables: [RotaryTable]

  init(_ description: StackDescription) {
    let names = description.names
    func embedding(_ part: StackPart, _ count: Int) -> EmbeddingLayer {
      EmbeddingLayer(
        path: names.path(of: part), count: count, dimension: description.hiddenSize,
        deviation: Float(description.initializerRange))
    }
    self.description = description
    tokens = EmbeddingLayer(
      path: names.path(of: .tokens), count: description.vocabularySize,
      dimension: description.hiddenSize,
      deviation: Float(description.tokenDeviation ?? description.initializerRange),
      paddingRow: description.paddingTokenID, tiedTo: description.tokensTiedTo)
    switch description.positions {
    case .none: (positions, sinusoids) = (nil, nil)
    case .learned(let offset):
      var table = embedding(.positions, description.contextLength + offset)
      table.offset = offset
      (positions, sinusoids) = (table, nil)
    case .sinusoidal:
      positions = nil
      sinusoids = SinusoidalPositions(
        path: names.path(of: .positions), count: description.contextLength,
        dimension: description.hiddenSize)
    }
    tokenTypes =
      description.tokenTypeCount > 0
      ? embedding(.tokenTypes, description.tokenTypeCount) : nil
    values =
      description.readsValues
      ? LinearLayer(
        path: names.path(of: .values), inputs: 1, outputs: description.hiddenSize, hasBias: true,
        deviation: Float(description.initializerRange)) : nil
    embeddingNorm =
      description.hasEmbeddingNorm
      ? NormLayer(description, path: names.path(of: .embeddingNorm)) : nil
    biasTable = description.relativePositions.map {
      EmbeddingLayer(
        path: names.path(of: .relativeBias, in: 0), count: $0.buckets,
        dimension: description.headCount, deviation: description.deviation(of: .relativeBias))
    }
    layers = description.layers.indices.map { index in
      Layer(
        attention: AttentionLayer(description, layer: index),
        cross: description.hasCrossAttention
          ? AttentionLayer(description, layer: index, isCross: true) : nil,
        feedForward: FeedForward(description, layer: index),
        norms: Dictionary(
          uniqueKeysWithValues: description.layerNorms.map {
            ($0, NormLayer(description, $0, layer: index))
          }))
    }
    finalNorm =
      description.hasFinalNorm
      ? NormLayer(description, path: names.path(of: .finalNorm)) : nil
    rotaryTables = description.rotary.map {
      RotaryTable(
        inverseFrequencies: $0.scaling.inverseFrequencies(
          theta: $0.theta, dimension: $0.dimension))
    }
  }

  /// Declares modules and weights in transformers' order.
  func declare(in outline: inout ModelOutline) {
    let names = description.names
    for entry in names.parts {
      switch entry.part {
      case .tokens: tokens.declare(in: &outline)
      case .positions:
        positions?.declare(in: &outline)
        sinusoids?.declare(in: &outline)
      case .tokenTypes: tokenTypes?.declare(in: &outline)
      case .values: values?.declare(in: &outline)
      case .embeddingNorm: embeddingNorm?.declare(in: &outline)
      case .layers: for index in layers.indices { declareLayer(index, in: &outline) }
      case .finalNorm: finalNorm?.declare(in: &outline)
      case .function: outline.function("\(names.path).\(entry.path)")
      }
    }
  }

  private func declareLayer(_ index: Int, in outline: inout ModelOutline) {
    let layer = layers[index]
    var modules = layer.attention.modules
    modules.merge(layer.feedForward.modules) { first, _ in first }
    if let cross = layer.cross { modules.merge(cross.modules) { first, _ in first } }
    for (part, norm) in layer.norms { modules[part] = norm }
    if index == 0 { modules[.relativeBias] = biasTable }
    for entry in description.names.layer {
      if entry.part == .function {
        outline.function("\(description.names.layer(index)).\(entry.path)")
      } else {
        modules[entry.part]?.declare(in: &outline)
      }
    }
  }

  /// What attention reads for queries at `positions (N)`.
  func context(
    batch: Int, ranges: ValueID, positions: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> AttentionContext {
    var context = AttentionContext(batch: batch, ranges: ranges, positions: positions)
    context.biasTable = biasTable.map {
      program.weight($0.storedWeight, Shape($0.count, $0.dimension))
    }
    for table in rotaryTables {
      context.rotaryTables.append(
        try program.append(
          .rotaryTable(table), [positions], label: "\(description.names.path).rotary_emb"))
    }
    return context
  }

  /// The hidden states `(N, E)` of `tokens (N)`, of the kinds `types (N)` where kinds matter, and with
  /// `numbers (N, 1)` where the stack reads values: `numbers · wᵀ + b` is added to the tokens' vectors.
  func hiddenStates(
    of ids: ValueID, types: ValueID? = nil, numbers: ValueID? = nil, _ context: AttentionContext,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    var x = try tokens.apply(to: ids, in: &program)  // (N, E)
    if let values, let numbers { x = try values.apply(to: numbers, addend: x, in: &program) }
    return try hiddenStates(ofEmbeddings: x, types: types, context, in: &program)
  }

  /// The hidden states `(N, E)` of `embeddings (N, E)` that stand for tokens.
  func hiddenStates(
    ofEmbeddings embeddings: ValueID, types: ValueID? = nil, _ context: AttentionContext,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    var x = embeddings
    if description.embeddingScale != 1 {
      x = try program.append(
        .scale(Scale(description.embeddingScale)), [x], label: tokens.path)
    }
    if let tokenTypes, let types {
      let kinds = try tokenTypes.apply(to: types, in: &program)
      x = try program.append(.add(Add()), [x, kinds], label: tokenTypes.path)
    }
    if let positions {
      let placed = try positions.apply(to: context.positions, in: &program)
      x = try program.append(.add(Add()), [x, placed], label: positions.path)
    }
    if let sinusoids {
      let placed = try sinusoids.apply(to: context.positions, in: &program)
      x = try program.append(.add(Add()), [x, placed], label: sinusoids.path)
    }
    if let embeddingNorm { x = try embeddingNorm.apply(to: x, in: &program) }
    let path = description.names.path
    x = try program.dropping(
      description.dropout[.embedding], of: x, at: path + ".embeddings", label: path)
    for layer in layers { x = try apply(layer, to: x, context, in: &program) }
    x = try finalNorm?.apply(to: x, in: &program) ?? x
    return try program.dropping(
      description.dropout[.states], of: x, at: path + ".states", label: path)
  }

  /// Keeps the keys and values of an encoder's `states (B·S, E)` for the cross-attentions of later runs.
  func keepSource(
    _ states: ValueID, slots: ValueID, rows: Int, in program: inout ForwardBuilder
  ) throws(ProgramError) {
    for layer in layers {
      try layer.cross?.keepSource(states, slots: slots, rows: rows, in: &program)
    }
  }

  private func apply(
    _ layer: Layer, to x: ValueID, _ context: AttentionContext, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    switch description.residual {
    case .sequential:
      let normed = try layer.norm(.attentionNorm, x, in: &program)
      var y = try layer.attention.apply(to: normed, addingTo: x, context, in: &program)
      if let cross = layer.cross {
        let middle = try layer.norm(.crossNorm, y, in: &program)
        y = try cross.apply(to: middle, addingTo: y, context, in: &program)
      }
      let middle = try layer.norm(.feedForwardNorm, y, in: &program)
      return try layer.feedForward.apply(to: middle, addingTo: y, in: &program)
    case .post:
      var y = try layer.attention.apply(to: x, addingTo: x, context, in: &program)
      y = try layer.norm(.attentionNorm, y, in: &program)
      if let cross = layer.cross {
        y = try cross.apply(to: y, addingTo: y, context, in: &program)
        y = try layer.norm(.crossNorm, y, in: &program)
      }
      y = try layer.feedForward.apply(to: y, addingTo: y, in: &program)
      return try layer.norm(.feedForwardNorm, y, in: &program)
    case .parallel:
      let normed = try layer.norm(.attentionNorm, x, in: &program)
      let y = try layer.attention.apply(to: normed, addingTo: x, context, in: &program)
      let middle = try layer.norm(.feedForwardNorm, x, in: &program)
      return try layer.feedForward.apply(to: middle, addingTo: y, in: &program)
    case .sandwich:
      let normed = try layer.norm(.attentionNorm, x, in: &program)
      let attended = try layer.attention.apply(to: normed, addingTo: nil, context, in: &program)
      let y = try add(attended, behind: .attentionPostNorm, of: layer, to: x, in: &program)
      let middle = try layer.norm(.feedForwardNorm, y, in: &program)
      let fed = try layer.feedForward.apply(to: middle, addingTo: nil, in: &program)
      return try add(fed, behind: .feedForwardPostNorm, of: layer, to: y, in: &program)
    }
  }

  private func add(
    _ part: ValueID, behind norm: LayerPart, of layer: Layer, to x: ValueID,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let normed = try layer.norm(norm, part, in: &program)
    return try program.append(.add(Add()), [x, normed], label: layer.norms[norm]?.path ?? "")
  }
}

extension StackDescription {
  /// The norms of a layer.
  var layerNorms: [LayerPart] {
    let norms: [LayerPart] = [.attentionNorm, .feedForwardNorm]
    return switch residual {
    case .sequential, .post: norms + (hasCrossAttention ? [.crossNorm] : [])
    case .parallel: norms
    case .sandwich: norms + [.attentionPostNorm, .feedForwardPostNorm]
    }
  }
}
