/// The tag and the anchor before a value, as they stand in the text.
struct WrittenProperties {
  /// The bytes of the tag, where there is one.
  private(set) var tag: Range<Int>?
  /// Where the value itself starts.
  private(set) var end: Int

  /// Goes over `&anchor` and `!tag` from `start`, and over the blanks and comments that follow each.
  init(in bytes: [UInt8], from start: Int, to limit: Int) {
    end = min(start, limit)
    while end < limit, bytes[end] == UInt8(ascii: "&") || bytes[end] == UInt8(ascii: "!") {
      let first = end
      while end < limit, !bytes[end].isBlank, !Self.endsFlow(bytes[end], after: bytes[first]) {
        end += 1
      }
      if bytes[first] == UInt8(ascii: "!") { tag = first..<end }
      skipBlanks(bytes, to: limit)
    }
  }

  /// Inside brackets a sign of theirs ends an anchor.
  private static func endsFlow(_ byte: UInt8, after first: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
      UInt8(ascii: "}"):
      first == UInt8(ascii: "&")
    default: false
    }
  }

  private mutating func skipBlanks(_ bytes: [UInt8], to limit: Int) {
    while end < limit {
      if bytes[end].isBlank {
        end += 1
      } else if bytes[end] == UInt8(ascii: "#"), bytes[end - 1].isBlank {
        while end < limit, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
      } else {
        return
      }
    }
  }
}

extension YAMLEvent.NodeProperties {
  /// Whether `event` opens a collection in block style.
  func isBlockStart(_ event: YAMLEvent) -> Bool {
    switch event.kind {
    case .sequenceStart(let isFlow, _), .mappingStart(let isFlow, _): !isFlow
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .alias, .scalar, .sequenceEnd,
      .mappingEnd:
      false
    }
  }
}
