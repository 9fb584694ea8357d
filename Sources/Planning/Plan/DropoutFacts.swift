import JSONSyntax
import Models

/// What training drops of the model's own values, by where it does.
package struct DropoutFacts: Hashable, Sendable {
  /// A place of the model and its rate, which is not zero.
  package struct Place: Hashable, Sendable {
    package let name: String
    package let rate: Double
  }

  /// The places where something is dropped, in the order of the model.
  package let places: [Place]

  /// What is dropped of `model` for its task.
  init(_ model: ModelDescription) {
    let rates = model.stack.dropout
    let head: Double? =
      switch model.task {
      case .sequenceClassification, .regression: rates.rowHead
      case .tokenClassification: rates.tokenHead
      case .causalLM, .seq2seqLM, .maskedLM, .seq2seqRegression: nil
      }
    let all = [
      ("embedding", rates.embedding), ("attention", rates.attention),
      ("attention_output", rates.attentionOutput), ("activation", rates.activation),
      ("feed_forward", rates.feedForward), ("states", rates.states), ("head", head),
    ]
    places = all.compactMap { name, rate in
      guard let rate, rate > 0 else { return nil }
      return Place(name: name, rate: rate)
    }
    let hidden = [rates.embedding, rates.attentionOutput, rates.feedForward, rates.states]
    let stream = Set(hidden.compactMap { $0 })
    isEven = stream.count == 1 && rates.feedForward ?? 0 > 0
  }

  /// Whether all that joins the residual stream is dropped at one rate.
  private let isEven: Bool

  /// The rates in a line; none where nothing is dropped.
  var lines: [String] {
    guard !places.isEmpty else { return [] }
    let ofStream: Set<String> =
      isEven ? ["embedding", "attention_output", "feed_forward", "states"] : []
    var parts = places.filter { !ofStream.contains($0.name) }.map {
      $0.name.replacing("_", with: " ") + " " + Quantities.compact($0.rate)
    }
    if isEven, let rate = places.first(where: { ofStream.contains($0.name) })?.rate {
      parts.insert(Quantities.compact(rate), at: 0)
    }
    return ["model dropout " + parts.joined(separator: ", ")]
  }

  /// The rates by place; nil where nothing is dropped.
  var json: JSONValue? {
    guard !places.isEmpty else { return nil }
    return .object(JSONObject(places.map { ($0.name, .number($0.rate)) }))
  }
}
