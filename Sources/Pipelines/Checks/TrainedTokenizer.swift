import Diagnostics

/// A tokenizer is made only for a model that is made, and from texts that are loaded.
enum TrainedTokenizer {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard let training = pipeline.model.tokenizerTraining else { return }
    if case .load(let path) = pipeline.model.source, findings.isSound(path) {
      findings.report(
        .conflictingKeys,
        "a tokenizer is made for a model that `create` makes, not for a loaded one",
        at: training.span, "model.tokenizer",
        help: "leave `tokenizer` out: the model's weights belong to the ids of its own")
    }
    if training.kind.value == .bpe, training.size == nil, findings.isSound(training.kind) {
      findings.report(
        .missingKey, "missing key `size` in `tokenizer`, which `train: bpe` needs",
        at: training.span, "model.tokenizer.size", help: "add `size: 2048`")
    }
    guard findings.isSound("data") else { return }
    let loaded = pipeline.data.filter { section in
      if case .mix = section.source { false } else { true }
    }.map(\.name)
    for name in training.data where !loaded.contains(name.value) {
      let near = Suggestion.nearest(to: name.value, among: loaded)
      let names = loaded.map { "`\($0)`" }.joined(separator: ", ")
      findings.report(
        .unknownData,
        "there is no entry `\(Findings.excerpt(name.value))` of `data` that is loaded",
        at: name.span, name.path,
        help: near.map { "did you mean `\($0)`?" }
          ?? (names.isEmpty ? "describe it in `data`" : "the entries are \(names)"))
    }
  }
}
