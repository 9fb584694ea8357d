/// How much of what flows through a model is dropped while it is trained, in 0 ≤ rate < 1, by place.
///
/// A place has no rate where transformers has no dropout for the family, whatever config.json says.
/// Evaluation and generation drop nothing.
///
/// Source: Srivastava et al. 2014, JMLR 15; places as in transformers 5.24.
package struct ModelDropout: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// Where something is dropped, in the order of the model.
  package enum Place: String, CaseIterable, Sendable {
    /// Behind the embeddings, and their norm where they have one.
    case embedding
    /// Of the weights by which attention mixes values.
    case attention
    /// Of what attention adds to the residual stream.
    case attentionOutput = "attention_output"
    /// Behind the activation of the feed-forward layer.
    case activation
    /// Of what the feed-forward layer adds to the residual stream.
    case feedForward = "feed_forward"
    /// Behind the stack's last norm.
    case states
    /// Before the last layer of a head that answers for rows.
    case rowHead = "row_head"
    /// Before the layer of a head that answers for tokens.
    case tokenHead = "token_head"
  }

  private var rates: [Place: Double]

  package init(dictionaryLiteral rates: (Place, Double)...) {
    self.rates = Dictionary(rates) { _, last in last }
  }

  /// One rate behind the embeddings and both parts of a layer, as most families have it.
  init(hidden: Double, attention: Double) {
    self = [
      .embedding: hidden, .attention: attention, .attentionOutput: hidden, .feedForward: hidden,
    ]
  }

  /// The rate of a place; nil where the family drops nothing there.
  package subscript(place: Place) -> Double? {
    get { rates[place] }
    set { rates[place] = newValue }
  }

  /// The same places, all of them with `rate`.
  package func replacingRates(by rate: Double) -> ModelDropout {
    var same = self
    same.rates = rates.mapValues { _ in rate }
    return same
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
    [.attention: try rate("attention_dropout", default: 0), .tokenHead: try tokenHeadRate()]
  }
}
