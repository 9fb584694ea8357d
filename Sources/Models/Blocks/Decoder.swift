import Tensors

/// The decoder that a description describes: its modules, its weights and its program.
///
/// Source: Vaswani et al. 2017, arXiv 1706.03762; names as in transformers.
struct Decoder {
  private struct Layer {
    let path: String
    let attention: SelfAttention
    let feedForward: FeedForward
    let attentionNorm: NormLayer
    let attentionPostNorm: NormLayer
    let feedForwardNorm: NormLayer
    let feedForwardPostNorm: NormLayer
  }

  private let description: DecoderDescription
  private let tokens: EmbeddingLayer
  private let positions: EmbeddingLayer?
  private let layers: [Layer]
  private let norm: NormLayer
  private let rotaryTables: [RotaryTable]
  /// Makes logits of hidden states.
  let head: LinearLayer

  init(_ description: DecoderDescription) {
    let names = description.names
    let deviation = Float(description.initializerRange)
    func embedding(_ name: String, _ count: Int, _ paddingRow: Int?) -> EmbeddingLayer {
      EmbeddingLayer(
        path: "\(names.model).\(name)", count: count, dimension: description.hiddenSize,
        deviation: deviation, paddingRow: paddingRow)
    }
    func norm(_ path: String) -> NormLayer {
      NormLayer(
        path: path, dimension: description.hiddenSize, epsilon: Float(description.normEpsilon),
        kind: description.norm)
    }
    self.description = description
    tokens = embedding(names.embedding, description.vocabularySize, description.paddingTokenID)
    positions =
      description.rotary.isEmpty
      ? embedding(names.positions, description.contextLength, nil) : nil
    layers = description.layers.indices.map { index in
      let path = "\(names.model).\(names.layers).\(index)"
      return Layer(
        path: path, attention: SelfAttention(description, layer: index, path: path),
        feedForward: FeedForward(description, layer: path),
        attentionNorm: norm("\(path).\(names.attentionNorm)"),
        attentionPostNorm: norm("\(path).\(names.attentionPostNorm)"),
        feedForwardNorm: norm("\(path).\(names.feedForwardNorm)"),
        feedForwardPostNorm: norm("\(path).\(names.feedForwardPostNorm)"))
    }
    self.norm = norm("\(names.model).\(names.finalNorm)")
    head = LinearLayer(
      path: names.head, inputs: description.hiddenSize, outputs: description.vocabularySize,
      deviation: deviation, tiedTo: description.tiesEmbeddings ? tokens.weight : nil,
      isOutputHead: true)
    rotaryTables = description.rotary.map {
      RotaryTable(
        inverseFrequencies: $0.scaling.inverseFrequencies(
          theta: $0.theta, dimension: $0.dimension))
    }
  }

  /// Modules and weights in transformers' order.
  var outline: ModelOutline {
    let names = description.names
    var outline = ModelOutline()
    outline.container(names.model)
    tokens.declare(in: &outline)
    positions?.declare(in: &outline)
    if let dropout = names.embeddingDropout { outline.function("\(names.model).\(dropout)") }
    outline.container("\(names.model).\(names.layers)")
    for layer in layers {
      outline.container(layer.path)
      for part in names.parts {
        switch part {
        case .attention: layer.attention.declare(in: &outline)
        case .feedForward: layer.feedForward.declare(in: &outline)
        case .attentionNorm: layer.attentionNorm.declare(in: &outline)
        case .attentionPostNorm: layer.attentionPostNorm.declare(in: &outline)
        case .feedForwardNorm: layer.feedForwardNorm.declare(in: &outline)
        case .feedForwardPostNorm: layer.feedForwardPostNorm.declare(in: &outline)
        case .function(let name): outline.function("\(layer.path).\(name)")
        }
      }
    }
    norm.declare(in: &outline)
    if !rotaryTables.isEmpty { outline.function(rotaryPath) }
    head.declare(in: &outline)
    return outline
  }

  private var rotaryPath: String { "\(description.names.model).rotary_emb" }

  /// The cosines and sines of `positions (N)`, one table a kind of rotary positions.
  func rotaries(of positions: ValueID, in program: inout ForwardBuilder)
    throws(ProgramError) -> [ValueID]
  {
    var tables: [ValueID] = []
    for table in rotaryTables {
      tables.append(try program.append(.rotaryTable(table), [positions], label: rotaryPath))
    }
    return tables
  }

  /// The normalised hidden states `(N, E)` of `tokens (N)` at `positions (N)`.
  func hiddenStates(
    of ids: ValueID, at positionIDs: ValueID, _ context: AttentionContext,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    var x = try tokens.apply(to: ids, in: &program)  // (N, E)
    if description.embeddingScale != 1 {
      x = try program.append(
        .scale(Scale(description.embeddingScale)), [x], label: tokens.path)
    }
    if let positions {
      let placed = try positions.apply(to: positionIDs, in: &program)
      x = try program.append(.add(Add()), [x, placed], label: positions.path)
    }
    for layer in layers { x = try apply(layer, to: x, context, in: &program) }
    return try norm.apply(to: x, in: &program)
  }

  private func apply(
    _ layer: Layer, to x: ValueID, _ context: AttentionContext, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let normed = try layer.attentionNorm.apply(to: x, in: &program)
    switch description.residual {
    case .sequential:
      let y = try layer.attention.apply(to: normed, addingTo: x, context, in: &program)
      let middle = try layer.feedForwardNorm.apply(to: y, in: &program)
      return try layer.feedForward.apply(to: middle, addingTo: y, in: &program)
    case .parallel:
      let y = try layer.attention.apply(to: normed, addingTo: x, context, in: &program)
      let middle = try layer.feedForwardNorm.apply(to: x, in: &program)
      return try layer.feedForward.apply(to: middle, addingTo: y, in: &program)
    case .sandwich:
      let attended = try layer.attention.apply(to: normed, addingTo: nil, context, in: &program)
      let y = try add(attended, behind: layer.attentionPostNorm, to: x, in: &program)
      let middle = try layer.feedForwardNorm.apply(to: y, in: &program)
      let fed = try layer.feedForward.apply(to: middle, addingTo: nil, in: &program)
      return try add(fed, behind: layer.feedForwardPostNorm, to: y, in: &program)
    }
  }

  private func add(
    _ part: ValueID, behind norm: NormLayer, to x: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let normed = try norm.apply(to: part, in: &program)
    return try program.append(.add(Add()), [x, normed], label: norm.path)
  }

  /// Appends the logits of `hidden (M, E)`, `(M, V)`.
  func logits(of hidden: ValueID, in program: inout ForwardBuilder)
    throws(ProgramError) -> ValueID
  {
    let logits = try head.apply(to: hidden, in: &program)
    guard let cap = description.logitSoftCap else { return logits }
    let small = try program.append(.scale(Scale(1 / cap)), [logits], label: head.path)
    let bent = try program.append(.activation(Activation(.tanh)), [small], label: head.path)
    return try program.append(.scale(Scale(cap)), [bent], label: head.path)
  }
}
