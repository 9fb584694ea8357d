extension EncoderDecoder {
  /// BART's encoder and decoder: norms behind each part and behind the embeddings, learned positions
  /// from row 2 on.
  ///
  /// Layers are not dropped, whatever `encoder_layerdrop` and `decoder_layerdrop` say.
  /// Source: transformers, `BartForConditionalGeneration`; Lewis et al. 2019, arXiv 1910.13461.
  static func bart(_ reader: ConfigurationReader) throws(ModelError) -> EncoderDecoder {
    try bartLike(reader, BARTDefaults())
  }

  /// mBART: BART with norms before each part and at the end of both stacks.
  ///
  /// Source: transformers, `MBartForConditionalGeneration`; Liu et al. 2020, arXiv 2001.08210.
  static func mbart(_ reader: ConfigurationReader) throws(ModelError) -> EncoderDecoder {
    var stacks = try bartLike(reader, BARTDefaults())
    stacks.changeBoth {
      $0.residual = .sequential
      $0.hasFinalNorm = true
    }
    stacks.shift.first = .lastToken
    return stacks
  }

  /// Marian: BART with sines and cosines for positions, and no norm behind the embeddings.
  ///
  /// Source: transformers, `MarianMTModel`; Junczys-Dowmunt et al. 2018, arXiv 1804.00344.
  static func marian(_ reader: ConfigurationReader) throws(ModelError) -> EncoderDecoder {
    if try !reader.bool("share_encoder_decoder_embeddings", default: true) {
      throw .unsupportedValue(
        key: "share_encoder_decoder_embeddings", found: "false", supported: "true")
    }
    let defaults = BARTDefaults(
      vocabulary: 58_101, paddingToken: 58_100, startToken: 58_100)
    var stacks = try bartLike(reader, defaults)
    stacks.changeBoth {
      $0.positions = .sinusoidal
      $0.hasEmbeddingNorm = false
    }
    return stacks
  }

  private static func bartLike(
    _ reader: ConfigurationReader, _ defaults: BARTDefaults
  ) throws(ModelError) -> EncoderDecoder {
    let names = BARTNames.standard
    var decoder = try side("decoder", reader, defaults, names: names.decoder)
    decoder.hasCrossAttention = true
    decoder.logitBuffer = "final_logits_bias"
    let start = try reader.integer(
      "decoder_start_token_id", in: StackLimits.token, default: defaults.startToken)
    return EncoderDecoder(
      encoder: try side("encoder", reader, defaults, names: names.encoder), decoder: decoder,
      shift: LabelShift(
        first: .token(start), paddingTokenID: decoder.paddingTokenID ?? defaults.paddingToken))
  }

  private static func side(
    _ side: String, _ reader: ConfigurationReader, _ defaults: BARTDefaults, names: StackNames
  ) throws(ModelError) -> StackDescription {
    let keys = StackKeys(
      hidden: "d_model", intermediate: "\(side)_ffn_dim", layers: "\(side)_layers",
      heads: "\(side)_attention_heads", activation: "activation_function")
    var stack = try reader.decoder(
      StackDefaults(
        vocabulary: defaults.vocabulary, hidden: 1024, intermediate: 4096, layers: 12, heads: 16,
        context: 1024, normEpsilon: 1e-5, activation: "gelu", tiesEmbeddings: true,
        paddingToken: defaults.paddingToken), keys: keys)
    stack.normEpsilon = 1e-5
    stack.norm = .layer
    stack.residual = .post
    stack.rotary = []
    stack.positions = .learned(offset: 2)
    stack.hasEmbeddingNorm = true
    stack.hasFinalNorm = false
    stack.feedForward = .plain
    stack.hasQueryKeyValueBias = true
    stack.hasAttentionOutputBias = true
    stack.hasFeedForwardBias = true
    stack.tokensTiedTo = "model.shared.weight"
    stack.initializerRange = try reader.number("init_std", default: 0.02)
    stack.dropout = try ModelDropout(
      hidden: reader.rate("dropout", default: 0.1),
      attention: reader.rate("attention_dropout", default: 0))
    stack.dropout[.activation] = try reader.rate("activation_dropout", default: 0)
    if try reader.bool("scale_embedding", default: false) {
      stack.embeddingScale = Float(Double(stack.hiddenSize).squareRoot())
    }
    stack.names = names
    return stack
  }
}

/// What the configurations of BART's kin differ in where they leave a key out.
private struct BARTDefaults {
  var vocabulary = 50_265
  var paddingToken = 1
  var startToken = 2
}

/// The names of BART's encoder and decoder, which mBART and Marian have too.
private struct BARTNames {
  let encoder: StackNames
  let decoder: StackNames

  private static let selfAttention: [(LayerPart, String)] = [
    (.key, "self_attn.k_proj"), (.value, "self_attn.v_proj"), (.query, "self_attn.q_proj"),
    (.attentionOutput, "self_attn.out_proj"),
  ]
  private static let feedForward: [(LayerPart, String)] = [
    (.up, "fc1"), (.down, "fc2"), (.feedForwardNorm, "final_layer_norm"),
  ]
  private static let encoderLayer =
    selfAttention + [
      (.attentionNorm, "self_attn_layer_norm"), (.function, "activation_fn"),
    ] + feedForward
  private static let decoderLayer =
    selfAttention + [
      (.function, "activation_fn"), (.attentionNorm, "self_attn_layer_norm"),
      (.crossKey, "encoder_attn.k_proj"), (.crossValue, "encoder_attn.v_proj"),
      (.crossQuery, "encoder_attn.q_proj"), (.crossOutput, "encoder_attn.out_proj"),
      (.crossNorm, "encoder_attn_layer_norm"),
    ] + feedForward
  private static let parts: [(StackPart, String)] = [
    (.tokens, "embed_tokens"), (.positions, "embed_positions"), (.layers, "layers"),
    (.embeddingNorm, "layernorm_embedding"), (.finalNorm, "layer_norm"),
  ]

  static let standard = BARTNames(
    encoder: StackNames(path: "model.encoder", parts: parts, layer: encoderLayer),
    decoder: StackNames(path: "model.decoder", parts: parts, layer: decoderLayer))
}
