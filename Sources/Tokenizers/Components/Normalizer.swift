/// One rewriting of a text before it is cut into words.
enum Normalizer: Sendable {
  case unicode(UnicodeForm)
  case lowercase
  case strip(left: Bool, right: Bool)
  case prepend([UInt8])
  case replace(SplitRule.Pattern, [UInt8])
  case removing(ScalarClass)
  /// BERT's: no control characters, every white space a space.
  case cleaning
  /// BERT's: a space on both sides of each Chinese character.
  case spacingIdeographs
  /// SentencePiece's for translation: no control characters, some characters spaces.
  case nmt
  case characterMap(CharacterMap)
  case sequence([Normalizer])

  /// Rewrites `text`, keeping where each byte came from.
  func apply(to text: inout AlignedText) {
    switch self {
    case .unicode(let form): form.apply(to: &text)
    case .lowercase: text = Self.lowercased(text)
    case .strip(let left, let right): text = Self.stripped(text, left: left, right: right)
    case .prepend(let prefix):
      guard let first = text.origins.first else { return }
      var result = AlignedText()
      result.append(prefix, origin: first.lowerBound..<first.lowerBound)
      result.append(0..<text.bytes.count, of: text)
      text = result
    case .replace(let pattern, let content):
      text = Self.replacing(pattern, with: content, in: text)
    case .removing(let scalarClass):
      text = Self.rewriting(text) { scalarClass.contains($0) ? .removed : .kept }
    case .cleaning: text = Self.rewriting(text, Self.cleaned)
    case .spacingIdeographs:
      text = Self.rewriting(text) { ScalarClass.ideograph.contains($0) ? .spaced : .kept }
    case .nmt: text = Self.rewriting(text, Self.withoutNoise)
    case .characterMap(let map): map.apply(to: &text)
    case .sequence(let parts):
      for part in parts { part.apply(to: &text) }
    }
  }

  private static func lowercased(_ text: AlignedText) -> AlignedText {
    var result = AlignedText()
    text.bytes.withUnsafeBufferPointer { bytes in
      var offset = 0
      while offset < bytes.count {
        let (scalar, end) = UTF8Scan.scalar(at: offset, in: bytes)
        if scalar.properties.changesWhenLowercased {
          let origin = text.origin(of: offset..<end)
          result.append(Array(scalar.properties.lowercaseMapping.utf8), origin: origin)
        } else {
          result.append(offset..<end, of: text)
        }
        offset = end
      }
    }
    return result
  }

  private static func stripped(_ text: AlignedText, left: Bool, right: Bool) -> AlignedText {
    let kept = text.bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      var end = bytes.count
      while left, start < end {
        let (scalar, next) = UTF8Scan.scalar(at: start, in: bytes)
        guard ScalarClass.whiteSpace.contains(scalar) else { break }
        start = next
      }
      while right, end > start {
        let before = UTF8Scan.start(before: end, in: bytes)
        let scalar = UTF8Scan.scalar(at: before, in: bytes).scalar
        guard ScalarClass.whiteSpace.contains(scalar) else { break }
        end = before
      }
      return start..<end
    }
    var result = AlignedText()
    result.append(kept, of: text)
    return result
  }

  private static func replacing(
    _ pattern: SplitRule.Pattern, with content: [UInt8], in text: AlignedText
  ) -> AlignedText {
    var result = AlignedText()
    var end = 0
    let rule = SplitRule(pattern: pattern, behavior: .isolated)
    text.bytes.withUnsafeBufferPointer { bytes in
      rule.forEachMatch(in: bytes) { match in
        result.append(end..<match.lowerBound, of: text)
        let origin =
          match.isEmpty
          ? emptyOrigin(at: match.lowerBound, in: text) : text.origin(of: match)
        result.append(content, origin: origin)
        end = match.upperBound
      }
    }
    result.append(end..<text.bytes.count, of: text)
    return result
  }

  private static func emptyOrigin(at offset: Int, in text: AlignedText) -> Range<Int> {
    let place =
      offset < text.origins.count
      ? text.origins[offset].lowerBound : text.origins.last?.upperBound ?? 0
    return place..<place
  }
}
