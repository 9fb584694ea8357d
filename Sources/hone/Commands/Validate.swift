import ArgumentParser
import Diagnostics
import Pipelines
import Planning

/// `hone validate`.
struct Validate: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check pipelines: all findings at once, each with its place and the way out.",
    discussion: """
      Reads the pipelines, and the configuration and headers of the models and adapters they name; \
      what `target_modules` names must be there. Never reads weights or rows.

      Example:
        hone validate pipelines/*.yaml
        hone validate --format json - < pipeline.yaml
      """)

  @Argument(help: "Pipelines; - reads standard input.")
  var files: [String]

  @Option(help: "How findings are written: text or json.")
  var format = Format.text

  @Flag(help: "Look at the pipelines alone, not at the files they name.")
  var noFiles = false

  func run() throws {
    let terminal = Terminal.current()
    var found: [Diagnostic] = []
    var sources: [SourceText] = []
    for file in files {
      do throws(DiagnosticError) {
        let reading = try PipelineFile.read(file)
        sources += reading.sources
        let files = noFiles ? [] : reading.cases.flatMap { InputCheck.diagnostics(of: $0.pipeline) }
        found += DiagnosticBag(reading.diagnostics + files).sorted
      } catch {
        found += error.diagnostics
      }
    }
    let report = DiagnosticReport(found, sources: sources)
    switch format {
    case .json: terminal.print(JSONRenderer.json(report).text(.indented) + "\n")
    case .text:
      terminal.print(TextRenderer.text(report, isColored: terminal.usesColour))
      let count = "\(files.count) pipeline\(files.count == 1 ? "" : "s")"
      terminal.printError("\(count): \(report.summary ?? "nothing to report")\n")
    }
    if report.count(.error) > 0 { throw ExitCode.invalid }
  }
}
