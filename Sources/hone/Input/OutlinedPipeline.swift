import Diagnostics
import JSONSyntax
import Pipelines
import Planning

/// A pipeline of whose inputs some are not there yet, as far as it can be planned.
struct OutlinedPipeline {
  private let outline: PlanOutline
  private let diagnostics: [Diagnostic]
  private let sources: [SourceText]

  /// Outlines the pipeline in `file`; nil where every input is there or something else is wrong,
  /// which planning it tells.
  init?(_ file: String, overrides: [PipelineOverride], caseName: String? = nil) {
    // Standard input cannot be read again.
    guard file != "-", let reading = try? PipelineFile.read(file, overrides: overrides),
      let chosen = Self.only(reading.cases, caseName),
      PlanOutline.hasMissingInputs(chosen.pipeline)
    else { return nil }
    let pipeline = chosen.pipeline
    let backend = BackendRegistry.backend(
      pipeline.backend.name.value, threads: pipeline.backend.threads?.value)
    let (planned, diagnostics) = Planner(
      pipeline, backend: backend, honeVersion: Version.current
    ).planned()
    guard case .outline(let outline) = planned else { return nil }
    self.outline = outline
    self.diagnostics = reading.diagnostics + diagnostics
    sources = reading.sources
  }

  private static func only(_ cases: [PipelineCase], _ name: String?) -> PipelineCase? {
    if let name { return cases.first { $0.name == name } }
    return cases.count == 1 ? cases.first : nil
  }

  /// Prints what is known, and what is missing as warnings.
  func show(asJSON: Bool, details: Bool, _ terminal: Terminal) {
    terminal.show(diagnostics, sources)
    if asJSON { return terminal.print(outline.json.text(.indented) + "\n") }
    terminal.print(outline.text(isColored: terminal.usesColour))
    if details { terminal.print("\n" + outline.details(isColored: terminal.usesColour)) }
  }
}
