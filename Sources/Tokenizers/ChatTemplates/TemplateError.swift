package import Diagnostics

/// Why a chat template cannot be read or rendered.
package enum TemplateError: Error, Hashable, Sendable {
  /// The template's text is no template.
  case syntax(line: Int, reason: String)
  /// The template uses something of Jinja that this program does not have.
  case unsupported(line: Int, what: String)
  /// An expression cannot be computed: a missing attribute, a wrong kind of value.
  case evaluation(line: Int, reason: String)
  /// The template refused the chat with `raise_exception`.
  case refused(message: String)
  /// The template takes more steps, depth or output than a chat's may.
  case limit(line: Int, what: String)
  /// The template asks for today's date and none was given.
  case noDate(line: Int)
  /// The text before an assistant's turn changes when the turn is there: its extent is unknown.
  case inconsistentPrefix(message: Int)

  /// The finding as the user reads it.
  package var diagnostic: Diagnostic {
    switch self {
    case .syntax(let line, let reason):
      Diagnostic(
        .error, .invalidTemplate, "line \(line) of the chat template: \(reason)",
        help: "correct the template; it is written in Jinja")
    case .unsupported(let line, let what):
      Diagnostic(
        .error, .invalidTemplate,
        "line \(line) of the chat template uses \(what), "
          + "which is not supported", help: "rewrite the template without it")
    case .evaluation(let line, let reason):
      Diagnostic(
        .error, .invalidTemplate, "line \(line) of the chat template: \(reason)",
        help: "give the messages the fields that the template reads, or correct the template")
    case .refused(let message):
      Diagnostic(
        .error, .invalidTemplate, "the chat template refuses the messages: \(message)",
        help: "bring the messages into the order and the roles that the model's template takes")
    case .limit(let line, let what):
      Diagnostic(
        .error, .limitExceeded,
        "line \(line) of the chat template goes beyond the bound of \(what)",
        help: "shorten the chat, or use a simpler template")
    case .noDate(let line):
      Diagnostic(
        .error, .invalidTemplate, "line \(line) of the chat template asks for today's date",
        help: "use a template that writes no date, so that every run sees the same text")
    case .inconsistentPrefix(let message):
      Diagnostic(
        .error, .invalidTemplate,
        "the chat template does not tell where the assistant's turn, message \(message), begins",
        help: "mark the assistant's turns in the template with `{% generation %}` blocks")
    }
  }
}
