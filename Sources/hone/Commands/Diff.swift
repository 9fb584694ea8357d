import ArgumentParser
import Artifacts
import Diagnostics
import JSONSyntax
import Planning

/// `hone diff`.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what differs between two plans, what made it differ and what follows from it.",
    discussion: """
      Each side is a pipeline (planned now), a saved plan (.json) or a run's directory. With one \
      argument, a pipeline is held against the run in its output directory.

      Exit codes: 0, also where the plans differ; with --exit-code 2 where they do; 1 where a side \
      cannot be planned.

      Example:
        hone diff base.yaml rank-16.yaml
        hone diff plan.json pipeline.yaml              what made a saved plan stale
        hone diff runs/support-lora pipeline.yaml      what changed since the run
        hone diff pipeline.yaml                        the same
        hone diff 'sweep.yaml#r-8' 'sweep.yaml#r-16'   two cases of a `matrix`
        git show HEAD:pipeline.yaml | hone diff - pipeline.yaml
      """)

  @Argument(help: "A pipeline, a saved plan or a run's directory; - reads a pipeline.")
  var old: String

  @Argument(help: "The other; left out, `old` is held against the run in its output directory.")
  var new: String?

  @Flag(help: "Print the differences as JSON.")
  var json = false

  @Flag(help: "Print every figure that follows, not only those that people ask for first.")
  var all = false

  @Flag(help: "Exit with 2 where the plans differ.")
  var exitCode = false

  func run() throws {
    let terminal = Terminal.current()
    let (before, after): (JSONValue, JSONValue)
    if let new {
      if old == "-" && new == "-" { throw ValidationError("standard input can be one side only") }
      before = try Self.plan(old, terminal)
      after = try Self.plan(new, terminal)
    } else {
      after = try Self.plan(old, terminal)
      before = try Self.plan(after["pipeline"]?["output"]?.string ?? "", terminal)
    }
    let comparison = PlanComparison(from: before, to: after)
    terminal.print(
      json
        ? comparison.json.text(.indented) + "\n"
        : comparison.text(isWhole: all, isColored: terminal.usesColour))
    if exitCode && !comparison.isSame { throw ExitCode.pending }
  }

  private static func plan(_ side: String, _ terminal: Terminal) throws -> JSONValue {
    do throws(DiagnosticError) {
      if FilePaths.kind(of: side) == .directory {
        return try SavedPlan(FilePaths.joining(side, RunRecord.File.plan)).json
      }
      if SavedPlan.isNamed(side) { return try SavedPlan(side).json }
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.invalid
    }
    var request = PlanRequest(file: side)
    if FilePaths.kind(of: side) == nil, let mark = side.lastIndex(of: "#") {
      request = PlanRequest(file: String(side[..<mark]))
      request.caseName = String(side[side.index(after: mark)...])
    }
    let planned = try request.plan(terminal, showsWarnings: false)
    guard planned.cases.count == 1 else {
      let names = planned.cases.compactMap(\.name)
      throw ValidationError(
        "`\(side)` has \(names.count) cases; name one, as `\(side)#\(names.first ?? "")`")
    }
    return planned.cases[0].run.plan.json
  }
}
