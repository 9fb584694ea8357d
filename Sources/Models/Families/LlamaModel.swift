import Tensors

/// The blocks of a Llama-architecture model under transformers' names.
///
/// Source: Touvron et al. 2023, arXiv 2302.13971; names as in transformers' `LlamaForCausalLM`.
struct LlamaModel {
  private struct Layer {
    let path: String
    let attention: RotaryAttention
    let mlp: GatedMLP
    let attentionNorm: RMSNormLayer
    let mlpNorm: RMSNormLayer
  }

  private let embedding: TokenEmbedding
  private let layers: [Layer]
  private let norm: RMSNormLayer
  /// Makes logits of hidden states.
  let head: LinearLayer
  private let rotaryTable: RotaryTable

  init(_ configuration: LlamaConfiguration) {
    let deviation = Float(configuration.initializerRange)
    embedding = TokenEmbedding(
      path: "model.embed_tokens", count: configuration.vocabularySize,
      dimension: configuration.hiddenSize, deviation: deviation,
      paddingRow: configuration.paddingTokenID)
    layers = (0..<configuration.layerCount).map { Self.layer($0, configuration) }
    norm = RMSNormLayer(
      path: "model.norm", dimension: configuration.hiddenSize,
      epsilon: Float(configuration.normEpsilon))
    head = LinearLayer(
      path: "lm_head", inputs: configuration.hiddenSize, outputs: configuration.vocabularySize,
      deviation: deviation, tiedTo: configuration.tiesEmbeddings ? embedding.weight : nil,
      isOutputHead: true)
    rotaryTable = RotaryTable(
      inverseFrequencies: configuration.ropeScaling.inverseFrequencies(
        theta: configuration.ropeTheta, dimension: configuration.headDimension))
  }

  /// Modules and weights in transformers' order.
  var outline: ModelOutline {
    var outline = ModelOutline()
    outline.container("model")
    embedding.declare(in: &outline)
    outline.container("model.layers")
    for layer in layers {
      outline.container(layer.path)
      layer.attention.declare(in: &outline)
      layer.mlp.declare(in: &outline)
      layer.attentionNorm.declare(in: &outline)
      layer.mlpNorm.declare(in: &outline)
    }
    norm.declare(in: &outline)
    outline.function("model.rotary_emb")
    head.declare(in: &outline)
    return outline
  }

  /// The cosines and sines of `positions (N)`.
  func rotary(of positions: ValueID, in program: inout ForwardBuilder)
    throws(ProgramError) -> ValueID
  {
    try program.append(.rotaryTable(rotaryTable), [positions], label: "model.rotary_emb")
  }

  /// The normalised hidden states `(N, E)` of `tokens (N)`.
  func hiddenStates(
    of tokens: ValueID, _ context: AttentionContext, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    var x = try embedding.apply(to: tokens, in: &program)  // (N, E)
    for layer in layers {
      let attended = try layer.attentionNorm.apply(to: x, in: &program)
      x = try layer.attention.apply(to: attended, addingTo: x, context, in: &program)
      let normed = try layer.mlpNorm.apply(to: x, in: &program)
      x = try layer.mlp.apply(to: normed, addingTo: x, in: &program)
    }
    return try norm.apply(to: x, in: &program)
  }

  private static func layer(_ index: Int, _ configuration: LlamaConfiguration) -> Layer {
    let path = "model.layers.\(index)"
    let hidden = configuration.hiddenSize
    func linear(_ name: String, _ inputs: Int, _ outputs: Int, _ hasBias: Bool) -> LinearLayer {
      LinearLayer(
        path: "\(path).\(name)", inputs: inputs, outputs: outputs, hasBias: hasBias,
        deviation: Float(configuration.initializerRange))
    }
    func norm(_ name: String) -> RMSNormLayer {
      RMSNormLayer(
        path: "\(path).\(name)", dimension: hidden, epsilon: Float(configuration.normEpsilon))
    }
    let queryWidth = configuration.headCount * configuration.headDimension
    let keyWidth = configuration.keyValueHeadCount * configuration.headDimension
    let (attentionBias, mlpBias) = (configuration.hasAttentionBias, configuration.hasMLPBias)
    let middle = configuration.intermediateSize
    return Layer(
      path: path,
      attention: RotaryAttention(
        path: path + ".self_attn", layer: index, heads: configuration.headCount,
        keyValueHeads: configuration.keyValueHeadCount,
        headDimension: configuration.headDimension,
        query: linear("self_attn.q_proj", hidden, queryWidth, attentionBias),
        key: linear("self_attn.k_proj", hidden, keyWidth, attentionBias),
        value: linear("self_attn.v_proj", hidden, keyWidth, attentionBias),
        output: linear("self_attn.o_proj", queryWidth, hidden, attentionBias)),
      mlp: GatedMLP(
        path: path + ".mlp", activation: configuration.activation,
        gate: linear("mlp.gate_proj", hidden, middle, mlpBias),
        up: linear("mlp.up_proj", hidden, middle, mlpBias),
        down: linear("mlp.down_proj", middle, hidden, mlpBias)),
      attentionNorm: norm("input_layernorm"), mlpNorm: norm("post_attention_layernorm"))
  }
}
