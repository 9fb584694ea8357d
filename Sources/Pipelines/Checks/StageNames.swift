import Diagnostics

/// No two stages are given the same name.
enum StageNames {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    var first: [String: Setting<String>] = [:]
    for stage in pipeline.stages where stage.name.span != nil && findings.isSound(stage.name) {
      guard let earlier = first.updateValue(stage.name, forKey: stage.name.value) else { continue }
      first[stage.name.value] = earlier
      findings.report(
        .duplicateName, "two stages are called `\(stage.name.value)`", at: stage.name.span,
        stage.name.path, help: "give each a name of its own, or leave `name` out",
        notes: [Diagnostic.Note("`\(stage.name.value)` is used first here", at: earlier.span)])
    }
  }
}
