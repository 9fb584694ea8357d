import JSONSyntax

/// Reads the components of a `tokenizer.json`.
///
/// Every function throws ``TokenizerError`` for members of the wrong kind, and names the kinds of
/// components that it does not know.
enum ComponentReading {
  /// The pre-tokenizer, and whether it writes bytes by ``ByteAlphabet``.
  struct PreTokenization {
    var steps: [PreTokenizer.Step] = []
    var isByteLevel = false
  }

  /// How deep components may lie within sequences.
  static let deepest = 16

  /// GPT-2's pattern, which a byte-level pre-tokenizer splits by unless told otherwise.
  static let gpt2Pattern =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  // MARK: Pre-tokenizers

  static func preTokenizer(
    _ value: JSONValue?, depth: Int = 0
  ) throws(TokenizerError) -> PreTokenization {
    guard let value, !value.isNull else { return PreTokenization() }
    let here = "pre_tokenizer"
    let kind = try kind(of: value, "pre-tokenizer", depth)
    switch kind {
    case "ByteLevel":
      var result = PreTokenization(isByteLevel: true)
      if try flag(value, "add_prefix_space", in: here, default: true) {
        result.steps.append(.prefix([0x20], onlyAtStart: false))
      }
      if try flag(value, "use_regex", in: here, default: true) {
        let expression = try OnigurumaPattern.compile(gpt2Pattern)
        result.steps.append(.split(.init(pattern: .expression(expression), behavior: .isolated)))
      }
      return result
    case "Split":
      let name = try text(value, "behavior", in: here)
      guard let behavior = SplitRule.Behavior(rawValue: name) else {
        throw .unsupported(component: "split behaviour", kind: name)
      }
      let isInverted = try flag(value, "invert", in: here, default: false)
      return splitting(try pattern(value, in: here), behavior, isInverted)
    case "Digits":
      let each = try flag(value, "individual_digits", in: here, default: false)
      return splitting(.scalars(.number), each ? .isolated : .contiguous)
    case "Punctuation":
      let name = value["behavior"]?.string ?? "Isolated"
      guard let behavior = SplitRule.Behavior(rawValue: name) else {
        throw .unsupported(component: "split behaviour", kind: name)
      }
      return splitting(.scalars(.punctuation), behavior)
    case "BertPreTokenizer":
      var result = splitting(.scalars(.whiteSpace), .removed)
      result.steps += splitting(.scalars(.punctuation), .isolated).steps
      return result
    case "CharDelimiterSplit":
      return splitting(.literal(Array(try text(value, "delimiter", in: here).utf8)), .removed)
    case "Whitespace": return splitting(.words, .removed, true)
    case "WhitespaceSplit": return splitting(.scalars(.whiteSpace), .removed)
    case "Metaspace": return PreTokenization(steps: try metaspace(value))
    case "Sequence":
      var result = PreTokenization()
      for part in try list(value, "pretokenizers", in: here) {
        guard !result.isByteLevel else {
          throw .unsupported(component: "pre-tokenizer", kind: "Sequence going on after ByteLevel")
        }
        let part = try preTokenizer(part, depth: depth + 1)
        result.steps += part.steps
        result.isByteLevel = part.isByteLevel
      }
      return result
    default: throw .unsupported(component: "pre-tokenizer", kind: kind)
    }
  }

  private static func splitting(
    _ pattern: SplitRule.Pattern, _ behavior: SplitRule.Behavior, _ isInverted: Bool = false
  ) -> PreTokenization {
    PreTokenization(
      steps: [.split(.init(pattern: pattern, behavior: behavior, isInverted: isInverted))])
  }

  private static func metaspace(_ value: JSONValue) throws(TokenizerError) -> [PreTokenizer.Step] {
    let replacement = Array(try text(value, "replacement", in: "pre_tokenizer").utf8)
    var steps: [PreTokenizer.Step] = [.replaceSpaces(replacement)]
    switch try prependScheme(value) {
    case .always: steps.append(.prefix(replacement, onlyAtStart: false))
    case .first: steps.append(.prefix(replacement, onlyAtStart: true))
    case .never: break
    }
    if try flag(value, "split", in: "pre_tokenizer", default: true) {
      steps.append(.split(.init(pattern: .literal(replacement), behavior: .mergedWithNext)))
    }
    return steps
  }

  private enum PrependScheme: String { case always, first, never }

  private static func prependScheme(_ value: JSONValue) throws(TokenizerError) -> PrependScheme {
    if let name = value["prepend_scheme"]?.string {
      guard let scheme = PrependScheme(rawValue: name) else {
        throw .unsupported(component: "prepend scheme", kind: name)
      }
      return scheme
    }
    // The older form of the same choice.
    return try flag(value, "add_prefix_space", in: "pre_tokenizer", default: true)
      ? .always : .never
  }

  // MARK: Decoders

  static func decoder(_ value: JSONValue?, depth: Int = 0) throws(TokenizerError) -> Decoder? {
    guard let value, !value.isNull else { return nil }
    let kind = try kind(of: value, "decoder", depth)
    switch kind {
    case "ByteLevel": return .byteLevel
    case "ByteFallback": return .byteFallback
    case "Fuse": return .fuse
    case "Strip":
      return .strip(
        content: Array(try text(value, "content", in: "decoder").utf8),
        start: try count(value, "start", in: "decoder"),
        stop: try count(value, "stop", in: "decoder"))
    case "Replace":
      return .replace(
        try pattern(value, in: "decoder"), Array(try text(value, "content", in: "decoder").utf8))
    case "Metaspace":
      return .metaspace(
        replacement: Array(try text(value, "replacement", in: "decoder").utf8),
        stripsFirst: try prependScheme(value) != .never)
    case "WordPiece":
      return .wordPiece(
        prefix: Array((value["prefix"]?.string ?? "##").utf8),
        cleansUp: try flag(value, "cleanup", in: "decoder", default: true))
    case "Sequence":
      var parts: [Decoder] = []
      for part in try list(value, "decoders", in: "decoder") {
        if let part = try decoder(part, depth: depth + 1) { parts.append(part) }
      }
      return .sequence(parts)
    default: throw .unsupported(component: "decoder", kind: kind)
    }
  }

  // MARK: Members

  static func kind(
    of value: JSONValue, _ component: String, _ depth: Int
  ) throws(TokenizerError) -> String {
    guard let kind = value["type"]?.string else {
      throw .malformed(member: "\(component).type", expected: "a text")
    }
    guard depth < deepest else {
      throw .unsupported(component: component, kind: "\(kind) nested more than \(deepest) deep")
    }
    return kind
  }

  static func text(
    _ value: JSONValue, _ name: String, in owner: String
  ) throws(TokenizerError) -> String {
    guard let text = value[name]?.string else {
      throw .malformed(member: "\(owner).\(name)", expected: "a text")
    }
    return text
  }

  /// A switch that may be missing or null.
  static func flag(
    _ value: JSONValue, _ name: String, in owner: String, default fallback: Bool
  ) throws(TokenizerError) -> Bool {
    guard let member = value[name], !member.isNull else { return fallback }
    guard let flag = member.bool else {
      throw .malformed(member: "\(owner).\(name)", expected: "true or false")
    }
    return flag
  }

  static func list(
    _ value: JSONValue, _ name: String, in owner: String
  ) throws(TokenizerError) -> [JSONValue] {
    guard let list = value[name]?.array else {
      throw .malformed(member: "\(owner).\(name)", expected: "a list")
    }
    return list
  }

  static func count(
    _ value: JSONValue, _ name: String, in owner: String
  ) throws(TokenizerError) -> Int {
    guard let count = value[name]?.integer, (0...1 << 16).contains(count) else {
      throw .malformed(member: "\(owner).\(name)", expected: "a small number")
    }
    return count
  }

  static func pattern(
    _ value: JSONValue, in owner: String
  ) throws(TokenizerError) -> SplitRule.Pattern {
    if let literal = value["pattern"]?["String"]?.string { return .literal(Array(literal.utf8)) }
    guard let expression = value["pattern"]?["Regex"]?.string else {
      throw .malformed(member: "\(owner).pattern", expected: "a `String` or a `Regex`")
    }
    return .expression(try OnigurumaPattern.compile(expression))
  }
}
