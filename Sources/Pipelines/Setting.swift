package import Diagnostics

/// Where a setting's value came from; the plan prints it.
package enum Origin: Hashable, Sendable {
  /// Written in the pipeline.
  case file(SourceSpan)
  /// Nobody said it.
  case `default`
  /// Said on the command line, as `--backend`.
  case option(String)
}

/// A value of the pipeline with its path and its origin.
package struct Setting<Value: Hashable & Sendable>: Hashable, Sendable {
  package let value: Value
  package let path: String
  package let origin: Origin

  package init(_ value: Value, path: String, origin: Origin) {
    self.value = value
    self.path = path
    self.origin = origin
  }

  /// The span in the file; nil for a default.
  package var span: SourceSpan? { if case .file(let span) = origin { span } else { nil } }
}
