import Diagnostics

/// Labels are named for tasks that have some.
enum LabelsFitTask {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    let model = pipeline.model
    guard findings.isSound(model.task) else { return }
    let task = model.task.value
    if let label = model.labels.first, findings.isSound("model.labels"),
      task != .sequenceClassification, task != .tokenClassification
    {
      findings.report(
        .conflictingKeys, "`labels` has no meaning for `task: \(task.rawValue)`", at: label.span,
        label.path, help: "remove it, or write `task: sequence_classification`")
    }
    if let span = model.problemType.span, findings.isSound(model.problemType),
      task != .sequenceClassification
    {
      findings.report(
        .conflictingKeys, "`problem_type` has no meaning for `task: \(task.rawValue)`", at: span,
        model.problemType.path, help: "remove it, or write `task: sequence_classification`")
    }
  }
}
