/// How much of what flows through a model is dropped while it is trained, in 0 ≤ rate < 1.
///
/// Each place is nil where transformers has no dropout for the family, whatever config.json says.
/// Evaluation and generation drop nothing.
///
/// Source: Srivastava et al. 2014, JMLR 15; places as in transformers 5.24.
package struct ModelDropout: Hashable, Sendable {
  /// Behind the embeddings, and their norm where they have one.
  package var embedding: Double?
  /// Of the weights by which attention mixes values.
  package var attention: Double?
  /// Of what attention adds to the residual stream.
  package var attentionOutput: Double?
  /// Behind the activation of the feed-forward layer.
  package var activation: Double?
  /// Of what the feed-forward layer adds to the residual stream.
  package var feedForward: Double?
  /// Behind the stack's last norm.
  package var states: Double?
  /// Before the last layer of a head that answers for rows.
  package var rowHead: Double?
  /// Before the layer of a head that answers for tokens.
  package var tokenHead: Double?

  package init(
    embedding: Double? = nil, attention: Double? = nil, attentionOutput: Double? = nil,
    activation: Double? = nil, feedForward: Double? = nil, states: Double? = nil,
    rowHead: Double? = nil, tokenHead: Double? = nil
  ) {
    self.embedding = embedding
    self.attention = attention
    self.attentionOutput = attentionOutput
    self.activation = activation
    self.feedForward = feedForward
    self.states = states
    self.rowHead = rowHead
    self.tokenHead = tokenHead
  }

  /// One rate behind the embeddings and both parts of a layer, as most families have it.
  init(hidden: Double, attention: Double, activation: Double? = nil) {
    self.init(
      embedding: hidden, attention: attention, attentionOutput: hidden, activation: activation,
      feedForward: hidden)
  }

  /// The same places, all of them with `rate`.
  package func replacingRates(by rate: Double) -> ModelDropout {
    ModelDropout(
      embedding: embedding.map { _ in rate }, attention: attention.map { _ in rate },
      attentionOutput: attentionOutput.map { _ in rate },
      activation: activation.map { _ in rate }, feedForward: feedForward.map { _ in rate },
      states: states.map { _ in rate }, rowHead: rowHead.map { _ in rate },
      tokenHead: tokenHead.map { _ in rate })
  }
}

extension StackDescription {
  /// The stack with `rate` in the place of every rate of dropout; as it is where that is nil.
  func replacingDropout(by rate: Double?) -> StackDescription {
    guard let rate else { return self }
    var stack = self
    stack.dropout = dropout.replacingRates(by: rate)
    return stack
  }
}

extension ConfigurationReader {
  /// A rate of dropout: 0 ≤ rate < 1, as a float too.
  func rate(_ key: String, default standard: Double) throws(ModelError) -> Double {
    guard has(key), let value = object[key] else { return standard }
    guard let found = value.number, found >= 0, Float(found) < 1 else {
      throw invalid(key, value, "a number from 0 to below 1")
    }
    return found
  }

  /// The rate before a layer that labels tokens, of families whose configurations name none.
  ///
  /// Source: transformers, `GenericForTokenClassification`, `GPT2ForTokenClassification`.
  func tokenHeadRate() throws(ModelError) -> Double {
    try rate("classifier_dropout", default: rate("hidden_dropout", default: 0.1))
  }

  /// The dropout of decoders in Llama's manner: of attention's weights, and before a head over tokens.
  func decoderDropout() throws(ModelError) -> ModelDropout {
    try ModelDropout(
      attention: rate("attention_dropout", default: 0), tokenHead: tokenHeadRate())
  }
}
