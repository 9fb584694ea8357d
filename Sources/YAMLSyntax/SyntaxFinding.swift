import Diagnostics

/// The words for what is wrong with a text as YAML.
enum SyntaxFinding {
  static func duplicateKey(_ key: String, at span: SourceSpan, first: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .duplicateKey, "key `\(key)` stands twice in one mapping", at: span,
      help: "keep one of the two",
      notes: [Diagnostic.Note("`\(key)` stands first here", at: first)])
  }

  static func mergeKey(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .unsupportedYAML, "the merge key `<<` is not read", at: span,
      help: "write the keys out, or repeat a whole value with `&name` and `*name`")
  }

  static func emptyKey(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .invalidYAML, "a key is missing before `:`", at: span,
      help: "write the key, or quote the text if the colon belongs to it")
  }

  static func tag(_ tag: String, at span: SourceSpan) -> Diagnostic {
    let prefix = "tag:yaml.org,2002:"
    let name = tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    return Diagnostic(
      .error, .unsupportedYAML, "the tag `\(name)` is not read", at: span,
      help: "remove it: the setting decides what its value is")
  }

  static func keyIsNoText(_ node: SyntaxNode, _ event: YAMLEvent, at span: SourceSpan)
    -> Diagnostic
  {
    switch node.content {
    case .mapping, .sequence:
      let isFlow: Bool =
        switch event.kind {
        case .mappingStart(let isFlow, _), .sequenceStart(let isFlow, _): isFlow
        default: false
        }
      return Diagnostic(
        .error, .unsupportedYAML,
        "a key must be a text; found \(node.elements == nil ? "a mapping" : "a list")",
        at: node.span,
        help: isFlow
          ? "put quotes around a text that starts with `{` or `[`"
          : "write the key as one word")
    case .scalar:
      return Diagnostic(
        .error, .unsupportedYAML, "an alias cannot be a key", at: span, help: "write the key out")
    }
  }

  /// What libyaml could not read, in words that say what to do.
  static func unreadable(_ failure: YAMLFailure, in source: SourceText) -> Diagnostic {
    let offset =
      switch failure.place {
      case .byte(let offset): offset + source.contentStart
      case .scalar(let index): source.offset(ofScalar: index)
      }
    if let reference = bareReference(offset, failure, in: source) { return reference }
    let (message, help) = words(for: failure, offset, in: source)
    var notes: [Diagnostic.Note] = []
    let contextOffset = source.offset(ofScalar: failure.contextScalar)
    if let context = failure.context, contextOffset < offset {
      notes.append(
        Diagnostic.Note(contextWords(context), at: source.span(contextOffset, contextOffset)))
    }
    return Diagnostic(
      .error, .invalidYAML, message, at: source.span(offset, offset), help: help, notes: notes)
  }

  /// A `${name}` without quotes in a flow collection, whose brace YAML takes for a mapping's.
  private static func bareReference(
    _ offset: Int, _ failure: YAMLFailure, in source: SourceText
  ) -> Diagnostic? {
    let bytes = source.bytes
    guard failure.context?.contains("flow") == true, offset > 0, offset < bytes.count,
      bytes[offset] == UInt8(ascii: "{"), bytes[offset - 1] == UInt8(ascii: "$"),
      let close = bytes[offset...].firstIndex(of: UInt8(ascii: "}")),
      !bytes[offset..<close].contains(where: { $0 == 0x0A || $0 == 0x0D })
    else { return nil }
    let span = source.span(offset - 1, close + 1)
    // With nothing before or after it there is one right answer.
    let before = offset > 1 ? bytes[offset - 2] : 0
    let after = bytes[(close + 1)...].first { $0 != 0x20 } ?? 0
    let isWhole =
      [0x20, UInt8(ascii: "["), UInt8(ascii: ","), UInt8(ascii: ":")].contains(before)
      && [UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), 0x0A, 0x0D].contains(after)
    let written = String(decoding: bytes[(offset - 1)...close], as: UTF8.self)
    let fix = Diagnostic.Fix(
      "put quotes around `\(written)`", [Diagnostic.Edit(span, "\"\(written)\"")])
    return Diagnostic(
      .error, .invalidYAML, "`${…}` between brackets or braces needs quotes", at: span,
      help: isWhole ? "write `\"\(written)\"`" : "put quotes around the whole value",
      fix: isWhole ? fix : nil)
  }

  /// The message and the way out for a problem in libyaml's words.
  private static func words(
    for failure: YAMLFailure, _ offset: Int, in source: SourceText
  ) -> (message: String, help: String) {
    let isAtEnd = source.bytes[min(offset, source.bytes.count)...].allSatisfy(\.isBlank)
    let byte = offset < source.bytes.count ? source.bytes[offset] : 0
    let isFlow = failure.context?.contains("flow") ?? false
    if byte == UInt8(ascii: "\t") || failure.problem.contains("tab character") {
      return ("a tab cannot indent", "indent with spaces")
    }
    switch failure.problem {
    case "control characters are not allowed":
      return ("a control character stands here", "remove it, or write it as `\"\\x…\"` in quotes")
    case "mapping values are not allowed in this context":
      return (
        "a second `: ` in one value",
        "put quotes around a text that holds `: `, or start a new line for a new key"
      )
    case "could not find expected ':'":
      return (
        isAtEnd ? "the text ends before the `:` of a key" : "the `:` after a key is missing",
        "write `key: value`"
      )
    case "found character that cannot start any token":
      return (
        "a value cannot start with `\(Character(Unicode.Scalar(byte)))`",
        "put quotes around the text"
      )
    case "found unexpected end of stream":
      return ("the text ends inside quotes", "close the quotes that are open")
    case "found unexpected document indicator":
      return ("`---` or `...` stands inside quotes", "close the quotes that are open")
    case "found unknown escape character":
      return (
        "an unknown escape in double quotes",
        "write `\\\\` for a backslash, or use single quotes, in which nothing is escaped"
      )
    case "did not find expected ',' or ']'":
      return (
        isAtEnd ? "the text ends inside a list" : "a `,` or `]` is missing before this",
        "separate elements by `,` and close the list with `]`"
      )
    case "did not find expected ',' or '}'":
      return (
        isAtEnd ? "the text ends inside a mapping" : "a `,` or `}` is missing before this",
        "separate entries by `,` and close the mapping with `}`"
      )
    case "did not find expected key", "did not find expected '-' indicator",
      "block sequence entries are not allowed in this context",
      "mapping keys are not allowed in this context", "did not find expected <document start>":
      return (
        "this does not line up with what stands before it",
        "give keys of one mapping, and dashes of one list, the same indentation"
      )
    case "did not find expected node content":
      return isAtEnd && isFlow
        ? ("the text ends inside brackets", "close the brackets that are open")
        : ("a value is missing here", "write the value, or put quotes around the text")
    default: return (failure.problem, "put quotes around texts that hold YAML's own signs")
    }
  }

  private static func contextWords(_ context: String) -> String {
    let words = context.hasPrefix("while ") ? String(context.dropFirst("while ".count)) : context
    switch words {
    case "parsing a flow sequence": return "the list starts here"
    case "parsing a flow mapping": return "the mapping starts here"
    case "parsing a block mapping": return "the mapping starts here"
    case "parsing a block collection": return "the list starts here"
    case "scanning a quoted scalar": return "the quotes open here"
    case "scanning a simple key": return "the key starts here"
    case "scanning a plain scalar": return "the text starts here"
    default: return "while \(words)"
    }
  }
}

extension UInt8 {
  /// Whether the byte is a space, a tab or part of a line break.
  var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
