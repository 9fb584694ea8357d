import CPCRE2

/// Why a pattern is no regular expression.
package struct RegularExpressionError: Error, Hashable, Sendable {
  /// What is wrong, in the library's words.
  package let reason: String
  /// Where, in bytes of the pattern.
  package let offset: Int
}

/// A regular expression over UTF-8, by PCRE2, with matching bounded in steps.
package final class RegularExpression: @unchecked Sendable {
  // SAFETY: a compiled PCRE2 pattern is read-only; each match makes its own match data.
  private let code: OpaquePointer
  /// The pattern as written.
  package let pattern: String

  /// Compiles `pattern` with Unicode properties on.
  ///
  /// - Throws: ``RegularExpressionError`` if it is none.
  package init(_ pattern: String) throws(RegularExpressionError) {
    var error: Int32 = 0
    var offset = 0
    let bytes = Array(pattern.utf8)
    let options = UInt32(PCRE2_UTF) | UInt32(PCRE2_UCP) | UInt32(PCRE2_NEVER_BACKSLASH_C)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &error, &offset, nil) else {
      var text = [UInt8](repeating: 0, count: 256)
      let count = pcre2_get_error_message_8(error, &text, text.count)
      throw RegularExpressionError(
        reason: String(decoding: text.prefix(max(0, Int(count))), as: UTF8.self), offset: offset)
    }
    pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
    self.code = code
    self.pattern = pattern
  }

  deinit { pcre2_code_free_8(code) }

  /// Whether the whole of `text` matches, as Python's `re.fullmatch`.
  package func matchesWhole(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer {
      firstMatch(in: $0, from: 0, options: UInt32(PCRE2_ANCHORED) | UInt32(PCRE2_ENDANCHORED))
        != nil
    }
  }

  /// Whether a match begins at the start of `text`, as Python's `re.match`.
  package func matchesPrefix(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer {
      firstMatch(in: $0, from: 0, options: UInt32(PCRE2_ANCHORED)) != nil
    }
  }

  /// The byte ranges of all matches in valid UTF-8, left to right, none overlapping.
  package func matches(in text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { return [] }
    defer { pcre2_match_data_free_8(data) }
    var found: [Range<Int>] = []
    var position = 0
    while position <= text.count,
      let match = match(text, from: position, options: UInt32(PCRE2_NO_UTF_CHECK), data)
    {
      found.append(match)
      position = match.isEmpty ? Self.next(match.upperBound, in: text) : match.upperBound
    }
    return found
  }

  /// The first match at or after byte `start`, and nil where there is none or it took too long.
  package func firstMatch(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, options: UInt32 = 0
  ) -> Range<Int>? {
    guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { return nil }
    defer { pcre2_match_data_free_8(data) }
    return match(text, from: start, options: options, data)
  }

  private func match(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, options: UInt32, _ data: OpaquePointer
  ) -> Range<Int>? {
    var empty: UInt8 = 0
    let count = withUnsafePointer(to: &empty) {
      pcre2_match_8(code, text.baseAddress ?? $0, text.count, start, options, data, nil)
    }
    guard count > 0, let vector = pcre2_get_ovector_pointer_8(data) else { return nil }
    return vector[0]..<max(vector[0], vector[1])
  }

  /// The start of the scalar after the one at `offset`.
  private static func next(_ offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var next = offset + 1
    while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
    return next
  }
}
