/// Something to say about what the user gave: what is wrong, where, and the way out.
package struct Diagnostic: Hashable, Sendable {
  /// How grave a finding is.
  package enum Severity: String, CaseIterable, Sendable { case error, warning }

  /// A second place that explains the first.
  package struct Note: Hashable, Sendable {
    package let message: String
    package let span: SourceSpan?

    package init(_ message: String, at span: SourceSpan? = nil) {
      self.message = message
      self.span = span
    }
  }

  package let severity: Severity
  package let code: DiagnosticCode
  /// Lower case, no full stop, names in backticks; it stands alone.
  package let message: String
  /// The place in the pipeline, or in a data file or checkpoint.
  package let span: SourceSpan?
  /// The setting's path, as `stages[0].train.optimizer.adam.learning_rate`.
  package let path: String?
  /// The way out.
  package let help: String?
  package let notes: [Note]

  package init(
    _ severity: Severity = .error, _ code: DiagnosticCode, _ message: String,
    at span: SourceSpan? = nil, path: String? = nil, help: String? = nil, notes: [Note] = []
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.span = span
    self.path = path
    self.help = help
    self.notes = notes
  }

  /// The same finding at `span` and `path` where it has no place of its own.
  package func located(at span: SourceSpan?, path: String?) -> Diagnostic {
    Diagnostic(
      severity, code, message, at: self.span ?? span, path: self.path ?? path, help: help,
      notes: notes)
  }
}

/// A reason to go no further, as what the user reads of it.
package struct DiagnosticError: Error, Sendable {
  package let diagnostics: [Diagnostic]

  package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
  package init(_ diagnostic: Diagnostic) { diagnostics = [diagnostic] }
}
