import Diagnostics
import Pipelines

/// Where tokens are hidden, the tokenizer has a token to hide them by.
enum MaskTokenIsThere {
  static func findings(_ pipeline: Pipeline, _ model: PreparedModel) -> [ModelFinding] {
    guard pipeline.model.task.value == .maskedLM, model.tokenizer.maskID == nil else { return [] }
    return [
      ModelFinding(
        Diagnostic(
          .error, .invalidTokenizer, "the tokenizer names no mask token for `task: masked_lm`",
          at: pipeline.model.task.span, path: pipeline.model.task.path,
          help: "name `mask_token` in tokenizer_config.json, or take the tokenizer that belongs to "
            + "the model"))
    ]
  }
}
