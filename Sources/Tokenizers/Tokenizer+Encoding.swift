extension Tokenizer {
  /// Encodes `text`.
  ///
  /// With `addSpecialTokens` the post-processor's tokens stand around the text's. Special tokens
  /// that are written in the text are found either way.
  ///
  /// Where the pre-tokenizer's pattern goes beyond its bound of steps, the rest of that stretch
  /// is one word: no text is ever left out.
  package func encode(_ text: String, addSpecialTokens: Bool = true) -> Encoding {
    var text = text
    return text.withUTF8 { bytes in
      cache.with { cache in
        var encoding = Encoding()
        encoding.ids.reserveCapacity(bytes.count / 3 + 8)
        encoding.spans.reserveCapacity(bytes.count / 3 + 8)
        if addSpecialTokens { append(parts.postProcessor.prefix, at: 0, to: &encoding) }
        for segment in rawMatcher.segments(of: bytes) {
          if let id = segment.id {
            encoding.ids.append(id)
            encoding.spans.append(segment.range)
          } else {
            let stretch = UnsafeBufferPointer(rebasing: bytes[segment.range])
            encode(stretch, base: segment.range.lowerBound, into: &encoding, &cache)
          }
        }
        if addSpecialTokens { append(parts.postProcessor.suffix, at: bytes.count, to: &encoding) }
        return encoding
      }
    }
  }

  private func append(_ ids: [Int32], at place: Int, to encoding: inout Encoding) {
    for id in ids {
      encoding.ids.append(id)
      encoding.spans.append(place..<place)
    }
  }

  /// Encodes a stretch that begins at byte `base` and holds no added token as it came.
  private func encode(
    _ stretch: UnsafeBufferPointer<UInt8>, base: Int, into encoding: inout Encoding,
    _ cache: inout WordCache
  ) {
    let isPlain =
      parts.normalizer == nil && normalizedMatcher.isEmpty && parts.preTokenizer.onlySplits
    guard !isPlain else {
      for piece in parts.preTokenizer.split(stretch) {
        encode(UnsafeBufferPointer(rebasing: stretch[piece]), &cache) { token in
          encoding.ids.append(token.id)
          let start = base + piece.lowerBound
          encoding.spans.append(start + Int(token.start)..<start + Int(token.end))
        }
      }
      return
    }
    var text = AlignedText(stretch, base: base)
    parts.normalizer?.apply(to: &text)
    let segments = text.bytes.withUnsafeBufferPointer { normalizedMatcher.segments(of: $0) }
    for segment in segments {
      if let id = segment.id {
        encoding.ids.append(id)
        encoding.spans.append(text.origin(of: segment.range))
        continue
      }
      var part = AlignedText()
      part.append(segment.range, of: text)
      let (words, pieces) = parts.preTokenizer.apply(to: part)
      words.bytes.withUnsafeBufferPointer { bytes in
        for piece in pieces {
          encode(UnsafeBufferPointer(rebasing: bytes[piece]), &cache) { token in
            encoding.ids.append(token.id)
            let start = piece.lowerBound
            encoding.spans.append(
              words.origin(of: start + Int(token.start)..<start + Int(token.end)))
          }
        }
      }
    }
  }

  /// Calls `body` with the tokens of one word.
  @inline(__always)
  private func encode(
    _ word: UnsafeBufferPointer<UInt8>, _ cache: inout WordCache, _ body: (WordToken) -> Void
  ) {
    guard word.count > parts.model.longestWord else {
      cache.withTokens(of: word, by: parts.model) { for token in $0 { body(token) } }
      return
    }
    // Offsets in a word are 32 bits wide: a longer word is encoded in parts.
    var start = 0
    while start < word.count {
      var end = min(word.count, start + parts.model.longestWord)
      while end < word.count, word[end] & 0xC0 == 0x80 { end -= 1 }
      let part = UnsafeBufferPointer(rebasing: word[start..<end])
      var tokens: [WordToken] = []
      parts.model.encode(part, into: &tokens)
      for token in tokens { body(token) }
      start = end
    }
  }
}
