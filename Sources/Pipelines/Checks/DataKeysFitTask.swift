import Diagnostics

/// No key of a data section is written that the model's task has no use for.
enum DataKeysFitTask {
  /// A key that is written, by its place.
  private typealias Written = (name: String, span: SourceSpan?, path: String)

  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard findings.isSound(pipeline.model.task) else { return }
    let task = pipeline.model.task.value
    let readsNumbers = pipeline.readsNumbers
    for section in pipeline.data {
      for (key, help) in useless(section, task, readsNumbers) where findings.isSound(key.path) {
        guard let span = key.span else { continue }
        findings.report(
          .conflictingKeys,
          "`\(key.name)` has no meaning for `task: \(task.rawValue)` in `\(section.name)`",
          at: span, key.path, help: help)
      }
    }
  }

  private static func useless(
    _ section: DataSection, _ task: ModelSection.Task, _ readsNumbers: Bool
  ) -> [(Written, help: String)] {
    func key<Value>(_ name: String, _ setting: Setting<Value>?) -> Written {
      (name, setting?.span, setting?.path ?? section.path)
    }
    var found: [(Written, help: String)] = []
    if task != .maskedLM {
      found.append(
        (key("mask_probability", section.maskProbability), "remove it: nothing is hidden"))
    }
    if task != .causalLM {
      found.append(
        (
          key("end_token", section.endToken),
          "remove it: what the tokenizer puts around a text stands there"
        ))
    }
    if !readsNumbers {
      found.append(
        (key("transform.source", section.sourceTransform), "remove it: texts are given"))
      if task != .regression {
        found.append(
          (key("transform.target", section.targetTransform), "remove it: no number is learned"))
      }
      if task != .seq2seqLM, section.maxSourceLength?.path != section.maxLength?.path {
        found.append(
          (
            key("max_length.source", section.maxSourceLength),
            "write `max_length: …`: there is no source"
          ))
      }
      return found
    }
    let numbers = "remove it: the rows are numbers, one a column"
    found.append((key("max_length", section.maxLength ?? section.maxSourceLength), numbers))
    found.append((key("overlong", section.overlong), numbers))
    found.append((key("template", section.template), numbers))
    return found
  }
}
