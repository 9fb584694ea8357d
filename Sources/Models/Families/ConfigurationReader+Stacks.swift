import Tensors

extension ActivationFunction {
  /// The words of transformers' `ACT2FN` that are built.
  static let words: [(word: String, choice: ActivationFunction)] = [
    ("silu", .silu), ("swish", .silu), ("gelu", .gelu), ("gelu_pytorch_tanh", .geluTanh),
    ("gelu_new", .geluTanh), ("gelu_fast", .geluTanh), ("relu", .relu), ("tanh", .tanh),
  ]
}

/// What transformers takes where a config.json leaves a size out.
struct StackDefaults {
  var vocabulary: Int
  var hidden: Int
  var intermediate: Int
  var layers: Int
  var heads: Int
  /// Nil takes as many as there are heads.
  var keyValueHeads: Int?
  /// Nil takes the share of a head in the hidden size.
  var headDimension: Int?
  var context: Int
  var normEpsilon = 1e-6
  var activation = "silu"
  var tiesEmbeddings = false
  var paddingToken: Int?
}

/// The keys that hold a family's sizes.
struct StackKeys {
  var hidden = "hidden_size"
  var intermediate = "intermediate_size"
  var layers = "num_hidden_layers"
  var heads = "num_attention_heads"
  var context = "max_position_embeddings"
  var normEpsilon = "rms_norm_eps"
  var activation = "hidden_act"
  var headDimension = "head_dim"
}

extension ConfigurationReader {
  /// A decoder with the sizes that the keys say, all layers alike and without windows.
  func decoder(_ defaults: StackDefaults, keys: StackKeys = StackKeys())
    throws(ModelError) -> StackDescription
  {
    let hidden = try integer(keys.hidden, in: StackLimits.hidden, default: defaults.hidden)
    let heads = try integer(keys.heads, in: StackLimits.heads, default: defaults.heads)
    let groups = try nullableInteger(
      "num_key_value_heads", in: StackLimits.heads, default: defaults.keyValueHeads)
    let width = try LlamaConfiguration.headDimension(
      optionalInteger(keys.headDimension, in: StackLimits.headDimension) ?? defaults.headDimension,
      hiddenSize: hidden, headCount: heads)
    let count = try integer(keys.layers, in: StackLimits.layers, default: defaults.layers)
    let (theta, scaling) = try RopeScaling.read(self)
    return try StackDescription(
      vocabularySize: integer(
        "vocab_size", in: StackLimits.vocabulary, default: defaults.vocabulary),
      hiddenSize: hidden,
      intermediateSize: integer(
        keys.intermediate, in: StackLimits.intermediate, default: defaults.intermediate),
      headCount: heads, keyValueHeadCount: groups ?? heads, headDimension: width,
      contextLength: integer(keys.context, in: StackLimits.context, default: defaults.context),
      layers: .init(
        repeating: .init(attentionScale: 1 / Float(width).squareRoot()), count: count),
      activation: choice(
        keys.activation, ActivationFunction.words, default: defaults.activation),
      normEpsilon: number(keys.normEpsilon, default: defaults.normEpsilon),
      rotary: [.init(theta: theta, scaling: scaling, dimension: width)],
      tiesEmbeddings: bool("tie_word_embeddings", default: defaults.tiesEmbeddings),
      initializerRange: number("initializer_range", default: 0.02),
      paddingTokenID: nullableInteger(
        "pad_token_id", in: StackLimits.padding, default: defaults.paddingToken))
  }

  /// For each of `count` layers whether it sees a window only: `layer_types`, or else `standard`.
  func slidingLayers(_ count: Int, default standard: (Int) -> Bool) throws(ModelError) -> [Bool] {
    guard let types = try optionalStrings("layer_types") else { return (0..<count).map(standard) }
    if types.count != count {
      throw .invalidValue(
        key: "layer_types", found: "\(types.count) layers", expected: "\(count) of them")
    }
    var sliding: [Bool] = []
    for type in types {
      switch type {
      case "sliding_attention": sliding.append(true)
      case "full_attention": sliding.append(false)
      default:
        throw .unsupportedValue(
          key: "layer_types", found: type, supported: "`full_attention`, `sliding_attention`")
      }
    }
    return sliding
  }

  /// `partial_rotary_factor` in `rope_parameters` or at the top, or under an older `key`.
  func partialRotaryFactor(olderKey: String? = nil, default standard: Double)
    throws(ModelError) -> Double
  {
    if let share = try nested("rope_parameters")?.optionalNumber("partial_rotary_factor") {
      return share
    }
    if let share = try optionalNumber("partial_rotary_factor") { return share }
    guard let olderKey else { return standard }
    return try number(olderKey, default: standard)
  }
}

extension StackDescription {
  /// Normalises each head's query and key, by norms that stand behind Llama's output projection.
  mutating func normaliseQueriesAndKeys() {
    normalisesQueriesAndKeys = true
    names.replace(
      .attentionOutput,
      by: [
        (.attentionOutput, "self_attn.o_proj"), (.queryNorm, "self_attn.q_norm"),
        (.keyNorm, "self_attn.k_norm"),
      ])
  }
}
