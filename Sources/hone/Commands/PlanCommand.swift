import ArgumentParser
import Artifacts
import Diagnostics
import JSONSyntax
import Planning

/// `hone plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show the whole run before it happens: modules, rows, steps, memory, time, files.",
    discussion: """
      Reads configuration, headers, tokenizer and rows, never weights. Measures the backend for a \
      third of a second when it meets it for the first time; `--no-time` leaves that out.
      Where inputs are not there yet, it shows what is known without them, and warns.

      Example:
        hone plan pipelines/quickstart.yaml
        hone plan --details pipelines/quickstart.yaml     and every setting
        hone plan --preview 2 pipelines/quickstart.yaml   and rows, token by token
        hone plan --json pipelines/quickstart.yaml        for programs
      """)

  @OptionGroup var options: PipelineOptions

  @Flag(help: "Print the plan as JSON.")
  var json = false

  @Flag(help: "Print every setting with its value and its origin.")
  var details = false

  @Flag(inversion: .prefixedNo, help: "Say how long it takes, from what the backend can do.")
  var time = true

  @Option(help: "Write the plan as JSON to this file.", completion: .file())
  var out: String?

  @OptionGroup var rows: PreviewOptions

  func run() throws {
    let terminal = Terminal.current()
    // A plan that is to be kept has to be whole.
    if out == nil, let outlined = options.outlined {
      return outlined.show(asJSON: json, details: details, terminal)
    }
    let planned = try options.plan(terminal)
    let run = planned.run
    let plan = run.plan
    terminal.show(OutputPlace.findings(run.pipeline.output, plan: plan), planned.sources)
    let preview = try rows.preview(of: run, terminal)
    if let out {
      do throws(ArtifactError) {
        try AtomicFile.write(out, plan.json.text(.indented) + "\n")
      } catch {
        terminal.show([error.diagnostic])
        throw ExitCode.stageFailed
      }
    }
    let status = PlanStatus(plan, RunRecord(directory: plan.pipeline.output))
    let calibration = time ? MeasuredBackends.calibration(of: planned.backend) : nil
    let estimate = calibration.map { PlanEstimate(run, $0) }
    if json {
      return terminal.print(Self.json(plan, status, estimate, preview))
    }
    terminal.print(
      plan.text(status: status, estimate: estimate, isColored: terminal.usesColour))
    if let preview { terminal.print("\n" + preview.text(rows.style(terminal))) }
    if details { terminal.print("\n" + plan.details(isColored: terminal.usesColour)) }
  }

  /// The plan, and beside it what is no part of its identity: how far it is done, how long it
  /// takes, and the rows that were asked for.
  private static func json(
    _ plan: Plan, _ status: PlanStatus, _ estimate: PlanEstimate?, _ preview: Preview?
  ) -> String {
    guard case .object(var object) = plan.json else { return plan.json.text(.indented) + "\n" }
    object["status"] = status.json
    object["estimate"] = estimate?.json
    object["preview"] = preview?.json
    return JSONValue.object(object).text(.indented) + "\n"
  }
}
