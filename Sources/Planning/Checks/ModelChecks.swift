import Diagnostics
import Pipelines

/// The rules between a pipeline and the headers of its model, each in a file of its own.
enum ModelChecks {
  /// A rule: what it finds, each with the data section that cannot be read for it, if one.
  typealias Check = @Sendable (Pipeline, PreparedModel) -> [ModelFinding]

  static let all: [Check] = [
    MaxLengthWithinContext.findings,
    EndTokenIsNamed.findings,
    ChatTemplateIsThere.findings,
    MaskTokenIsThere.findings,
  ]

  /// What all rules find.
  static func findings(_ pipeline: Pipeline, _ model: PreparedModel) -> [ModelFinding] {
    all.flatMap { $0(pipeline, model) }
  }
}

/// A finding about the model that a pipeline names.
struct ModelFinding {
  let diagnostic: Diagnostic
  /// The path of the section whose rows cannot be read because of it.
  let section: String?

  init(_ diagnostic: Diagnostic, section: String? = nil) {
    self.diagnostic = diagnostic
    self.section = section
  }
}
