package import Diagnostics

/// What a pipeline may take from outside its own text.
package struct PipelineSurroundings: Sendable {
  /// What the command line says, the later the stronger.
  package let overrides: [PipelineOverride]
  /// The value of an environment variable, nil where it is not set.
  package let environment: @Sendable (String) -> String?
  /// Reads a file that a pipeline extends, by a path from the working directory; nil where there are
  /// no other files.
  package let readFile: (@Sendable (String) throws(DiagnosticError) -> SourceText)?

  package init(
    overrides: [PipelineOverride] = [],
    environment: @escaping @Sendable (String) -> String? = { _ in nil },
    readFile: (@Sendable (String) throws(DiagnosticError) -> SourceText)? = nil
  ) {
    self.overrides = overrides
    self.environment = environment
    self.readFile = readFile
  }
}

/// What became of one pipeline's text.
package struct PipelineReading: Sendable {
  /// One where nothing is multiplied, one a case of `matrix`; none where a finding is an error.
  package let cases: [PipelineCase]
  /// In the order of their places.
  package let diagnostics: [Diagnostic]
  /// Every text that a finding may point into: the pipeline first, then what it extends.
  package let sources: [SourceText]
}

/// A pipeline, as one case of its `matrix` where it has one.
package struct PipelineCase: Sendable {
  /// The case's name; nil without a `matrix`.
  package let name: String?
  package let pipeline: Pipeline
}
