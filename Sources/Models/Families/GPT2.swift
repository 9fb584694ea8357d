extension StackDescription {
  /// GPT-2: learned positions, layer norms, one matrix for queries, keys and values, and matrices
  /// stored `(inputs, outputs)`.
  ///
  /// Source: transformers, `GPT2LMHeadModel`; Radford et al. 2019.
  static func gpt2(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    try reader.refuse("add_cross_attention", supported: "false")
    let keys = StackKeys(
      hidden: "n_embd", intermediate: "n_inner", layers: "n_layer", heads: "n_head",
      context: "n_positions", normEpsilon: "layer_norm_epsilon",
      activation: "activation_function")
    let hidden = try reader.integer("n_embd", in: StackLimits.hidden, default: 768)
    var decoder = try reader.decoder(
      StackDefaults(
        vocabulary: 50_257, hidden: 768, intermediate: 4 * hidden, layers: 12, heads: 12,
        context: 1024, normEpsilon: 1e-5, activation: "gelu_new", tiesEmbeddings: true),
      keys: keys)
    let width = Float(decoder.headDimension)
    let isScaled = try reader.bool("scale_attn_weights", default: true)
    let isScaledByLayer = try reader.bool("scale_attn_by_inverse_layer_idx", default: false)
    for index in decoder.layers.indices {
      decoder.layers[index].attentionScale =
        (isScaled ? 1 / width.squareRoot() : 1) / (isScaledByLayer ? Float(index + 1) : 1)
    }
    decoder.norm = .layer
    decoder.rotary = []
    decoder.projections = .fused
    decoder.feedForward = .plain
    decoder.hasQueryKeyValueBias = true
    decoder.hasAttentionOutputBias = true
    decoder.hasFeedForwardBias = true
    decoder.storesInputsFirst = true
    let narrow = decoder.initializerRange / (2 * Double(decoder.layers.count)).squareRoot()
    decoder.deviations = [.attentionOutput: narrow, .down: narrow]
    decoder.positions = .learned(offset: 0)
    decoder.paddingTokenID = nil
    decoder.names = .gpt2
    let residual = try reader.rate("resid_pdrop", default: 0.1)
    decoder.dropout = [
      .embedding: try reader.rate("embd_pdrop", default: 0.1),
      .attention: try reader.rate("attn_pdrop", default: 0.1), .attentionOutput: residual,
      .feedForward: residual, .tokenHead: try reader.tokenHeadRate(),
    ]
    return decoder
  }
}

extension StackNames {
  fileprivate static let gpt2 = StackNames(
    path: "transformer",
    parts: [
      (.tokens, "wte"), (.positions, "wpe"), (.function, "drop"), (.layers, "h"),
      (.finalNorm, "ln_f"),
    ],
    layer: [
      (.attentionNorm, "ln_1"), (.queryKeyValue, "attn.c_attn"),
      (.attentionOutput, "attn.c_proj"), (.function, "attn.attn_dropout"),
      (.function, "attn.resid_dropout"), (.feedForwardNorm, "ln_2"), (.up, "mlp.c_fc"),
      (.down, "mlp.c_proj"), (.function, "mlp.act"), (.function, "mlp.dropout"),
    ])
}
