import Diagnostics
import Pipelines

/// Where rows are to end with the end-of-sequence token, the tokenizer has one.
enum EndTokenIsNamed {
  static func findings(_ pipeline: Pipeline, _ model: PreparedModel) -> [ModelFinding] {
    guard model.tokenizer.endID == nil, pipeline.model.task.value == .causalLM else { return [] }
    return pipeline.data.compactMap { section in
      switch (section.columns, section.source) {
      case (.text, .load), (.promptCompletion, .load): break
      case (.messages, _), (.sourceTarget, _), (.labelled, _), (.words, _), (_, .mix),
        (_, .pair):
        return nil
      }
      guard section.endToken.value else { return nil }
      return ModelFinding(
        Diagnostic(
          .error, .invalidTokenizer,
          "the tokenizer names no end-of-sequence token to end the rows of `\(section.name)` with",
          at: section.endToken.span ?? section.span, path: section.endToken.path,
          help: "set `end_token: false`, or name `eos_token` in tokenizer_config.json",
          notes: [Diagnostic.Note("the model is named here", at: pipeline.model.span)]),
        section: section.path)
    }
  }
}
