import Artifacts
package import Diagnostics
package import Pipelines

/// The run's directory is free, or holds the run that is planned.
package enum OutputPlace {
  /// What is wrong with the directory as it is, whatever is planned.
  static func findings(_ output: Setting<String>) -> [Diagnostic] {
    let path = output.value
    switch FilePaths.kind(of: path) {
    case nil: return []
    case .file, .other:
      return [finding(.error, .unwritableOutput, "`\(path)` is no directory", output)]
    case .directory: break
    }
    let entries = FilePaths.entries(of: path)
    guard !entries.contains(RunRecord.File.plan),
      let other = entries.first(where: { !$0.hasPrefix(".") })
    else { return [] }
    return [
      finding(
        .warning, .outputOccupied,
        "`\(path)` holds `\(other)`, which is of no run: `hone run` will not write there", output)
    ]
  }

  /// What is wrong with the directory when `plan` is to be carried out.
  package static func findings(_ output: Setting<String>, plan: Plan) -> [Diagnostic] {
    let status = PlanStatus(plan, RunRecord(directory: output.value))
    switch status.directory {
    case .free, .foreign, .thisPlan: return findings(output)
    case .otherPlan: break
    }
    var changes: [String] = []
    for case .changed(let found) in status.stages {
      for change in found where !changes.contains(change.text) { changes.append(change.text) }
    }
    let shown = changes.prefix(3).joined(separator: ", ")
    let more = changes.count > 3 ? " and \(changes.count - 3) more" : ""
    return [
      Diagnostic(
        .warning, .outputOccupied,
        "`\(output.value)` holds another run" + (changes.isEmpty ? "" : ": \(shown)\(more)"),
        at: output.span, path: output.path,
        help: "`hone run` refuses it: name another directory in `output`, or start anew in its "
          + "place with `--overwrite`")
    ]
  }

  private static func finding(
    _ severity: Diagnostic.Severity, _ code: DiagnosticCode, _ message: String,
    _ output: Setting<String>
  ) -> Diagnostic {
    Diagnostic(
      severity, code, message, at: output.span, path: output.path,
      help: "name a directory in `output` that is not there yet")
  }
}
