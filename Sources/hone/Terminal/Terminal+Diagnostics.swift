import Diagnostics

extension Terminal {
  /// Prints findings to standard error, with the lines of `sources` and a count.
  func show(_ diagnostics: [Diagnostic], _ sources: [SourceText] = []) {
    guard !diagnostics.isEmpty else { return }
    let report = DiagnosticReport(diagnostics, sources: sources)
    printError(TextRenderer.text(report, isColored: usesColourForErrors))
    if let summary = report.summary, diagnostics.count > 1 { printError("\n\(summary)\n") }
  }
}
