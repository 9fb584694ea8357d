import Artifacts
import Diagnostics
import JSONSyntax
import Planning

/// What to do when a run's directory already holds a run.
package enum RunMode: Hashable, Sendable {
  /// Refuse.
  case new
  /// Start anew in its place.
  case overwrite
  /// Go on where it stopped.
  case resume
}

/// The directory of one run: its plan, what it measured, and the states it can go on from.
///
/// `plan.json` comes first and whole; `metrics.jsonl` and `events.jsonl` only grow; each state is
/// one directory that appears at once. Whenever the process dies, what is there is a run up to some
/// state and lines after it, which going on cuts off.
final class RunDirectory {
  let path: String
  let metrics: JSONLinesWriter
  let events: JSONLinesWriter
  let states: StateStore
  /// The newest state of a run that goes on.
  let latest: RunState?

  /// Makes or opens the directory of `plan`.
  ///
  /// - Throws: a diagnostic when it is occupied, holds another plan, or cannot be written.
  init(_ plan: Plan, mode: RunMode) throws(DiagnosticError) {
    let path = plan.pipeline.output
    self.path = path
    let planPath = FilePaths.joining(path, RunRecord.File.plan)
    let states = StateStore(FilePaths.joining(path, RunRecord.File.states))
    AtomicDirectory.removeLeftovers(in: path)
    let record = RunRecord(directory: path)
    let earlier = record.planIdentity
    switch (mode, record.isOccupied) {
    case (.new, true):
      throw DiagnosticError(Self.occupied(path, holdsRun: earlier != nil))
    case (.overwrite, true) where earlier == nil, (.resume, true) where earlier == nil:
      throw DiagnosticError(Self.occupied(path, holdsRun: false))
    case (.resume, true) where earlier != plan.identity:
      throw DiagnosticError(
        Diagnostic(
          .error, .cannotResume, "`\(path)` holds a run of another plan",
          help: "restore the pipeline and data it was begun with, or start anew with `--overwrite`"
        ))
    default: break
    }
    (metrics, events, latest) = try diagnosing {
      // States go before the plan changes hands: at no moment do they lie beside another's plan.
      if mode == .overwrite { try states.removeAll() }
      try FilePaths.createDirectories(path)
      try states.removeLeftovers()
      if mode != .resume || earlier == nil {
        try AtomicFile.write(planPath, plan.json.text(.indented) + "\n")
      }
      let latest = mode == .resume ? states.states().last : nil
      let metrics = try JSONLinesWriter(
        FilePaths.joining(path, RunRecord.File.metrics), truncatingTo: latest?.metricsBytes ?? 0)
      let events = try JSONLinesWriter(
        FilePaths.joining(path, RunRecord.File.events), truncatingTo: latest?.eventsBytes ?? 0)
      return (metrics, events, latest)
    }
    self.states = states
  }

  private static func occupied(_ path: String, holdsRun: Bool) -> Diagnostic {
    holdsRun
      ? Diagnostic(
        .error, .outputOccupied, "`\(path)` already holds a run",
        help: "`--resume` goes on with it, `--overwrite` starts anew in its place")
      : Diagnostic(
        .error, .outputOccupied, "`\(path)` holds files that are not of a run",
        help: "name another directory in `output`")
  }
}
