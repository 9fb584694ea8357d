/// SentencePiece's precompiled normalization: short texts and what each becomes.
///
/// The texts lie in a double-array trie whose leaves are places in a list of texts ended by zero.
/// Source: Yata's darts-clone as `sentencepiece` writes it; behaviour of Hugging Face's
/// `spm_precompiled`, which takes the shortest text that a grapheme begins with.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]

  /// Reads a map as `tokenizer.json` holds it.
  ///
  /// - Throws: ``TokenizerError/malformed(member:expected:)`` where it is cut short or no Base64.
  init(base64: String) throws(TokenizerError) {
    let error = TokenizerError.malformed(
      member: "normalizer.precompiled_charsmap", expected: "a map of characters in Base64")
    guard let bytes = Self.bytes(ofBase64: base64), bytes.count >= 4 else { throw error }
    func number(at offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
    }
    let size = Int(number(at: 0))
    guard size >= 4, size % 4 == 0, size <= bytes.count - 4 else { throw error }
    units = (0..<size / 4).map { number(at: 4 + $0 * 4) }
    texts = Array(bytes[(4 + size)...])
  }

  /// Rewrites `text` grapheme by grapheme.
  func apply(to text: inout AlignedText) {
    var result = AlignedText()
    var offset = 0
    for grapheme in String(decoding: text.bytes, as: UTF8.self) {
      let range = offset..<offset + grapheme.utf8.count
      offset = range.upperBound
      if range.count < 6, let content = replacement(of: text.bytes[range]) {
        result.append(content, origin: text.origin(of: range))
        continue
      }
      var start = range.lowerBound
      for scalar in grapheme.unicodeScalars {
        let part = start..<start + UTF8.width(scalar)
        start = part.upperBound
        if let content = replacement(of: text.bytes[part]) {
          result.append(content, origin: text.origin(of: part))
        } else {
          result.append(part, of: text)
        }
      }
    }
    text = result
  }

  /// What the shortest text of the map becomes that `bytes` begin with; nil where there is none.
  private func replacement(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let start = place(of: bytes), texts.indices.contains(start) else { return nil }
    let end = texts[start...].firstIndex(of: 0) ?? texts.count
    let content = texts[start..<end]
    return String(validating: content, as: UTF8.self) == nil ? nil : content
  }

  private func place(of bytes: ArraySlice<UInt8>) -> Int? {
    var node = Self.offset(of: units[0])
    for byte in bytes {
      guard byte != 0 else { return nil }
      node ^= Int(byte)
      guard units.indices.contains(node) else { return nil }
      let unit = units[node]
      guard unit & (1 << 31 | 0xFF) == UInt32(byte) else { return nil }
      node ^= Self.offset(of: unit)
      if unit >> 8 & 1 == 1 {
        guard units.indices.contains(node) else { return nil }
        return Int(units[node] & (1 << 31 - 1))
      }
    }
    return nil
  }

  private static func offset(of unit: UInt32) -> Int {
    Int(unit >> 10) << Int((unit & 1 << 9) >> 6)
  }

  private static func bytes(ofBase64 text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    for digit in text.utf8 {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = digit - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = digit - 71
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit + 4
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "="): continue
      default: return nil
      }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }
}
