import ArgumentParser
import Artifacts
import Diagnostics
import JSONSyntax
import Planning

/// `hone plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show the whole run before it happens: modules, rows, steps, memory, files.",
    discussion: """
      Reads configuration, headers, tokenizer and rows. Never reads weights, never computes.

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

  @Option(help: "Write the plan as JSON to this file.", completion: .file())
  var out: String?

  @OptionGroup var rows: PreviewOptions

  func run() throws {
    let terminal = Terminal.current()
    let planned = try options.plan(terminal)
    let run = planned.run
    let plan = run.plan
    terminal.show(OutputPlace.findings(run.pipeline.output, plan: plan), planned.sources)
    let preview = try rows.preview(of: run, terminal)
    let text = plan.json.text(.indented) + "\n"
    if let out {
      do throws(ArtifactError) {
        try AtomicFile.write(out, text)
      } catch {
        terminal.show([error.diagnostic])
        throw ExitCode.stageFailed
      }
    }
    terminal.print(json ? Self.json(plan, preview) : plan.text())
    if let preview, !json { terminal.print("\n" + preview.text(rows.style(terminal))) }
    if details { terminal.print("\n" + plan.details()) }
  }

  /// The plan, and beside it the rows that were asked for, which are no part of its identity.
  private static func json(_ plan: Plan, _ preview: Preview?) -> String {
    guard let preview, case .object(var object) = plan.json else {
      return plan.json.text(.indented) + "\n"
    }
    object["preview"] = preview.json
    return JSONValue.object(object).text(.indented) + "\n"
  }
}
