extension Tokenizer {
  /// The text of `ids`; unknown ids are left out, bytes that are no UTF-8 become U+FFFD.
  package func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
    let chain = texts(of: ids, skipSpecialTokens)
    guard let decoder = parts.decoder else {
      return String(decoding: Array(chain.joined(separator: [0x20])), as: UTF8.self)
    }
    let decoded = decoder.apply(to: chain, continuing: false, lossless: false)
    return String(decoding: Array(decoded.joined()), as: UTF8.self)
  }

  /// The bytes of `ids`, which may end within a character.
  ///
  /// With `continuing` the ids follow others: the bytes of a sequence decoded in parts, each but
  /// the first continuing, are those of the whole.
  package func decodeBytes(
    _ ids: [Int32], skipSpecialTokens: Bool, continuing: Bool = false
  ) -> [UInt8] {
    let chain = texts(of: ids, skipSpecialTokens)
    guard let decoder = parts.decoder else {
      let text = Array(chain.joined(separator: [0x20]))
      return continuing && !chain.isEmpty ? [0x20] + text : text
    }
    return Array(decoder.apply(to: chain, continuing: continuing, lossless: true).joined())
  }

  private func texts(of ids: [Int32], _ skipSpecialTokens: Bool) -> [[UInt8]] {
    ids.compactMap { id in
      if let added = addedByID[id] {
        return skipSpecialTokens && added.isSpecial ? nil : addedTexts[id]
      }
      return parts.model.vocabulary.token(of: id).map { Array($0.utf8) }
    }
  }
}
