/// A created model is told its tokenizer, as no file lies beside it.
enum CreatedModelTokenizer {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard case .create = pipeline.model.source, pipeline.model.tokenizer == nil,
      pipeline.model.tokenizerTraining == nil, !pipeline.readsNumbers
    else { return }
    findings.report(
      .missingKey, "missing key `tokenizer` in `model`, which `create` needs",
      at: pipeline.model.span, "model.tokenizer",
      help: "add `tokenizer: models/smollm2`: a `tokenizer.json` or a directory that holds one, or "
        + "`tokenizer: {train: bpe, size: 2048}`")
  }
}
