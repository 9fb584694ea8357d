import Diagnostics

/// The rows of a section hold what the model's task needs.
enum ColumnsFitTask {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard findings.isSound(pipeline.model.task) else { return }
    let task = pipeline.model.task.value
    let readsNumbers = pipeline.readsNumbers
    for section in pipeline.data {
      guard findings.isSound(section.path + ".columns"), findings.isSound(section.path + ".load"),
        !fits(section, task, readsNumbers: readsNumbers)
      else { continue }
      let place = section.columns.first
      findings.report(
        .conflictingKeys,
        "the rows of `\(section.name)` do not fit `task: \(task.rawValue)`",
        at: place.span ?? section.span, place.span == nil ? section.path : place.path,
        help: help(task), notes: section.columnsNote)
    }
  }

  private static func fits(
    _ section: DataSection, _ task: ModelSection.Task, readsNumbers: Bool
  ) -> Bool {
    switch (section.source, task) {
    case (.mix, _): return true
    case (.pair, .seq2seqLM), (.pair, .seq2seqRegression), (.pair, .regression): return true
    case (.pair, _): return false
    case (.load, _) where readsNumbers: return false
    case (.load, _): break
    }
    switch (task, section.columns) {
    case (.causalLM, .text), (.causalLM, .promptCompletion), (.causalLM, .messages),
      (.seq2seqLM, .sourceTarget), (.maskedLM, .text), (.sequenceClassification, .labelled),
      (.regression, .labelled), (.tokenClassification, .words):
      return true
    case (.causalLM, _), (.seq2seqLM, _), (.maskedLM, _), (.sequenceClassification, _),
      (.regression, _), (.tokenClassification, _), (.seq2seqRegression, _):
      return false
    }
  }

  private static func help(_ task: ModelSection.Task) -> String {
    switch task {
    case .causalLM:
      "name `text`, `prompt` and `completion`, or `messages`; or choose another `task` in `model`"
    case .seq2seqLM:
      "name `columns: {source: …, target: …}`, or two files: `load: {source: …, target: …}`"
    case .maskedLM: "name a column of text: `columns: {text: …}`"
    case .sequenceClassification: "name the label: `columns: {text: …, label: …}`"
    case .regression:
      "name the number, or a list of them: `columns: {text: …, label: …}`, or two matrices: "
        + "`load: {source: rna.csv, target: protein.csv}`"
    case .tokenClassification: "name the lists: `columns: {tokens: …, tags: …}`"
    case .seq2seqRegression: "name two matrices: `load: {source: rna.csv, target: protein.csv}`"
    }
  }
}
