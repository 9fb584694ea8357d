import Artifacts
package import Diagnostics
import JSONSyntax
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
    guard !entries.contains("plan.json"), let other = entries.first(where: { !$0.hasPrefix(".") })
    else { return [] }
    return [
      finding(
        .warning, .outputOccupied,
        "`\(path)` holds `\(other)`, which is of no run: `hone run` will not write there", output)
    ]
  }

  /// What is wrong with the directory when `plan` is to be carried out.
  package static func findings(_ output: Setting<String>, plan: Plan) -> [Diagnostic] {
    let file = FilePaths.joining(output.value, "plan.json")
    guard FilePaths.kind(of: file) == .file else { return findings(output) }
    guard let earlier = try? JSONFile.value(at: file), let identity = earlier["identity"]?.string,
      identity != plan.identity
    else { return [] }
    let differences = settings(that: plan, changesFrom: earlier)
    let shown = differences.prefix(3).joined(separator: ", ")
    let more = differences.count > 3 ? " and \(differences.count - 3) more" : ""
    return [
      Diagnostic(
        .warning, .outputOccupied,
        "`\(output.value)` holds another run: "
          + (differences.isEmpty ? "its model or its rows were others" : shown + more),
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

  /// As "`seed` is 6, was 5", in the order of the plan's settings.
  private static func settings(that plan: Plan, changesFrom earlier: JSONValue) -> [String] {
    var old: [String: String] = [:]
    for setting in earlier["settings"]?.array ?? [] {
      if let path = setting["path"]?.string { old[path] = setting["value"]?.string }
    }
    var differences: [String] = []
    for setting in plan.settings {
      let before = old.removeValue(forKey: setting.path)
      if before != setting.value {
        differences.append(
          "`\(setting.path)` is \(setting.value), was \(before ?? "not written")")
      }
    }
    return differences + old.keys.sorted().map { "`\($0)` is not written any more" }
  }
}
