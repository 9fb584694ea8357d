import ArgumentParser
import Artifacts
import Diagnostics
import Execution
import JSONSyntax
import Pipelines
import Planning
import Tensors

/// `hone run`.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Do what the plan shows.",
    discussion: """
      Prints the plan, then the story of the run. Everything measured goes to metrics.jsonl in the \
      run's directory.

      Example:
        hone run pipelines/quickstart.yaml
        hone run plan.json                         what `hone plan --out plan.json` saved, once
        hone run --again plan.json                 and once more, in its place
        hone run --resume pipeline.yaml            go on after an interruption
        hone run sweep.yaml                        every case of its `matrix`, one after another
        hone run --max-memory 2GiB pipeline.yaml   or not at all
        hone run --profile pipeline.yaml           where the time goes, operation by operation
        hone run --events - pipeline.yaml | jq .   the same story for programs
      """)

  @OptionGroup var options: PipelineOptions

  @Flag(help: "Start anew where the directory already holds a run.")
  var overwrite = false

  @Flag(help: "Go on where the run in the directory stopped.")
  var resume = false

  @Flag(help: "Carry out a saved plan once more, in its finished run's place.")
  var again = false

  @Flag(help: "Of several cases, go on with the others where one fails.")
  var keepGoing = false

  @Flag(help: "Do not print the plan or the story.")
  var quiet = false

  @Flag(
    help:
      "After each stage print its time by operation, and how near that is to the machine's best.")
  var profile = false

  @Option(help: "Write the story as JSON lines to this file; - is standard output.")
  var events: String?

  @OptionGroup var limits: LimitOptions

  func validate() throws {
    if [overwrite, resume, again].filter({ $0 }).count > 1 {
      throw ValidationError("choose one of --overwrite, --resume and --again")
    }
    if again && !SavedPlan.isNamed(options.file) {
      throw ValidationError("--again is for saved plans; --overwrite runs a pipeline anew")
    }
  }

  func run() throws {
    let terminal = Terminal.current()
    let planned = try planned(terminal)
    if limits.exceeded(by: planned, terminal) { throw ExitCode.invalid }
    let writer = try EventWriter(events, terminal)
    Interruption.listen()
    var failure: ExitCode?
    var wasInterrupted = false
    for (index, entry) in planned.cases.enumerated() {
      if let name = entry.name, planned.cases.count > 1, !isQuiet {
        terminal.print(
          "\(index == 0 ? "" : "\n")case \(name) (\(index + 1) of \(planned.cases.count))\n")
      }
      do throws(DiagnosticError) {
        wasInterrupted = try execute(entry, writer, terminal) == .interrupted
      } catch {
        terminal.show(error.diagnostics, planned.sources)
        failure = failure ?? Self.exitCode(of: error)
      }
      if wasInterrupted { throw ExitCode.interrupted }
      if failure != nil && !keepGoing { break }
    }
    if let failure { throw failure }
  }

  private var isQuiet: Bool { quiet || events == "-" }

  private func execute(
    _ entry: PlannedPipeline.Case, _ writer: EventWriter, _ terminal: Terminal
  ) throws(DiagnosticError) -> RunOutcome {
    let isQuiet = isQuiet
    if !isQuiet {
      let estimate = MeasuredBackends.knownCalibration(of: entry.backend).map {
        PlanEstimate(entry.run, $0)
      }
      terminal.print(entry.run.plan.text(estimate: estimate, isColored: terminal.usesColour))
    }
    let console = RunConsole(terminal: terminal)
    let (backend, operations) = measured(entry)
    let calibration = operations.flatMap { _ in MeasuredBackends.calibration(of: backend) }
    let context = RunContext(
      now: { ProcessFacts.seconds() },
      emit: { event in
        writer.write(event)
        if !isQuiet { console.show(event) }
        if let operations, case .stageFinished(_, let seconds) = event {
          let report = ProfileReport(
            entries: operations.take(), calibration: calibration, seconds: seconds)
          terminal.print(report.lines.map { "  \($0)\n" }.joined())
        }
      },
      isInterrupted: { Interruption.isRequested }, peakMemory: { ProcessFacts.peakMemory() })
    return try Executor(
      entry.run, backend: backend, mode: mode(of: entry.run.plan), context: context
    ).execute()
  }

  /// The case's backend, and what it times where that was asked for.
  private func measured(
    _ entry: PlannedPipeline.Case
  ) -> (any ComputeBackend, OperationProfile?) {
    let facts = entry.run.plan.backend
    guard profile, let name = BackendSection.Name(rawValue: facts.name) else {
      return (entry.backend, nil)
    }
    let operations = OperationProfile()
    return (
      BackendRegistry.backend(name, threads: facts.threads, profile: operations), operations
    )
  }

  /// `--again` takes the place of the same plan's run, never of another's.
  private func mode(of plan: Plan) -> RunMode {
    if again {
      let earlier = RunRecord(directory: plan.pipeline.output).planIdentity
      return earlier == plan.identity ? .overwrite : .new
    }
    return overwrite ? .overwrite : resume ? .resume : .new
  }

  /// Plans the pipeline, or plans again what a saved plan was made of and holds it against that.
  private func planned(_ terminal: Terminal) throws -> PlannedPipeline {
    guard SavedPlan.isNamed(options.file) else { return try options.request.plan(terminal) }
    if options.hasOverrides {
      throw ValidationError("a saved plan has its settings; run the pipeline to say others")
    }
    do {
      let saved = try SavedPlan(options.file)
      let planned = try saved.request.plan(terminal)
      for entry in planned.cases {
        try saved.check(entry.run.plan)
        if !again && !overwrite && !resume { try saved.checkIsNew(entry.run.plan) }
      }
      return planned
    } catch let error as DiagnosticError {
      terminal.show(error.diagnostics)
      let codes = error.diagnostics.map(\.code)
      throw codes.contains(.stalePlan) || codes.contains(.alreadyRun)
        ? ExitCode.stale : .invalid
    } catch is ValidationError {
      terminal.show([
        Diagnostic(
          .error, .stalePlan,
          "`\(options.file)` no longer fits: the pipeline's `matrix` has no such case any more",
          help: "look at `hone plan`, and save the new plans with `--out`")
      ])
      throw ExitCode.stale
    }
  }

  private static func exitCode(of error: DiagnosticError) -> ExitCode {
    switch error.diagnostics.first?.code {
    case .outputOccupied, .cannotResume, .stalePlan, .alreadyRun: .stale
    case .internalError: .defect
    default: .stageFailed
    }
  }
}

/// Where the events of a run go as JSON lines.
private final class EventWriter: Sendable {
  private let target: Target

  private enum Target: Sendable {
    case nowhere
    case standardOutput(Terminal)
    case file(FileLines)
  }

  init(_ path: String?, _ terminal: Terminal) throws {
    switch path {
    case nil: target = .nowhere
    case "-": target = .standardOutput(terminal)
    case let path?:
      do throws(ArtifactError) {
        target = .file(FileLines(try JSONLinesWriter(path, truncatingTo: 0)))
      } catch {
        terminal.show([error.diagnostic])
        throw ExitCode.stageFailed
      }
    }
  }

  func write(_ event: RunEvent) {
    switch target {
    case .nowhere: break
    case .standardOutput(let terminal): terminal.print(event.json.text(.spaced) + "\n")
    case .file(let lines): lines.append(event.json)
    }
  }
}

/// A file of JSON lines that one thread at a time appends to.
private final class FileLines: @unchecked Sendable {
  // SAFETY: a run emits its events from the one thread that executes it.
  private let writer: JSONLinesWriter

  init(_ writer: JSONLinesWriter) { self.writer = writer }

  func append(_ value: JSONValue) { try? writer.append(value) }
}
