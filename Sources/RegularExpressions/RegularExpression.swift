import CPCRE2

/// Why a pattern is no regular expression.
package struct RegularExpressionError: Error, Hashable, Sendable {
  /// What is wrong, in the library's words.
  package let reason: String
  /// Where, in bytes of the pattern.
  package let offset: Int
}

/// A regular expression over UTF-8, by PCRE2, with matching bounded in steps and memory.
package final class RegularExpression: @unchecked Sendable {
  // SAFETY: a compiled PCRE2 pattern and its limits are read-only; each match makes its own data.
  private let code: OpaquePointer
  private let limits: OpaquePointer?
  /// The pattern as written.
  package let pattern: String

  /// Compiles `pattern` with Unicode properties on.
  ///
  /// With `multiline`, `^` and `$` also stand at the start and end of each line.
  ///
  /// - Throws: ``RegularExpressionError`` if it is none.
  package init(_ pattern: String, multiline: Bool = false) throws(RegularExpressionError) {
    var error: Int32 = 0
    var offset = 0
    let bytes = Array(pattern.utf8)
    var options = UInt32(PCRE2_UTF) | UInt32(PCRE2_UCP) | UInt32(PCRE2_NEVER_BACKSLASH_C)
    if multiline { options |= UInt32(PCRE2_MULTILINE) }
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &error, &offset, nil) else {
      var text = [UInt8](repeating: 0, count: 256)
      let count = pcre2_get_error_message_8(error, &text, text.count)
      throw RegularExpressionError(
        reason: String(decoding: text.prefix(max(0, Int(count))), as: UTF8.self), offset: offset)
    }
    pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
    self.code = code
    self.pattern = pattern
    limits = pcre2_match_context_create_8(nil)
    if let limits {
      pcre2_set_match_limit_8(limits, 10_000_000)
      pcre2_set_heap_limit_8(limits, 131_072)  // KiB
    }
  }

  deinit {
    if let limits { pcre2_match_context_free_8(limits) }
    pcre2_code_free_8(code)
  }

  /// Whether the whole of `text` matches, as Python's `re.fullmatch`.
  package func matchesWhole(_ text: String) -> Bool {
    matches(text, options: UInt32(PCRE2_ANCHORED) | UInt32(PCRE2_ENDANCHORED))
  }

  /// Whether a match begins at the start of `text`, as Python's `re.match`.
  package func matchesPrefix(_ text: String) -> Bool {
    matches(text, options: UInt32(PCRE2_ANCHORED))
  }

  private func matches(_ text: String, options: UInt32) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { firstMatch(in: $0, from: 0, options: options) != nil }
  }

  /// The byte ranges of all matches in valid UTF-8, left to right, none overlapping.
  package func matches(in text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    forEachMatch(in: text) { found.append($0) }
    return found
  }

  /// Calls `body` with the byte range of each match in valid UTF-8, left to right, none overlapping.
  ///
  /// An empty match that touches the end of the match before it does not count.
  ///
  /// - Returns: Whether the search came to the end of `text`; false if a match took more steps or
  ///   memory than the limits allow, in which case nothing after the last match was looked at.
  @discardableResult
  package func forEachMatch(
    in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) -> Bool {
    guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { return false }
    defer { pcre2_match_data_free_8(data) }
    var position = 0
    var previousEnd = -1
    while position <= text.count {
      switch match(text, from: position, options: UInt32(PCRE2_NO_UTF_CHECK), data) {
      case .none: return true
      case .limit: return false
      case .found(let range):
        if range.isEmpty {
          if range.upperBound != previousEnd { body(range) }
          position = Self.next(range.upperBound, in: text)
        } else {
          body(range)
          position = range.upperBound
        }
        previousEnd = range.upperBound
      }
    }
    return true
  }

  /// The first match at or after byte `start`, and nil where there is none or it took too long.
  package func firstMatch(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, options: UInt32 = 0
  ) -> Range<Int>? {
    guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { return nil }
    defer { pcre2_match_data_free_8(data) }
    switch match(text, from: start, options: options, data) {
    case .found(let range): return range
    case .none, .limit: return nil
    }
  }

  private enum Outcome {
    case found(Range<Int>)
    case none
    case limit
  }

  private func match(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, options: UInt32, _ data: OpaquePointer
  ) -> Outcome {
    var empty: UInt8 = 0
    let count = withUnsafePointer(to: &empty) { nowhere in
      let subject = text.baseAddress ?? nowhere
      let count = pcre2_match_8(code, subject, text.count, start, options, data, limits)
      // The compiled code has a small stack of its own; the interpreter has the heap.
      guard count == PCRE2_ERROR_JIT_STACKLIMIT else { return count }
      return pcre2_match_8(
        code, subject, text.count, start, options | UInt32(PCRE2_NO_JIT), data, limits)
    }
    if count == PCRE2_ERROR_NOMATCH { return .none }
    guard count > 0, let vector = pcre2_get_ovector_pointer_8(data) else { return .limit }
    return .found(vector[0]..<max(vector[0], vector[1]))
  }

  /// The start of the scalar after the one at `offset`.
  private static func next(_ offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var next = offset + 1
    while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
    return next
  }
}
