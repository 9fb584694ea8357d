extension StackDescription {
  /// Gemma: embeddings times √E, norms times `1 + w`, GeGLU, wide heads.
  ///
  /// Source: transformers, `GemmaForCausalLM`; arXiv 2403.08295.
  static func gemma(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    var decoder = try gemmaBase(
      reader, activationKey: "hidden_act",
      StackDefaults(
        vocabulary: 256_000, hidden: 3072, intermediate: 24_576, layers: 28, heads: 16,
        keyValueHeads: 16, headDimension: 256, context: 8192))
    // Older files say `gelu` and mean its approximation.
    if decoder.activation == .gelu { decoder.activation = .geluTanh }
    return decoder
  }

  /// Gemma 2: norms around each part, soft caps, a window in every other layer.
  ///
  /// Source: transformers, `Gemma2ForCausalLM`; arXiv 2408.00118.
  static func gemma2(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    var decoder = try gemmaBase(
      reader, activationKey: "hidden_activation",
      StackDefaults(
        vocabulary: 256_000, hidden: 2304, intermediate: 9216, layers: 26, heads: 8,
        keyValueHeads: 4, headDimension: 256, context: 8192))
    try decoder.setSandwich(reader, sliding: { ($0 + 1) % 2 != 0 })
    decoder.attentionSoftCap = try cap(reader, "attn_logit_softcapping", default: 50)
    decoder.logitSoftCap = try cap(reader, "final_logit_softcapping", default: 30)
    return decoder
  }

  /// Gemma 3's text models: queries and keys normalised, other rotary positions in the layers with a
  /// window.
  ///
  /// Source: transformers, `Gemma3ForCausalLM`, whose attention passes over
  /// `attn_logit_softcapping`; arXiv 2503.19786.
  static func gemma3(_ reader: ConfigurationReader) throws(ModelError) -> StackDescription {
    var decoder = try gemmaBase(
      reader, activationKey: "hidden_activation",
      StackDefaults(
        vocabulary: 262_208, hidden: 2304, intermediate: 9216, layers: 26, heads: 8,
        keyValueHeads: 4, headDimension: 256, context: 131_072))
    let period = try reader.integer("sliding_window_pattern", in: 1...(1 << 12), default: 6)
    try decoder.setSandwich(reader, sliding: { ($0 + 1) % period != 0 })
    decoder.normaliseQueriesAndKeys()
    decoder.logitSoftCap = try cap(reader, "final_logit_softcapping", default: nil)
    decoder.dropout[.tokenHead] = nil
    let sections = try reader.nested("rope_parameters")
    let (full, sliding) = (
      try sections?.nested("full_attention"), try sections?.nested("sliding_attention")
    )
    let older = try reader.nested("rope_scaling")
    let isFlat = sections != nil && full == nil && sliding == nil
    if isFlat {
      throw .unsupportedValue(
        key: "rope_parameters", found: "one section for all layers",
        supported: "`full_attention` and `sliding_attention` in it")
    }
    let olderTheta = try reader.number("rope_theta", default: 1_000_000)
    let olderLocalTheta = try reader.number("rope_local_base_freq", default: 10_000)
    decoder.rotary = [
      RotaryPositions(
        theta: try full?.optionalNumber("rope_theta") ?? olderTheta,
        scaling: try RopeScaling.read(section: full ?? older),
        dimension: decoder.headDimension),
      RotaryPositions(
        theta: try sliding?.optionalNumber("rope_theta") ?? olderLocalTheta,
        scaling: try RopeScaling.read(section: sliding), dimension: decoder.headDimension),
    ]
    let isSliding = try reader.slidingLayers(decoder.layers.count) { ($0 + 1) % period != 0 }
    for index in decoder.layers.indices where isSliding[index] {
      decoder.layers[index].rotary = 1
    }
    return decoder
  }

  private static func gemmaBase(
    _ reader: ConfigurationReader, activationKey: String, _ sizes: StackDefaults
  ) throws(ModelError) -> StackDescription {
    try reader.refuse("use_bidirectional_attention", supported: "false")
    var keys = StackKeys()
    keys.activation = activationKey
    var sizes = sizes
    sizes.activation = "gelu_pytorch_tanh"
    sizes.tiesEmbeddings = true
    sizes.paddingToken = 0
    var decoder = try reader.decoder(sizes, keys: keys)
    let hasBias = try reader.bool("attention_bias", default: false)
    decoder.hasQueryKeyValueBias = hasBias
    decoder.hasAttentionOutputBias = hasBias
    decoder.norm = .rms(weightOffset: 1)
    decoder.dropout = try reader.decoderDropout()
    decoder.embeddingScale = Float(Double(decoder.hiddenSize).squareRoot())
    return decoder
  }

  /// Norms on both sides of each part, windows, and the scale of scores.
  private mutating func setSandwich(
    _ reader: ConfigurationReader, sliding: (Int) -> Bool
  ) throws(ModelError) {
    let window = try reader.nullableInteger(
      "sliding_window", in: StackLimits.context, default: 4096)
    let scalar = try reader.number("query_pre_attn_scalar", default: 256)
    let isSliding = try reader.slidingLayers(layers.count, default: sliding)
    for index in layers.indices {
      layers[index].attentionScale = Float(1 / scalar.squareRoot())
      if isSliding[index] { layers[index].window = window }
    }
    residual = .sandwich
    names.replace(
      .feedForwardNorm,
      by: [
        (.attentionPostNorm, "post_attention_layernorm"),
        (.feedForwardNorm, "pre_feedforward_layernorm"),
        (.feedForwardPostNorm, "post_feedforward_layernorm"),
      ])
  }

  private static func cap(
    _ reader: ConfigurationReader, _ key: String, default standard: Double?
  ) throws(ModelError) -> Float? {
    let value = reader.isPresent(key) ? try reader.optionalNumber(key) : standard
    return value.map { Float($0) }
  }
}
