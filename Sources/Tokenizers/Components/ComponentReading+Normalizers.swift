import JSONSyntax

extension ComponentReading {
  static func normalizer(
    _ value: JSONValue?, depth: Int = 0
  ) throws(TokenizerError) -> Normalizer? {
    guard let value, !value.isNull else { return nil }
    let here = "normalizer"
    let kind = try kind(of: value, here, depth)
    switch kind {
    case "NFC": return .unicode(.nfc)
    case "NFD": return .unicode(.nfd)
    case "NFKC": return .unicode(.nfkc)
    case "NFKD": return .unicode(.nfkd)
    case "Nmt": return .nmt
    case "Lowercase": return .lowercase
    case "StripAccents": return .removing(.mark)
    case "BertNormalizer": return try bert(value)
    case "Precompiled":
      let encoded = try text(value, "precompiled_charsmap", in: here)
      return encoded.isEmpty ? .sequence([]) : .characterMap(try CharacterMap(base64: encoded))
    case "Strip":
      return .strip(
        left: try flag(value, "strip_left", in: here, default: true),
        right: try flag(value, "strip_right", in: here, default: true))
    case "Prepend": return .prepend(Array(try text(value, "prepend", in: here).utf8))
    case "Replace":
      return .replace(
        try pattern(value, in: here), Array(try text(value, "content", in: here).utf8))
    case "Sequence":
      var parts: [Normalizer] = []
      for part in try list(value, "normalizers", in: here) {
        if let part = try normalizer(part, depth: depth + 1) { parts.append(part) }
      }
      return .sequence(parts)
    default: throw .unsupported(component: here, kind: kind)
    }
  }

  /// BERT's normalizer as the steps that it is made of.
  private static func bert(_ value: JSONValue) throws(TokenizerError) -> Normalizer {
    func flag(_ name: String, _ fallback: Bool) throws(TokenizerError) -> Bool {
      try Self.flag(value, name, in: "normalizer", default: fallback)
    }
    let lowercases = try flag("lowercase", true)
    var steps: [Normalizer] = []
    if try flag("clean_text", true) { steps.append(.cleaning) }
    if try flag("handle_chinese_chars", true) { steps.append(.spacingIdeographs) }
    if try flag("strip_accents", lowercases) {
      steps += [.unicode(.nfd), .removing(.nonspacingMark)]
    }
    if lowercases { steps.append(.lowercase) }
    return .sequence(steps)
  }
}
