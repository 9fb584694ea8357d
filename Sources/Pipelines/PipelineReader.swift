package import Diagnostics
import YAMLSyntax

/// What the command line says in a pipeline's place.
package enum PipelineOverride: Hashable, Sendable {
  /// `--backend`: `cpu` or `reference`.
  case backend(String)
  /// `--threads`.
  case threads(Int)
  /// `--set`: a path, `=` and a value as YAML has it.
  case set(String)

  /// What the texts of `--set` are called as a file, a line each, in spans and sources.
  package static let settingsFile = "--set"
}

/// Reads a pipeline: text to tree to typed values, and the checks that need no other file.
package enum PipelineReader {
  /// Reads `source` and what it is composed of.
  ///
  /// Each case's pipeline is there exactly if no finding is an error.
  package static func read(
    _ source: SourceText, in surroundings: PipelineSurroundings
  ) -> PipelineReading {
    let findings = Findings(file: source.file)
    let (root, diagnostics) = SyntaxParser.parse(source)
    for diagnostic in diagnostics { findings.report(diagnostic) }
    guard let root, !root.isNull else {
      if !findings.bag.hasErrors {
        findings.report(
          .missingKey, "the pipeline is empty", at: source.span(0, 0), nil,
          help: "start with `hone: 1`; `hone init` writes a first pipeline")
      }
      return PipelineReading(cases: [], diagnostics: findings.bag.sorted, sources: [source])
    }
    if Composition.isNeeded(root, surroundings.overrides) {
      return ComposedReading.read(root, in: source, surroundings, findings.bag)
    }
    var decoder = PipelineDecoder(findings: findings, overrides: surroundings.overrides)
    let pipeline = decoder.pipeline(root)
    for check in PipelineChecks.all { check(pipeline, findings) }
    return PipelineReading(
      cases: findings.bag.hasErrors ? [] : [PipelineCase(name: nil, pipeline: pipeline)],
      diagnostics: findings.bag.sorted, sources: [source])
  }

  /// Reads a text that stands alone: no environment, and no other file.
  ///
  /// - Returns: the first case's pipeline, which is there exactly if no finding is an error, and all
  ///   findings in the order of their places.
  package static func read(
    _ source: SourceText, overrides: [PipelineOverride] = []
  ) -> (pipeline: Pipeline?, diagnostics: [Diagnostic]) {
    let reading = read(source, in: PipelineSurroundings(overrides: overrides))
    return (reading.cases.first?.pipeline, reading.diagnostics)
  }

  /// Reads the text of `file`, which stands alone.
  package static func read(
    file: String, text: [UInt8], overrides: [PipelineOverride] = []
  ) -> (pipeline: Pipeline?, diagnostics: [Diagnostic]) {
    read(SourceText(file: file, bytes: text), overrides: overrides)
  }
}
