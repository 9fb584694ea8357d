/// One thing in which two plans differ.
package struct PlanDifference: Hashable, Sendable {
  /// What made the plans differ.
  package enum Cause: String, CaseIterable, Sendable {
    /// A setting of the pipeline.
    case pipeline
    /// The rows that a section has, though its settings are the same.
    case data
    /// The model's files: weights' headers, configuration, tokenizer.
    case model
    /// The backend, or the number of threads that the machine gives it.
    case backend
    /// Another Hone made the plan.
    case hone
    /// Nothing of its own: it follows from the others.
    case consequence

    /// As a heading.
    package var title: String {
      switch self {
      case .pipeline: "pipeline"
      case .data: "data"
      case .model: "model"
      case .backend: "backend"
      case .hone: "Hone"
      case .consequence: "so that"
      }
    }
  }

  package let cause: Cause
  /// A setting's path, or the place in the plan's JSON.
  package let path: String
  /// In words; nil where it was not there.
  package let old: String?
  /// In words; nil where it is there no more.
  package let new: String?
  /// Where the new value was said, as `file:line`, `default` or an option; nil for what is not said.
  package let origin: String?
  /// Whether it is among the few figures that a person asks for first.
  package let isHeadline: Bool
  /// Whether it was measured, so that the same plan may have another one tomorrow.
  package let isMeasured: Bool

  init(
    _ cause: Cause, _ path: String, old: String?, new: String?, origin: String? = nil,
    isHeadline: Bool = true, isMeasured: Bool = false
  ) {
    self.cause = cause
    self.path = path
    self.old = old
    self.new = new
    self.origin = origin
    self.isHeadline = isHeadline
    self.isMeasured = isMeasured
  }

  /// As `stages[1].train.method.lora.r is 16, was 8 (pipeline.yaml:12)`.
  package var sentence: String {
    let place = origin.map { " (\($0))" } ?? ""
    return switch (old, new) {
    case (nil, nil): "`\(path)` differs\(place)"
    case (nil, let new?): "`\(path)` is new: \(Self.short(new))\(place)"
    case (let old?, nil): "`\(path)` is gone, was \(Self.short(old))"
    case (let old?, let new?): "`\(path)` is \(Self.short(new)), was \(Self.short(old))\(place)"
    }
  }

  /// `text` cut where it would not fit on a line.
  static func short(_ text: String) -> String {
    text.count <= 60 ? text : String(text.prefix(59)) + "…"
  }
}
