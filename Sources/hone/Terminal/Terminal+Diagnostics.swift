import Diagnostics
import Pipelines

extension Terminal {
  /// Prints findings to standard error, with the lines of `sources` and a count.
  ///
  /// What `# hone: allow CODE` silences in `sources` is left out; `isPlanned` says whether models
  /// and data have been looked at.
  func show(_ diagnostics: [Diagnostic], _ sources: [SourceText] = [], isPlanned: Bool = true) {
    let diagnostics = diagnostics.allowing(in: sources, isPlanned: isPlanned)
    guard !diagnostics.isEmpty else { return }
    let report = DiagnosticReport(diagnostics, sources: sources)
    printError(TextRenderer.text(report, isColored: usesColourForErrors))
    if let summary = report.summary, diagnostics.count > 1 { printError("\n\(summary)\n") }
  }
}
