import Diagnostics
import YAMLSyntax

/// A comment that silences warnings: `# hone: allow dead-target, row-too-long`.
struct Allowance {
  /// One code that it names.
  struct Name {
    let text: String
    let span: SourceSpan
  }

  /// The comment.
  let span: SourceSpan
  let names: [Name]
  /// The line whose warnings it silences; nil where nothing follows it.
  let line: Int?
  /// The word in the place of `allow`, where it is misspelt.
  let misspelling: String?

  /// The allowances in `source`, in their order.
  static func all(in source: SourceText) -> [Allowance] {
    guard mentionsHone(source.bytes) else { return [] }
    let comments = SyntaxParser.comments(of: source)
    let alone = Set(comments.filter(\.isAlone).map(\.span.start.line))
    return comments.compactMap { comment in
      guard let (word, start) = directive(in: comment, source) else { return nil }
      var line: Int? = comment.span.start.line
      if comment.isAlone { line = nextLine(after: comment.span.start.line, alone, source) }
      let isAllow = word == "allow"
      guard isAllow || Suggestion.slip(of: word, among: ["allow"]) != nil else { return nil }
      return Allowance(
        span: comment.span, names: isAllow ? names(from: start, comment, source) : [], line: line,
        misspelling: isAllow ? nil : word)
    }
  }

  /// Whether `# hone:` stands anywhere, so that most texts need no second reading.
  private static func mentionsHone(_ bytes: [UInt8]) -> Bool {
    let word = Array("hone:".utf8)
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "#") {
        var next = index + 1
        while next < bytes.count, bytes[next] == 0x20 || bytes[next] == 0x09 { next += 1 }
        if bytes[next...].starts(with: word) { return true }
      }
      index += 1
    }
    return false
  }

  /// The word after `hone:` and where it ends, in bytes; nil for an ordinary comment.
  private static func directive(
    in comment: SyntaxComment, _ source: SourceText
  ) -> (word: String, end: Int)? {
    let end = comment.span.end.offset
    var rest = source.bytes[(comment.span.start.offset + 1)..<end].drop(while: \.isSpace)
    guard rest.starts(with: Array("hone:".utf8)) else { return nil }
    rest = rest.dropFirst("hone:".utf8.count).drop(while: \.isSpace)
    let word = rest.prefix { !$0.isSpace }
    return (String(decoding: word, as: UTF8.self), word.endIndex)
  }

  /// What stands between commas after `start`.
  private static func names(
    from start: Int, _ comment: SyntaxComment, _ source: SourceText
  ) -> [Name] {
    source.bytes[start..<comment.span.end.offset].split(separator: UInt8(ascii: ",")).compactMap {
      var piece = $0.drop(while: \.isSpace)
      while piece.last?.isSpace == true { piece.removeLast() }
      guard !piece.isEmpty else { return nil }
      return Name(
        text: String(decoding: piece, as: UTF8.self),
        span: source.span(piece.startIndex, piece.endIndex))
    }
  }

  /// The first line after `line` that is neither a comment nor empty.
  private static func nextLine(
    after line: Int, _ comments: Set<Int>, _ source: SourceText
  ) -> Int? {
    guard line < source.lineCount else { return nil }
    return ((line + 1)...source.lineCount).first { number in
      !comments.contains(number)
        && source.line(number)?.utf8.contains { !$0.isSpace } == true
    }
  }
}

extension UInt8 {
  fileprivate var isSpace: Bool { self == 0x20 || self == 0x09 }
}
