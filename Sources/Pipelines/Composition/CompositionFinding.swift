import Diagnostics
import YAMLSyntax

/// The words for what is wrong with the way a pipeline is composed.
enum CompositionFinding {
  static func wrongType(
    _ path: String, _ expected: String, _ node: SyntaxNode, help: String
  ) -> Diagnostic {
    Diagnostic(
      .error, .wrongType, "`\(path)` must be \(expected); found \(Findings.description(of: node))",
      at: node.span, path: path, help: help)
  }

  static func tooMuch(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .limitExceeded,
      "more than 10,000 values and keys, or values too long or too deep, once all is composed",
      at: span, help: "a pipeline is a short text; look for a variable that multiplies others")
  }

  /// A chain that leads back to where it began; all of it is named.
  static func cycle(
    of names: [String], at span: SourceSpan, _ verb: String, notes: [Diagnostic.Note],
    help: String
  ) -> Diagnostic {
    Diagnostic(
      .error, .cyclicReference,
      "`\(names.last ?? "")` \(verb): " + names.map { "`\($0)`" }.joined(separator: " → "),
      at: span, help: help, notes: notes)
  }

  // MARK: Bases

  static func variableInBase(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .invalidVariable, "`extends` has a variable", at: span, path: "extends",
      help: "write the path out: variables are read after what is extended")
  }

  static func tooManyBases(at span: SourceSpan, notes: [Diagnostic.Note]) -> Diagnostic {
    Diagnostic(
      .error, .limitExceeded, "more than \(Composition.Limit.bases) files extend one another",
      at: span, path: "extends", help: "merge some of them into one", notes: notes)
  }

  static func noOtherFiles(_ path: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .missingFile, "`\(path)` cannot be read from here", at: span, path: "extends",
      help: "a text that stands alone extends nothing; name the pipeline by its file")
  }

  /// Why the file that is extended cannot be read, at `extends`.
  static func unreadableBase(
    _ diagnostic: Diagnostic, _ path: String, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, diagnostic.code, diagnostic.message, at: span, path: "extends",
      help: "`extends: \(path)` is looked for beside the file that says it",
      notes: diagnostic.notes)
  }

  static func emptyBase(_ source: SourceText, _ note: Diagnostic.Note) -> Diagnostic {
    Diagnostic(
      .error, .missingKey, "what is extended is empty", at: source.span(0, 0),
      help: "write settings in it, or remove `extends`", notes: [note])
  }

  static func baseIsNoMapping(_ root: SyntaxNode, _ note: Diagnostic.Note) -> Diagnostic {
    Diagnostic(
      .error, .wrongType,
      "what is extended must be a mapping; found \(Findings.description(of: root))", at: root.span,
      help: "write `key: value` lines, as in a pipeline", notes: [note])
  }

  /// Settings for a stage that what is extended does not have.
  static func noStage(_ entry: SyntaxEntry, among names: [String]) -> Diagnostic {
    let near = Suggestion.nearest(to: entry.key, among: names)
    return Diagnostic(
      .error, .unknownKey, "no stage beneath is called `\(Findings.excerpt(entry.key))`",
      at: entry.keySpan, path: "stages",
      help: near.map { "did you mean `\($0)`?" }
        ?? "the stages are \(names.prefix(20).map { "`\($0)`" }.joined(separator: ", "))"
        + "; a list replaces them all")
  }

  // MARK: Variables

  static func name(_ entry: SyntaxEntry, in section: String, isReserved: Bool) -> Diagnostic {
    let text = Findings.excerpt(entry.key)
    if isReserved {
      return Diagnostic(
        .error, .invalidVariable, "`\(text)` in `\(section)` is what a case of `matrix` is called",
        at: entry.keySpan, path: "\(section).\(entry.key)", help: "choose another name")
    }
    let near = NameRule.suggestion(entry.key, dots: false)
      .flatMap { ReferenceText.isName($0[...]) ? $0 : nil }
    return Diagnostic(
      .error, .invalidVariable,
      "a variable starts with a letter and is made of letters, digits, `_`, `-`; found `\(text)`",
      at: entry.keySpan, path: "\(section).\(entry.key)",
      help: near.map { "for example `\($0)`" } ?? "for example `rank`")
  }

  static func unknown(
    _ name: String, _ near: String?, _ known: [String], at span: SourceSpan
  ) -> Diagnostic {
    let names = known.prefix(20).map { "`${\($0)}`" }.joined(separator: ", ")
    let help: String
    if let near {
      help = "did you mean `${\(near)}`?"
    } else if name == VariableDefinition.caseName {
      help = "it is the name of a case, and there is no `matrix`"
    } else if name == name.uppercased(), name.contains(where: \.isLetter) {
      help = "define it under `vars`, or write `${env.\(name)}` for what the environment says"
    } else {
      help =
        (known.isEmpty ? "define it under `vars`" : "the variables are \(names)")
        + "; `$${` writes a literal `${`"
    }
    return Diagnostic(
      .error, .unknownVariable, "unknown variable `\(Findings.excerpt(name))`", at: span,
      help: help)
  }

  static func malformed(
    _ problem: ReferenceText.Problem, _ written: String, at span: SourceSpan
  ) -> Diagnostic {
    let message: String
    var help = "write `${name}`; `$${` writes a literal `${`"
    switch problem {
    case .unclosed: message = "`${` without `}`"
    case .empty: message = "`${}` names nothing"
    case .name(let inner):
      message = "`\(Findings.excerpt(written))` is no variable"
      let bare = inner[...].trimmingSpaces()
      if ReferenceText.isName(bare[...]) {
        help = "write `${\(bare)}`, without spaces"
      } else if bare.contains(":-") || bare.hasPrefix("env") {
        help = "write `${env.NAME}` or `${env.NAME:-default}`"
      }
    }
    return Diagnostic(.error, .invalidVariable, message, at: span, help: help)
  }

  static func notSet(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .unknownVariable, "the environment has no `\(Findings.excerpt(name))`", at: span,
      help: "set it, or say what to take without it: `${env.\(name):-default}`")
  }

  static func noText(
    _ definition: VariableDefinition, _ value: SyntaxNode, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, .wrongType,
      "`${\(definition.name)}` inside a text must be a single value; found "
        + Findings.description(of: value), at: span,
      help: "let `${\(definition.name)}` be all of the value, or define it as a text",
      notes: [Diagnostic.Note("`\(definition.name)` is defined here", at: definition.value.span)])
  }

  /// A variable that nothing uses: a slip where it was set for this reading, else a warning.
  static func unused(_ definition: VariableDefinition, among used: [String]) -> Diagnostic {
    let name = definition.name
    let isSet = definition.keySpan.file == OverrideText.file
    let near = isSet ? Suggestion.nearest(to: name, among: used) : nil
    let help =
      near.map { "did you mean `\($0)`? " } ?? ""
      + (isSet
        ? "nothing in the pipeline says `${\(name)}`"
        : "write `${\(name)}` where it belongs, or remove it")
    return Diagnostic(
      isSet ? .error : .warning, .unusedVariable, "nothing uses the variable `\(name)`",
      at: definition.keySpan, path: definition.isOfMatrix ? "matrix.\(name)" : "vars.\(name)",
      help: help)
  }

  /// A variable that was set for this reading while every case has its own.
  static func hidden(_ definition: VariableDefinition, by bound: VariableDefinition) -> Diagnostic {
    Diagnostic(
      .error, .conflictingKeys, "`matrix` gives `\(definition.name)` in every case",
      at: definition.keySpan, path: "vars.\(definition.name)",
      help: "set `matrix` instead, as `--set matrix.\(definition.name)=[16]`",
      notes: [Diagnostic.Note("`\(definition.name)` stands in `matrix` here", at: bound.keySpan)])
  }

  // MARK: Cases

  static func tooManyCases(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .limitExceeded, "`matrix` makes more than \(Composition.Limit.cases) cases",
      at: span, path: "matrix",
      help: "use fewer values, or list the cases that are worth it one by one")
  }

  static func repeated(
    _ value: SyntaxNode, in list: String, _ path: String, first: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, .duplicateName, "\(Findings.description(of: value)) stands twice in `\(list)`",
      at: value.span, path: path, help: "remove one of the two",
      notes: [Diagnostic.Note("it stands first here", at: first)])
  }

  static func caseName(_ name: SyntaxNode, _ path: String) -> Diagnostic {
    let near = name.scalar.flatMap { NameRule.suggestion($0.text, dots: true) }
    return Diagnostic(
      .error, .valueOutOfRange,
      "the name of a case is made of letters, digits and \(NameRule.signs(dots: true)); "
        + "found \(Findings.description(of: name))", at: name.span, path: "\(path).name",
      help: near.map { "for example `\($0)`" } ?? "for example `name: small`")
  }

  static func sameCaseName(_ name: SyntaxNode, _ path: String, first: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .duplicateName, "two cases are called \(Findings.description(of: name))",
      at: name.span, path: "\(path).name", help: "give each a name of its own, or leave `name` out",
      notes: [Diagnostic.Note("it is used first here", at: first)])
  }

  static func sharedOutput(
    _ setting: Setting<String>, _ first: String, _ second: String, earlier: Setting<String>
  ) -> Diagnostic {
    Diagnostic(
      .error, .sharedOutput,
      "the cases `\(first)` and `\(second)` both write to `\(Findings.excerpt(setting.value))`",
      at: setting.span, path: setting.path,
      help: "put a variable in the path, as `${case}`, the name of the case",
      notes: earlier.path == setting.path
        ? [] : [Diagnostic.Note("`\(first)` writes to it here", at: earlier.span)])
  }
}
