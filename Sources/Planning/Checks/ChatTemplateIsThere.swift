import Diagnostics
import Pipelines

/// Where conversations are rendered, the tokenizer has a chat template that can be read.
enum ChatTemplateIsThere {
  static func findings(_ pipeline: Pipeline, _ model: PreparedModel) -> [ModelFinding] {
    guard model.tokenizer.chatTemplate == nil else { return [] }
    let note = Diagnostic.Note("the model is named here", at: pipeline.model.span)
    return pipeline.data.compactMap { section in
      guard case .load = section.source, case .messages(let column) = section.columns else {
        return nil
      }
      return ModelFinding(
        Diagnostic(
          .error, .missingChatTemplate,
          "the tokenizer has no chat template to render `messages` of `\(section.name)` with",
          at: column.span ?? section.span, path: column.path,
          help: "use the instruction-tuned model, add `chat_template` to tokenizer_config.json, "
            + "or train on `prompt` and `completion`", notes: [note]),
        section: section.path)
    }
  }
}
