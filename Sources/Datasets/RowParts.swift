/// A row's tokens before any limit, and what each stretch of them is.
package struct RowParts: Hashable, Sendable {
  /// Tokens that belong together: the prompt, or one message.
  package struct Part: Hashable, Sendable {
    /// `text`, `prompt`, `completion`, a message's role, or `template`.
    package let name: String
    /// The tokens' positions in the row.
    package let range: Range<Int>

    package init(name: String, range: Range<Int>) {
      self.name = name
      self.range = range
    }
  }

  package let ids: [Int32]
  /// In order and without a gap; a part that has no token of its own is left out.
  package let parts: [Part]
  /// The tokens before any limit; more than `ids` where these were cut.
  package let wholeCount: Int

  /// Parts that start at the given tokens, ascending; each ends where the next starts.
  init(ids: [Int32], starts: [(name: String, token: Int)], _ wholeCount: Int? = nil) {
    self.ids = ids
    self.wholeCount = wholeCount ?? ids.count
    var parts: [Part] = []
    for (index, start) in starts.enumerated() {
      let lower = min(index == 0 ? 0 : start.token, ids.count)
      let upper = index + 1 < starts.count ? min(starts[index + 1].token, ids.count) : ids.count
      if lower < upper { parts.append(Part(name: start.name, range: lower..<upper)) }
    }
    self.parts = parts
  }
}

/// Tells the messages of a rendered conversation apart.
enum ConversationParts {
  /// Of longer conversations only what the template writes for all of them together is known.
  static let mostTurns = 64

  /// The byte of `text` at which each message starts, with its role, ascending.
  ///
  /// A message ends where the rendering of the messages up to it ends. Where a template writes
  /// otherwise, as one that looks at the last message does, its message goes with the next. What
  /// the template says before the first message, as a system prompt of its own, is `template`.
  static func starts(
    of turns: [ChatTurn], in text: String, _ encoder: some TextEncoder
  ) -> [(name: String, byte: Int)] {
    let bytes = Array(text.utf8)
    guard turns.count <= mostTurns else { return [("messages", 0)] }
    var starts: [(name: String, byte: Int)] = []
    var roles: [String] = []
    var start = 0
    for (index, turn) in turns.enumerated() {
      if roles.last != turn.role { roles.append(turn.role) }
      let isLast = index == turns.count - 1
      guard let end = isLast ? bytes.count : end(of: turns[...index], in: bytes, encoder) else {
        continue
      }
      guard end > start else { continue }
      if starts.isEmpty, roles.count == 1,
        let own = introduction(before: turn.content, in: bytes[start..<end])
      {
        starts.append(("template", start))
        start = own
      }
      starts.append((roles.joined(separator: ", "), start))
      start = end
      roles = []
    }
    return starts
  }

  private static func end(
    of turns: ArraySlice<ChatTurn>, in text: [UInt8], _ encoder: some TextEncoder
  ) -> Int? {
    guard let rendered = try? encoder.renderChat(Array(turns)) else { return nil }
    let bytes = Array(rendered.text.utf8)
    return text.starts(with: bytes) ? bytes.count : nil
  }

  /// Where the message begins in a rendering that has other turns before it.
  ///
  /// What follows the message's content is what ends a turn: where that also stands before the
  /// content, another turn ends there.
  private static func introduction(before content: String, in text: ArraySlice<UInt8>) -> Int? {
    let content = Array(content.utf8)
    guard let found = text.lastRange(of: content) else { return nil }
    let ending = text[found.upperBound...]
    guard ending.count > 1, let other = text[..<found.lowerBound].lastRange(of: Array(ending))
    else { return nil }
    return other.upperBound
  }
}

extension ArraySlice<UInt8> {
  /// Where `pattern` stands last; nil where it does not or is empty.
  fileprivate func lastRange(of pattern: [UInt8]) -> Range<Int>? {
    guard let first = pattern.first, pattern.count <= count else { return nil }
    var start = endIndex - pattern.count
    while start >= startIndex {
      if self[start] == first, self[start..<start + pattern.count].elementsEqual(pattern) {
        return start..<start + pattern.count
      }
      start -= 1
    }
    return nil
  }
}
