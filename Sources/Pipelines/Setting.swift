package import Diagnostics
import YAMLSyntax

/// Where a setting's value came from; the plan prints it.
package enum Origin: Hashable, Sendable {
  /// Written in the pipeline.
  case file(SourceSpan)
  /// Written in the pipeline with variables in it, the nearest source first.
  case composed(SourceSpan, [ValueSource])
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
  package var span: SourceSpan? { origin.span }
}

extension Origin {
  /// Where a value is written, variables in it or not; nil for a default and an option.
  package var span: SourceSpan? {
    switch self {
    case .file(let span), .composed(let span, _): span
    case .default, .option: nil
    }
  }
}

extension SyntaxNode {
  /// Where a value that is read from this node came from.
  var origin: Origin { sources.isEmpty ? .file(span) : .composed(span, sources) }
}
