package import JSONSyntax
package import Tensors

extension LlamaConfiguration {
  /// Reads a config.json of `model_type` llama or mistral, with transformers' defaults.
  ///
  /// - Throws: ``ModelError`` naming the key that is missing or odd.
  package init(json: JSONValue) throws(ModelError) {
    switch try ModelConfiguration(json: json) {
    case .llama(let configuration): self = configuration
    case .other(let configuration):
      throw .unsupportedValue(
        key: "model_type", found: configuration.family.rawValue, supported: "`llama`, `mistral`")
    }
  }

  init(_ reader: ConfigurationReader, family: ModelFamily) throws(ModelError) {
    if let share = try reader.optionalNumber("partial_rotary_factor"), share != 1 {
      throw .unsupportedValue(
        key: "partial_rotary_factor", found: "\(share)", supported: "1")
    }
    let hiddenSize = try reader.integer("hidden_size", in: StackLimits.hidden)
    let headCount = try reader.integer("num_attention_heads", in: StackLimits.heads)
    let keyValueHeads: Int?
    let window: Int?
    let hasAttentionBias: Bool
    let hasMLPBias: Bool
    if family != .mistral {
      keyValueHeads = try reader.optionalInteger("num_key_value_heads", in: StackLimits.heads)
      window = nil
      hasAttentionBias = try reader.bool("attention_bias", default: false)
      hasMLPBias = try reader.bool("mlp_bias", default: false)
    } else {
      keyValueHeads = try reader.integer("num_key_value_heads", in: StackLimits.heads)
      window = try reader.nullableInteger(
        "sliding_window", in: StackLimits.context, default: 4096)
      (hasAttentionBias, hasMLPBias) = (false, false)
    }
    let (theta, scaling) = try RopeScaling.read(reader)
    try self.init(
      family: family,
      vocabularySize: reader.integer("vocab_size", in: StackLimits.vocabulary),
      hiddenSize: hiddenSize,
      intermediateSize: reader.integer("intermediate_size", in: StackLimits.intermediate),
      layerCount: reader.integer("num_hidden_layers", in: StackLimits.layers),
      headCount: headCount, keyValueHeadCount: keyValueHeads,
      headDimension: reader.optionalInteger("head_dim", in: StackLimits.headDimension),
      contextLength: reader.integer("max_position_embeddings", in: StackLimits.context),
      activation: reader.choice("hidden_act", ActivationFunction.words, default: "silu"),
      normEpsilon: reader.number("rms_norm_eps"), ropeTheta: theta, ropeScaling: scaling,
      hasAttentionBias: hasAttentionBias, hasMLPBias: hasMLPBias,
      tiesEmbeddings: reader.bool("tie_word_embeddings", default: false),
      initializerRange: reader.optionalNumber("initializer_range") ?? 0.02,
      slidingWindow: window,
      beginningTokenID: reader.optionalInteger("bos_token_id", in: StackLimits.token),
      endTokenIDs: reader.integers("eos_token_id", in: StackLimits.token),
      paddingTokenID: reader.optionalInteger(
        "pad_token_id", in: -1...StackLimits.token.upperBound))
    attentionDropout = try reader.rate("attention_dropout", default: 0)
    for key in ["hidden_dropout", "classifier_dropout"] where reader.has(key) {
      classifierDropout = try reader.rate(key, default: 0)
    }
  }

  /// The config.json that transformers 4 and 5 read, for weights in `weightType`.
  package func json(weightType: DType) -> JSONValue {
    var object = JSONObject()
    object["architectures"] = [.string(family.architecture)]
    object["attention_bias"] = .bool(hasAttentionBias)
    object["attention_dropout"] = .number(attentionDropout)
    object["bos_token_id"] = Self.number(beginningTokenID)
    if let classifierDropout { object["classifier_dropout"] = .number(classifierDropout) }
    object["eos_token_id"] =
      endTokenIDs.count > 1
      ? .array(endTokenIDs.map { .integer(Int64($0)) }) : Self.number(endTokenIDs.first)
    object["head_dim"] = Self.number(headDimension)
    object["hidden_act"] = .string(
      ActivationFunction.words.first { $0.choice == activation }?.word ?? activation.rawValue)
    object["hidden_size"] = Self.number(hiddenSize)
    object["initializer_range"] = .number(initializerRange)
    object["intermediate_size"] = Self.number(intermediateSize)
    object["max_position_embeddings"] = Self.number(contextLength)
    object["mlp_bias"] = .bool(hasMLPBias)
    object["model_type"] = .string(family.rawValue)
    object["num_attention_heads"] = Self.number(headCount)
    object["num_hidden_layers"] = Self.number(layerCount)
    object["num_key_value_heads"] = Self.number(keyValueHeadCount)
    object["pad_token_id"] = Self.number(paddingTokenID)
    object["rms_norm_eps"] = .number(normEpsilon)
    object["rope_scaling"] = ropeScaling.json
    object["rope_theta"] = .number(ropeTheta)
    if family == .mistral { object["sliding_window"] = Self.number(slidingWindow) }
    object["tie_word_embeddings"] = .bool(tiesEmbeddings)
    object["torch_dtype"] = .string(weightType.rawValue)
    object["use_cache"] = true
    object["vocab_size"] = Self.number(vocabularySize)
    return .object(object)
  }

  private static func number(_ value: Int?) -> JSONValue {
    value.map { .integer(Int64($0)) } ?? .null
  }
}
