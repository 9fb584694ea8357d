package import Diagnostics

/// A comment of a YAML text.
package struct SyntaxComment: Hashable, Sendable {
  /// From `#` to the end of its line.
  package let span: SourceSpan
  /// What follows `#`.
  package let text: String
  /// Whether nothing but space stands before it on its line.
  package let isAlone: Bool
}

extension SyntaxParser {
  /// The comments of `source` in their order; none where it is no YAML.
  ///
  /// A `#` in quotes or in a block scalar begins none.
  package static func comments(of source: SourceText) -> [SyntaxComment] {
    guard source.bytes.count <= Limit.bytes, source.firstInvalidOffset == nil,
      let texts = textRanges(of: source)
    else { return [] }
    var comments: [SyntaxComment] = []
    var reader = CommentReader(source: source, texts: texts)
    while let comment = reader.next() { comments.append(comment) }
    return comments
  }

  /// Where `#` is an ordinary sign: in quoted and block scalars, in their order.
  private static func textRanges(of source: SourceText) -> [Range<Int>]? {
    var content = source.bytes
    content.removeFirst(source.contentStart)
    return content.withUnsafeBufferPointer { bytes in
      let events = EventStream(bytes)
      var ranges: [Range<Int>] = []
      while true {
        guard let event = try? events.next() else { return nil }
        switch event.kind {
        case .streamEnd: return ranges
        case .scalar(_, let style, _):
          let start = source.offset(ofScalar: event.start)
          let end = source.offset(ofScalar: event.end)
          if let range = range(style, start, end, source.bytes) { ranges.append(range) }
        case .streamStart, .documentStart, .documentEnd, .alias, .sequenceStart, .sequenceEnd,
          .mappingStart, .mappingEnd:
          break
        }
      }
    }
  }

  private static func range(
    _ style: SyntaxScalar.Style, _ start: Int, _ end: Int, _ bytes: [UInt8]
  ) -> Range<Int>? {
    switch style {
    case .plain: return nil
    case .quoted: return start..<end
    case .block:
      // The line of `|` may end with a comment; libyaml's end takes in line breaks that follow.
      var first = start
      while first < end, !bytes[first].isBreak { first += 1 }
      var last = end
      while last > first, bytes[last - 1].isBreak || bytes[last - 1].isSpace { last -= 1 }
      return first..<last
    }
  }
}

/// Finds one comment after the other.
private struct CommentReader {
  private let source: SourceText
  private let texts: [Range<Int>]
  private var offset: Int
  private var textIndex = 0

  init(source: SourceText, texts: [Range<Int>]) {
    self.source = source
    self.texts = texts
    offset = source.contentStart
  }

  mutating func next() -> SyntaxComment? {
    let bytes = source.bytes
    while offset < bytes.count {
      while textIndex < texts.count, texts[textIndex].upperBound <= offset { textIndex += 1 }
      if textIndex < texts.count, texts[textIndex].contains(offset) {
        offset = texts[textIndex].upperBound
        continue
      }
      let byte = bytes[offset]
      offset += 1
      if byte == UInt8(ascii: "#"), beginsComment(at: offset - 1) {
        return comment(from: offset - 1)
      }
    }
    return nil
  }

  private func beginsComment(at start: Int) -> Bool {
    guard start > source.contentStart else { return true }
    let before = source.bytes[start - 1]
    return before.isBreak || before.isSpace
  }

  private mutating func comment(from start: Int) -> SyntaxComment {
    let bytes = source.bytes
    while offset < bytes.count, !bytes[offset].isBreak { offset += 1 }
    return SyntaxComment(
      span: source.span(start, offset),
      text: String(decoding: bytes[(start + 1)..<offset], as: UTF8.self),
      isAlone: source.line(source.position(atOffset: start).line)?.utf8.first { !$0.isSpace }
        == UInt8(ascii: "#"))
  }
}

extension UInt8 {
  fileprivate var isBreak: Bool { self == 0x0A || self == 0x0D }
  fileprivate var isSpace: Bool { self == 0x20 || self == 0x09 }
}
