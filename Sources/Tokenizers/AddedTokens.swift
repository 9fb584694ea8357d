/// A token that is found in a text before anything else looks at it.
package struct AddedToken: Hashable, Sendable {
  /// The token's id.
  package let id: Int32
  /// The text that is the token.
  package let content: String
  /// Whether decoding leaves it out when special tokens are to be skipped.
  package let isSpecial: Bool
  /// Whether it is looked for in the normalized text.
  package let isNormalized: Bool
  /// Whether it counts only where no word character touches it.
  package let isSingleWord: Bool
  /// Whether it takes the white space before it.
  package let stripsLeft: Bool
  /// Whether it takes the white space after it.
  package let stripsRight: Bool

  package init(
    id: Int32, content: String, isSpecial: Bool = true, isNormalized: Bool = false,
    isSingleWord: Bool = false, stripsLeft: Bool = false, stripsRight: Bool = false
  ) {
    self.id = id
    self.content = content
    self.isSpecial = isSpecial
    self.isNormalized = isNormalized
    self.isSingleWord = isSingleWord
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
  }
}

/// Finds added tokens in a text: the leftmost, and of those the longest.
struct AddedTokenMatcher: Sendable {
  /// A stretch of the text, and the added token that it is, if any.
  struct Segment: Hashable, Sendable {
    var range: Range<Int>
    var id: Int32?
  }

  private var tokens: [AddedToken] = []
  /// A trie: `node << 8 | byte` → the next node; node 0 is the root.
  private var edges: [Int: Int] = [:]
  /// For each node the index of the token that ends there, or -1.
  private var ends: [Int] = [-1]
  private var canStart = [Bool](repeating: false, count: 256)

  var isEmpty: Bool { tokens.isEmpty }

  /// Makes a matcher of `tokens` as `written` in the text.
  init(_ tokens: [(token: AddedToken, written: [UInt8])]) {
    for (token, written) in tokens {
      guard let first = written.first else { continue }
      canStart[Int(first)] = true
      var node = 0
      for byte in written {
        let edge = node << 8 | Int(byte)
        if let next = edges[edge] {
          node = next
        } else {
          node = ends.count
          edges[edge] = node
          ends.append(-1)
        }
      }
      if ends[node] < 0 {
        ends[node] = self.tokens.count
        self.tokens.append(token)
      }
    }
  }

  /// Cuts `text` into added tokens and what lies between them.
  func segments(of text: UnsafeBufferPointer<UInt8>) -> [Segment] {
    guard !isEmpty, !text.isEmpty else {
      return text.isEmpty ? [] : [Segment(range: 0..<text.count)]
    }
    var segments: [Segment] = []
    var done = 0
    var offset = 0
    while offset < text.count {
      guard canStart[Int(text[offset])], let (token, end) = longest(at: offset, in: text) else {
        offset += 1
        continue
      }
      var range = offset..<end
      offset = end
      if token.isSingleWord, touchesWord(range, in: text) { continue }
      if token.stripsLeft {
        range = max(done, Self.spaceStart(before: range.lowerBound, in: text))..<range.upperBound
      }
      if token.stripsRight {
        range = range.lowerBound..<Self.spaceEnd(after: range.upperBound, in: text)
      }
      range = max(done, range.lowerBound)..<max(done, range.upperBound)
      if done < range.lowerBound { segments.append(Segment(range: done..<range.lowerBound)) }
      segments.append(Segment(range: range, id: token.id))
      done = range.upperBound
    }
    if done < text.count { segments.append(Segment(range: done..<text.count)) }
    return segments
  }

  private func longest(
    at offset: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> (token: AddedToken, end: Int)? {
    var node = 0
    var found: (AddedToken, Int)?
    var index = offset
    while index < text.count, let next = edges[node << 8 | Int(text[index])] {
      node = next
      index += 1
      if ends[node] >= 0 { found = (tokens[ends[node]], index) }
    }
    return found
  }

  private func touchesWord(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    if range.lowerBound > 0 {
      let before = UTF8Scan.start(before: range.lowerBound, in: text)
      if ScalarClass.word.contains(UTF8Scan.scalar(at: before, in: text).scalar) { return true }
    }
    guard range.upperBound < text.count else { return false }
    return ScalarClass.word.contains(UTF8Scan.scalar(at: range.upperBound, in: text).scalar)
  }

  private static func spaceStart(before end: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var start = end
    while start > 0 {
      let before = UTF8Scan.start(before: start, in: text)
      guard ScalarClass.whiteSpace.contains(UTF8Scan.scalar(at: before, in: text).scalar) else {
        return start
      }
      start = before
    }
    return start
  }

  private static func spaceEnd(after start: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var end = start
    while end < text.count {
      let (scalar, next) = UTF8Scan.scalar(at: end, in: text)
      guard ScalarClass.whiteSpace.contains(scalar) else { return end }
      end = next
    }
    return end
  }
}
