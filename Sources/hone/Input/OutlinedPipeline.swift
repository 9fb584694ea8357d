import Diagnostics
import JSONSyntax
import Pipelines
import Planning

/// A pipeline of whose inputs some are not there yet, as far as it can be planned.
struct OutlinedPipeline {
  private let outline: PlanOutline
  private let diagnostics: [Diagnostic]
  private let sources: [SourceText]

  /// Outlines the only one of `cases`; nil where every input is there, something else is wrong, which
  /// planning it tells, or there are several.
  init?(_ cases: [PipelineCase], of reading: PipelineReading) {
    guard cases.count == 1, let pipeline = cases.first?.pipeline,
      PlanOutline.hasMissingInputs(pipeline)
    else { return nil }
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

  /// Prints what is known, and what is missing as warnings.
  func show(asJSON: Bool, details: Bool, _ terminal: Terminal) {
    terminal.show(diagnostics, sources)
    if asJSON { return terminal.print(outline.json.text(.indented) + "\n") }
    terminal.print(outline.text(isColored: terminal.usesColour))
    if details { terminal.print("\n" + outline.details(isColored: terminal.usesColour)) }
  }
}
