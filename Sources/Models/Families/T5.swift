extension EncoderDecoder {
  /// T5, v1.0 and v1.1: norms by the root of the mean square, biases by distance, scores that are not
  /// scaled, no other biases.
  ///
  /// The head is the token table, and what it reads is scaled, unless config.json says otherwise, as v1.1
  /// does.
  /// Source: transformers, `T5ForConditionalGeneration`; Raffel et al. 2020, arXiv 1910.10683.
  static func t5(_ reader: ConfigurationReader) throws(ModelError) -> EncoderDecoder {
    let layers = try reader.integer("num_layers", in: StackLimits.layers, default: 6)
    var encoder = try side(reader, layersKey: "num_layers", layers: layers)
    encoder.names = .t5Encoder(isGated: encoder.feedForward == .gated)
    var decoder = try side(reader, layersKey: "num_decoder_layers", layers: layers)
    decoder.names = .t5Decoder(isGated: decoder.feedForward == .gated)
    decoder.hasCrossAttention = true
    decoder.relativePositions?.isBidirectional = false
    let isScaled = try reader.bool("scale_decoder_outputs", default: decoder.tiesEmbeddings)
    if isScaled { decoder.headScale = Float(1 / Double(decoder.hiddenSize).squareRoot()) }
    let padding = try reader.integer("pad_token_id", in: StackLimits.token, default: 0)
    let start = try reader.integer(
      "decoder_start_token_id", in: StackLimits.token, default: padding)
    return EncoderDecoder(
      encoder: encoder, decoder: decoder,
      shift: LabelShift(first: .token(start), paddingTokenID: padding))
  }

  private static func side(
    _ reader: ConfigurationReader, layersKey: String, layers: Int
  ) throws(ModelError) -> StackDescription {
    let words: [(word: String, choice: (isGated: Bool, activation: String))] = [
      ("relu", (false, "relu")), ("gelu", (false, "gelu")), ("silu", (false, "silu")),
      ("gated-gelu", (true, "gelu_new")), ("gated-relu", (true, "relu")),
      ("gated-silu", (true, "silu")),
    ]
    let (isGated, word) = try reader.choice("feed_forward_proj", words, default: "relu")
    let keys = StackKeys(
      hidden: "d_model", intermediate: "d_ff", layers: layersKey, heads: "num_heads",
      context: "n_positions", normEpsilon: "layer_norm_epsilon", activation: "dense_act_fn",
      headDimension: "d_kv")
    var stack = try reader.decoder(
      StackDefaults(
        vocabulary: 32_128, hidden: 512, intermediate: 2048, layers: layers, heads: 8,
        headDimension: 64, context: 512, activation: word, tiesEmbeddings: true),
      keys: keys)
    for index in stack.layers.indices { stack.layers[index].attentionScale = 1 }
    stack.rotary = []
    stack.relativePositions = .init(
      buckets: try reader.integer(
        "relative_attention_num_buckets", in: StackLimits.buckets, default: 32),
      longest: try reader.integer(
        "relative_attention_max_distance", in: StackLimits.distances, default: 128),
      isBidirectional: true)
    stack.feedForward = isGated ? .gated : .plain
    stack.paddingTokenID = nil
    stack.tokensTiedTo = "shared.weight"
    let rate = try reader.rate("dropout_rate", default: 0.1)
    stack.dropout = ModelDropout(hidden: rate, attention: rate)
    (stack.dropout[.activation], stack.dropout[.states]) = (rate, rate)
    stack.setT5Deviations(try reader.number("initializer_factor", default: 1))
    return stack
  }
}

extension StackDescription {
  /// Source: transformers, `T5PreTrainedModel._init_weights`.
  fileprivate mutating func setT5Deviations(_ factor: Double) {
    let narrow = factor / Double(hiddenSize).squareRoot()
    let query = narrow / Double(headDimension).squareRoot()
    let output = factor / Double(headCount * headDimension).squareRoot()
    tokenDeviation = factor
    initializerRange = narrow
    deviations = [
      .query: query, .crossQuery: query, .attentionOutput: output, .crossOutput: output,
      .down: factor / Double(intermediateSize).squareRoot(),
    ]
  }
}

extension StackNames {
  fileprivate static func t5Encoder(isGated: Bool) -> StackNames {
    StackNames(
      path: "encoder", parts: parts,
      layer: selfAttention + feedForward(layer: 1, isGated: isGated))
  }

  fileprivate static func t5Decoder(isGated: Bool) -> StackNames {
    StackNames(
      path: "decoder", parts: parts,
      layer: selfAttention + [
        (.crossQuery, "layer.1.EncDecAttention.q"), (.crossKey, "layer.1.EncDecAttention.k"),
        (.crossValue, "layer.1.EncDecAttention.v"), (.crossOutput, "layer.1.EncDecAttention.o"),
        (.crossNorm, "layer.1.layer_norm"), (.function, "layer.1.dropout"),
      ] + feedForward(layer: 2, isGated: isGated))
  }

  private static let parts: [(StackPart, String)] = [
    (.tokens, "embed_tokens"), (.layers, "block"), (.finalNorm, "final_layer_norm"),
    (.function, "dropout"),
  ]

  private static let selfAttention: [(LayerPart, String)] = [
    (.query, "layer.0.SelfAttention.q"), (.key, "layer.0.SelfAttention.k"),
    (.value, "layer.0.SelfAttention.v"), (.attentionOutput, "layer.0.SelfAttention.o"),
    (.relativeBias, "layer.0.SelfAttention.relative_attention_bias"),
    (.attentionNorm, "layer.0.layer_norm"), (.function, "layer.0.dropout"),
  ]

  private static func feedForward(layer: Int, isGated: Bool) -> [(LayerPart, String)] {
    let own = "layer.\(layer).DenseReluDense"
    let inward: [(LayerPart, String)] =
      isGated ? [(.gate, "\(own).wi_0"), (.up, "\(own).wi_1")] : [(.up, "\(own).wi")]
    return inward + [
      (.down, "\(own).wo"), (.function, "\(own).dropout"), (.function, "\(own).act"),
      (.feedForwardNorm, "layer.\(layer).layer_norm"), (.function, "layer.\(layer).dropout"),
    ]
  }
}
