import Artifacts
import JSONSyntax
import Planning

/// A run's directory: what was planned, and how far it came.
enum RunInspection {
  /// The plan in short, the last measurements and the states that are kept.
  static func lines(_ directory: String) throws -> [String] {
    let planPath = FilePaths.joining(directory, "plan.json")
    let plan = try JSONFile.value(at: planPath)
    var lines = ["run \(plan["pipeline"]?["name"]?.string ?? "?") in \(directory)"]
    lines.append("  pipeline  \(plan["pipeline"]?["file"]?.string ?? "?")")
    if let model = plan["model"] {
      let parameters = Quantities.grouped(model["parameters"]?.integer ?? 0)
      lines.append(
        "  model     \(model["path"]?.string ?? "created"), "
          + "\(model["family"]?.string ?? "?"), \(parameters) parameters")
    }
    lines.append("  plan      \(plan["identity"]?.string?.prefix(16) ?? "?")")
    for stage in plan["stages"]?.array ?? [] {
      var words = [stage["kind"]?.string, stage["name"]?.string].compactMap { $0 }
      if words.count == 2, words[0] == words[1] { words.removeLast() }
      let steps = stage["total_steps"]?.integer.map { ", \(Quantities.grouped($0)) steps" } ?? ""
      lines.append("  stage     \(words.joined(separator: " "))\(steps)")
    }
    lines += try progress(FilePaths.joining(directory, "metrics.jsonl"))
    let states = FilePaths.entries(of: FilePaths.joining(directory, "checkpoints"))
      .filter { !$0.hasPrefix(".") }
    if !states.isEmpty { lines.append("  states    \(states.sorted().joined(separator: ", "))") }
    return lines
  }

  /// The last step of each stage and each evaluation.
  private static func progress(_ path: String) throws -> [String] {
    guard FilePaths.kind(of: path) == .file else { return [] }
    var lines: [String] = []
    var last: String?
    let text = String(decoding: try MappedFile(path).copy(), as: UTF8.self)
    for line in text.split(separator: "\n") {
      // The last line may not be whole while the run goes on.
      guard let row = try? JSONValue(parsing: String(line)) else { continue }
      let stage = row["stage"]?.string ?? "?"
      if let evaluation = row["evaluation"] {
        if let step = last { lines.append(step) }
        last = nil
        let place = row["step"]?.integer.map { " after step \($0)" } ?? ""
        lines.append(
          "  \(stage)\(place): loss \(decimal(evaluation["loss"])) on "
            + "\(evaluation["data"]?.string ?? "?")")
      } else if let step = row["step"]?.integer {
        last = "  \(stage) step \(step): loss \(decimal(row["loss"]))"
      }
    }
    if let last { lines.append(last) }
    return lines
  }

  private static func decimal(_ value: JSONValue?) -> String {
    value?.number.map { Quantities.decimal($0, digits: 4) } ?? "?"
  }
}
