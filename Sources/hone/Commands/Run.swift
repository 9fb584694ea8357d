import ArgumentParser
import Artifacts
import Diagnostics
import Execution
import JSONSyntax
import Planning

/// `hone run`.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Do what the plan shows.",
    discussion: """
      Prints the plan, then the story of the run. Everything measured goes to metrics.jsonl in the \
      run's directory.

      Example:
        hone run pipelines/quickstart.yaml
        hone run plan.json                         what `hone plan --out plan.json` saved
        hone run --resume pipeline.yaml            go on after an interruption
        hone run --events - pipeline.yaml | jq .   the same story for programs
      """)

  @OptionGroup var options: PipelineOptions

  @Flag(help: "Start anew where the directory already holds a run.")
  var overwrite = false

  @Flag(help: "Go on where the run in the directory stopped.")
  var resume = false

  @Flag(help: "Do not print the plan or the story.")
  var quiet = false

  @Option(help: "Write the story as JSON lines to this file; - is standard output.")
  var events: String?

  func validate() throws {
    if overwrite && resume { throw ValidationError("choose --overwrite or --resume, not both") }
  }

  func run() throws {
    let terminal = Terminal.current()
    let planned = try planned(terminal)
    let isQuiet = quiet || events == "-"
    if !isQuiet {
      let estimate = MeasuredBackends.knownCalibration(of: planned.backend).map {
        PlanEstimate(planned.run, $0)
      }
      terminal.print(
        planned.run.plan.text(estimate: estimate, isColored: terminal.usesColour))
    }
    let console = RunConsole(terminal: terminal)
    let writer = try EventWriter(events, terminal)
    Interruption.listen()
    let context = RunContext(
      now: { ProcessFacts.seconds() },
      emit: { event in
        writer.write(event)
        if !isQuiet { console.show(event) }
      },
      isInterrupted: { Interruption.isRequested }, peakMemory: { ProcessFacts.peakMemory() })
    let executor = Executor(
      planned.run, backend: planned.backend,
      mode: overwrite ? .overwrite : resume ? .resume : .new, context: context)
    let outcome: RunOutcome
    do throws(DiagnosticError) {
      outcome = try executor.execute()
    } catch {
      terminal.show(error.diagnostics, planned.sources)
      throw Self.exitCode(of: error)
    }
    if outcome == .interrupted { throw ExitCode.interrupted }
  }

  /// Plans the pipeline, or plans again what a saved plan was made of and holds it against that.
  private func planned(_ terminal: Terminal) throws -> PipelineOptions.Planned {
    guard options.file.hasSuffix(".json") else { return try options.plan(terminal) }
    if options.hasOverrides {
      throw ValidationError("a saved plan has its backend and threads; run the pipeline instead")
    }
    do {
      let saved = try SavedPlan(options.file)
      let planned = try PipelineOptions.plan(
        saved.pipeline, overrides: saved.overrides, terminal)
      try saved.check(planned.run.plan)
      return planned
    } catch let error as DiagnosticError {
      terminal.show(error.diagnostics)
      throw error.diagnostics.contains { $0.code == .stalePlan } ? ExitCode.stale : .invalid
    }
  }

  private static func exitCode(of error: DiagnosticError) -> ExitCode {
    switch error.diagnostics.first?.code {
    case .outputOccupied, .cannotResume, .stalePlan: .stale
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
