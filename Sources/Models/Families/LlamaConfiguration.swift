package import Tensors

/// The numbers of a Llama-architecture model: Llama 1 to 3, Mistral, SmolLM2.
package struct LlamaConfiguration: Hashable, Sendable {
  package var family: ModelFamily
  package var vocabularySize: Int
  package var hiddenSize: Int
  package var intermediateSize: Int
  package var layerCount: Int
  package var headCount: Int
  package var keyValueHeadCount: Int
  package var headDimension: Int
  /// `max_position_embeddings`.
  package var contextLength: Int
  package var activation: ActivationFunction
  package var normEpsilon: Double
  package var ropeTheta: Double
  package var ropeScaling: RopeScaling
  package var hasAttentionBias: Bool
  package var hasMLPBias: Bool
  package var tiesEmbeddings: Bool
  package var initializerRange: Double
  /// How many positions back a query sees; nil sees all.
  package var slidingWindow: Int?
  package var beginningTokenID: Int?
  package var endTokenIDs: [Int]
  package var paddingTokenID: Int?
  /// What is dropped of attention's weights in training.
  package var attentionDropout = 0.0
  /// What is dropped before a layer that labels tokens; nil where the configuration does not say.
  package var classifierDropout: Double?

  /// Makes a configuration from numbers, for a model that is created.
  ///
  /// - Throws: ``ModelError`` naming the key that is out of range.
  package init(
    family: ModelFamily = .llama, vocabularySize: Int, hiddenSize: Int, intermediateSize: Int,
    layerCount: Int, headCount: Int, keyValueHeadCount: Int? = nil, headDimension: Int? = nil,
    contextLength: Int = 2048, activation: ActivationFunction = .silu, normEpsilon: Double = 1e-6,
    ropeTheta: Double = 10_000, ropeScaling: RopeScaling = .none, hasAttentionBias: Bool = false,
    hasMLPBias: Bool = false, tiesEmbeddings: Bool = false, initializerRange: Double = 0.02,
    slidingWindow: Int? = nil, beginningTokenID: Int? = nil, endTokenIDs: [Int] = [],
    paddingTokenID: Int? = nil
  ) throws(ModelError) {
    self.family = family
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.layerCount = layerCount
    self.headCount = headCount
    self.keyValueHeadCount = keyValueHeadCount ?? headCount
    self.headDimension = try Self.headDimension(
      headDimension, hiddenSize: hiddenSize, headCount: headCount)
    self.contextLength = contextLength
    self.activation = activation
    self.normEpsilon = normEpsilon
    self.ropeTheta = ropeTheta
    self.ropeScaling = ropeScaling
    self.hasAttentionBias = hasAttentionBias
    self.hasMLPBias = hasMLPBias
    self.tiesEmbeddings = tiesEmbeddings
    self.initializerRange = initializerRange
    self.slidingWindow = slidingWindow
    self.beginningTokenID = beginningTokenID
    self.endTokenIDs = endTokenIDs
    self.paddingTokenID = paddingTokenID
    try validate()
  }

  /// The width of a head where the configuration leaves it out.
  static func headDimension(_ given: Int?, hiddenSize: Int, headCount: Int)
    throws(ModelError) -> Int
  {
    if let given { return given }
    guard headCount > 0, hiddenSize.isMultiple(of: headCount) else {
      throw .invalidValue(
        key: "num_attention_heads", found: String(headCount),
        expected: "a divisor of `hidden_size` (\(hiddenSize)) where `head_dim` is left out")
    }
    return hiddenSize / headCount
  }

  private func validate() throws(ModelError) {
    try decoder.validate()
    for (key, value) in [
      ("rms_norm_eps", normEpsilon), ("rope_theta", ropeTheta),
      ("initializer_range", initializerRange),
    ] where !(value > 0 && Float(value).isFinite) {
      throw .invalidValue(key: key, found: "\(value)", expected: "a number above 0")
    }
  }

  /// What the model is made of.
  var decoder: StackDescription {
    var decoder = StackDescription(
      vocabularySize: vocabularySize, hiddenSize: hiddenSize, intermediateSize: intermediateSize,
      headCount: headCount, keyValueHeadCount: keyValueHeadCount, headDimension: headDimension,
      contextLength: contextLength,
      layers: .init(
        repeating: .init(
          window: slidingWindow, attentionScale: 1 / Float(headDimension).squareRoot()),
        count: layerCount),
      activation: activation, normEpsilon: normEpsilon,
      rotary: [.init(theta: ropeTheta, scaling: ropeScaling, dimension: headDimension)],
      tiesEmbeddings: tiesEmbeddings, initializerRange: initializerRange)
    decoder.hasQueryKeyValueBias = hasAttentionBias
    decoder.hasAttentionOutputBias = hasAttentionBias
    decoder.hasFeedForwardBias = hasMLPBias
    decoder.paddingTokenID = paddingTokenID
    decoder.dropout = [.attention: attentionDropout, .tokenHead: classifierDropout ?? 0.1]
    return decoder
  }
}
