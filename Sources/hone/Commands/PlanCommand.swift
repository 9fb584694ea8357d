import ArgumentParser
import Artifacts
import Diagnostics
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
        hone plan --details pipelines/quickstart.yaml   every setting and where it came from
        hone plan --json pipelines/quickstart.yaml      for programs
      """)

  @OptionGroup var options: PipelineOptions

  @Flag(help: "Print the plan as JSON.")
  var json = false

  @Flag(help: "Print every setting with its value and its origin.")
  var details = false

  @Option(help: "Write the plan as JSON to this file.", completion: .file())
  var out: String?

  func run() throws {
    let terminal = Terminal.current()
    let planned = try options.plan(terminal)
    let plan = planned.run.plan
    terminal.show(
      OutputPlace.findings(planned.run.pipeline.output, plan: plan), planned.sources)
    let text = plan.json.text(.indented) + "\n"
    if let out {
      do throws(ArtifactError) {
        try AtomicFile.write(out, text)
      } catch {
        terminal.show([error.diagnostic])
        throw ExitCode.stageFailed
      }
    }
    terminal.print(json ? text : plan.text())
    if details { terminal.print("\n" + plan.details()) }
  }
}
