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

  /// One piece of text in another's place.
  package struct Edit: Hashable, Sendable {
    /// What goes; an empty span inserts.
    package let span: SourceSpan
    package let replacement: String
    /// What must stand at `span`, with or without quotes, for the edit to be made; nil for anything.
    package let original: String?

    package init(_ span: SourceSpan, _ replacement: String, insteadOf original: String? = nil) {
      self.span = span
      self.replacement = replacement
      self.original = original
    }
  }

  /// The one right answer to a finding, as edits that `--fix` can make.
  package struct Fix: Hashable, Sendable {
    /// As "replace `learing_rate` by `learning_rate`".
    package let title: String
    package let edits: [Edit]

    package init(_ title: String, _ edits: [Edit]) {
      self.title = title
      self.edits = edits
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
  /// Nil where there is more than one way out.
  package let fix: Fix?

  package init(
    _ severity: Severity = .error, _ code: DiagnosticCode, _ message: String,
    at span: SourceSpan? = nil, path: String? = nil, help: String? = nil, notes: [Note] = [],
    fix: Fix? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.span = span
    self.path = path
    self.help = help
    self.notes = notes
    self.fix = fix
  }

  /// The same finding at `span` and `path` where it has no place of its own.
  package func located(at span: SourceSpan?, path: String?) -> Diagnostic {
    Diagnostic(
      severity, code, message, at: self.span ?? span, path: self.path ?? path, help: help,
      notes: notes, fix: fix)
  }
}

/// A reason to go no further, as what the user reads of it.
package struct DiagnosticError: Error, Sendable {
  package let diagnostics: [Diagnostic]

  package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
  package init(_ diagnostic: Diagnostic) { diagnostics = [diagnostic] }
}
