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
  /// The one rate of all that joins the residual stream; nil where there are several, or none.
  private let streamRate: Double?

  /// What joins the residual stream.
  private static let stream: [ModelDropout.Place] = [
    .embedding, .attentionOutput, .feedForward, .states,
  ]

  /// What is dropped of `model` for its task.
  init(_ model: ModelDescription) {
    let rates = model.stack.dropout
    let head: ModelDropout.Place? =
      switch model.task {
      case .sequenceClassification, .regression: .rowHead
      case .tokenClassification: .tokenHead
      case .causalLM, .seq2seqLM, .maskedLM, .seq2seqRegression: nil
      }
    places = ModelDropout.Place.allCases.compactMap { place in
      let isOfHead = place == .rowHead || place == .tokenHead
      guard !isOfHead || place == head, let rate = rates[place], rate > 0 else { return nil }
      return Place(name: isOfHead ? "head" : place.rawValue, rate: rate)
    }
    let hidden = Set(Self.stream.compactMap { rates[$0] })
    streamRate = hidden.count == 1 ? hidden.first.flatMap { $0 > 0 ? $0 : nil } : nil
  }

  /// The rates in a line; none where nothing is dropped.
  var lines: [String] {
    guard !places.isEmpty else { return [] }
    let together = streamRate == nil ? [] : Self.stream.map(\.rawValue)
    let parts =
      (streamRate.map { [Quantities.compact($0)] } ?? [])
      + places.filter { !together.contains($0.name) }.map {
        $0.name.replacing("_", with: " ") + " " + Quantities.compact($0.rate)
      }
    return ["model dropout " + parts.joined(separator: ", ")]
  }

  /// The rates by place; nil where nothing is dropped.
  var json: JSONValue? {
    guard !places.isEmpty else { return nil }
    return .object(JSONObject(places.map { ($0.name, .number($0.rate)) }))
  }
}
