package import Diagnostics
import YAMLSyntax

/// What the command line says in a pipeline's place.
package enum PipelineOverride: Hashable, Sendable {
  /// `--backend`: `cpu` or `reference`.
  case backend(String)
  /// `--threads`.
  case threads(Int)
}

/// Reads a pipeline: text to tree to typed values, and the checks that need no other file.
package enum PipelineReader {
  /// Reads the text of `file`.
  ///
  /// - Returns: the pipeline, which is there exactly if no finding is an error, and all findings in the
  ///   order of their places.
  package static func read(
    file: String, text: [UInt8], overrides: [PipelineOverride] = []
  ) -> (pipeline: Pipeline?, diagnostics: [Diagnostic]) {
    read(SourceText(file: file, bytes: text), overrides: overrides)
  }

  /// Reads a text whose lines a ``DiagnosticReport`` can quote too.
  package static func read(
    _ source: SourceText, overrides: [PipelineOverride] = []
  ) -> (pipeline: Pipeline?, diagnostics: [Diagnostic]) {
    let findings = Findings(file: source.file)
    let (root, diagnostics) = SyntaxParser.parse(source)
    for diagnostic in diagnostics { findings.report(diagnostic) }
    guard let root, !root.isNull else {
      if !findings.bag.hasErrors {
        findings.report(
          .missingKey, "the pipeline is empty", at: source.span(0, 0), nil,
          help: "start with `hone: 1`; `hone init` writes a first pipeline")
      }
      return (nil, findings.bag.sorted)
    }
    let pipeline = PipelineDecoder(findings: findings, overrides: overrides).pipeline(root)
    for check in PipelineChecks.all { check(pipeline, findings) }
    return (findings.bag.hasErrors ? nil : pipeline, findings.bag.sorted)
  }
}
