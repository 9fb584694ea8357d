import Diagnostics
import Pipelines

/// Rows are not allowed to be longer than what the model was made for.
enum MaxLengthWithinContext {
  static func findings(_ pipeline: Pipeline, _ model: PreparedModel) -> [ModelFinding] {
    let context = model.description.contextLength
    return pipeline.data.compactMap { section in
      let limits = [section.maxLength, section.maxSourceLength].compactMap { $0 }
      guard let limit = limits.first(where: { $0.value > context }) else { return nil }
      return ModelFinding(
        Diagnostic(
          .warning, .contextExceeded,
          "`max_length` of \(limit.value) exceeds the model's context of \(context) tokens",
          at: limit.span ?? section.span, path: limit.path,
          help: "write `max_length: \(context)` or less; the model knows no later positions",
          notes: [Diagnostic.Note("the model is named here", at: pipeline.model.span)]))
    }
  }
}
