import Diagnostics
import YAMLSyntax

/// What reading one pipeline has found so far.
final class Findings {
  let file: String
  private(set) var bag = DiagnosticBag()
  /// Paths of settings that hold a stand-in, as what was written could not be read.
  private var brokenPaths: Set<String> = []

  init(file: String) { self.file = file }

  func report(_ diagnostic: Diagnostic) { bag.report(diagnostic) }

  func report(
    _ code: DiagnosticCode, _ message: String, at span: SourceSpan?, _ path: String?,
    help: String? = nil, notes: [Diagnostic.Note] = [], fix: Diagnostic.Fix? = nil
  ) {
    bag.report(
      Diagnostic(
        .error, code, message, at: span, path: path, help: help, notes: notes, fix: fix))
  }

  func markBroken(_ path: String) { brokenPaths.insert(path) }

  /// Whether the setting was read, so that checks may rely on it.
  func isSound(_ path: String) -> Bool { !brokenPaths.contains(path) }

  func isSound<Value>(_ setting: Setting<Value>) -> Bool { isSound(setting.path) }

  // MARK: What is common to several kinds

  /// `found` for a node, as `the text "8"`, `a list`, `nothing`.
  static func description(of node: SyntaxNode) -> String {
    switch node.content {
    case .sequence: return "a list"
    case .mapping: return "a mapping"
    case .scalar(let scalar):
      if node.isNull { return scalar.text.isEmpty ? "nothing" : "`\(scalar.text)`" }
      let text = excerpt(scalar.text)
      return scalar.style == .plain ? "`\(text)`" : "the text \"\(text)\""
    }
  }

  /// A text of the user's in a message: one line, not long.
  static func excerpt(_ text: String) -> String {
    let line = text.split(separator: "\n", omittingEmptySubsequences: false).first ?? ""
    let isCut = line.count > 60 || line.count < text.count
    return isCut ? line.prefix(60) + "…" : text
  }

  func wrongType(
    _ node: SyntaxNode, _ expected: String, _ place: ValuePlace, help: String? = nil,
    fix: Diagnostic.Fix? = nil
  ) {
    report(
      .wrongType,
      "`\(place.name)` must be \(expected); found \(Self.description(of: node))",
      at: node.span, place.path,
      help: help
        ?? (node.isNull ? "write a value, or remove the key" : place.exampleHelp),
      fix: fix)
  }

  func outOfRange(
    _ node: SyntaxNode, _ place: ValuePlace, _ words: String, help: String? = nil,
    fix: Diagnostic.Fix? = nil
  ) {
    report(
      .valueOutOfRange,
      "`\(place.name)` must be \(words); found \(Self.description(of: node))",
      at: node.span, place.path, help: help ?? place.exampleHelp, fix: fix)
  }

  func ambiguous(
    _ node: SyntaxNode, _ place: ValuePlace, _ why: String, help: String,
    fix: Diagnostic.Fix? = nil
  ) {
    report(
      .ambiguousValue, "\(Self.description(of: node)) in `\(place.name)` \(why)",
      at: node.span, place.path, help: help, fix: fix)
  }

  func unknownChoice(
    _ text: String, _ choices: [String], meant: String? = nil, _ node: SyntaxNode,
    _ place: ValuePlace
  ) {
    let list = choices.map { "`\($0)`" }.joined(separator: ", ")
    let suggestion = meant ?? Suggestion.nearest(to: text, among: choices)
    let answer = meant ?? Suggestion.onlySlip(of: text, among: choices)
    report(
      .unknownChoice, "unknown value `\(Self.excerpt(text))` for `\(place.name)`", at: node.span,
      place.path,
      help: (suggestion.map { "did you mean `\($0)`? " } ?? "")
        + (choices.count == 1 ? "it takes \(list)" : "it takes one of \(list)"),
      fix: answer.flatMap { node.fix(writing: $0) })
  }

  // MARK: Scalars

  /// The text of a scalar; nil, and a finding, for anything else.
  func text(_ node: SyntaxNode, _ expected: String, _ place: ValuePlace) -> String? {
    guard let scalar = node.scalar, !node.isNull else {
      wrongType(node, expected, place, help: helpForBraces(node))
      return nil
    }
    return scalar.text
  }

  private func helpForBraces(_ node: SyntaxNode) -> String? {
    guard case .mapping(let entries) = node.content, entries.allSatisfy({ $0.value.isNull }) else {
      return nil
    }
    return "put quotes around a text that starts with `{`"
  }

  func boolean(_ node: SyntaxNode, _ place: ValuePlace) -> Bool? {
    guard let scalar = node.scalar, !node.isNull else {
      wrongType(node, ValueForm.boolean.noun, place)
      return nil
    }
    if scalar.style == .plain {
      switch scalar.text {
      case "true", "True", "TRUE": return true
      case "false", "False", "FALSE": return false
      default: break
      }
    }
    let meant: String? =
      switch scalar.text.lowercased() {
      case "yes", "y", "on", "true", "1": "true"
      case "no", "n", "off", "false", "0": "false"
      default: nil
      }
    if let meant, scalar.style == .plain {
      ambiguous(
        node, place, "is a boolean to some readers of YAML and not to others",
        help: "write `\(meant)`", fix: node.fix(writing: meant))
    } else {
      wrongType(
        node, ValueForm.boolean.noun, place,
        help: meant.map { "remove the quotes: `\($0)`" },
        fix: meant.flatMap { node.fix(writing: $0) })
    }
    return nil
  }
}
