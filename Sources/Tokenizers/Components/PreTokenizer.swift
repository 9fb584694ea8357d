/// What cuts a text into the words that the model encodes one by one.
struct PreTokenizer: Sendable {
  /// One thing that is done to every piece, in order.
  enum Step: Sendable {
    case split(SplitRule)
    /// Puts `prefix` before a piece that does not begin with it.
    case prefix([UInt8], onlyAtStart: Bool)
    /// Writes every space as something else.
    case replaceSpaces([UInt8])
  }

  let steps: [Step]

  /// Whether the text itself stays as it is.
  let onlySplits: Bool

  init(steps: [Step] = []) {
    self.steps = steps
    onlySplits = steps.allSatisfy {
      switch $0 {
      case .split: true
      case .prefix, .replaceSpaces: false
      }
    }
  }

  /// The pieces of `text` where all steps are splits.
  func split(_ text: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    guard !text.isEmpty else { return [] }
    var pieces: [Range<Int>] = [0..<text.count]
    var isFirst = true
    for case .split(let rule) in steps {
      if isFirst {
        pieces.removeAll(keepingCapacity: true)
        rule.split(text, base: 0, into: &pieces)
        isFirst = false
        continue
      }
      pieces = Self.split(pieces, of: text, by: rule)
    }
    return pieces
  }

  /// The text as the steps rewrite it, and its pieces.
  func apply(to text: AlignedText) -> (text: AlignedText, pieces: [Range<Int>]) {
    guard !text.bytes.isEmpty else { return (text, []) }
    var text = text
    var pieces: [Range<Int>] = [0..<text.bytes.count]
    for step in steps {
      switch step {
      case .split(let rule):
        pieces = text.bytes.withUnsafeBufferPointer { Self.split(pieces, of: $0, by: rule) }
      case .prefix(let prefix, let onlyAtStart):
        (text, pieces) = Self.rewritten(text, pieces) { piece, result in
          let origin = text.origins[piece.lowerBound].lowerBound
          if !text.bytes[piece].starts(with: prefix), !onlyAtStart || origin == 0 {
            result.append(prefix, origin: origin..<origin)
          }
          result.append(piece, of: text)
        }
      case .replaceSpaces(let replacement):
        (text, pieces) = Self.rewritten(text, pieces) { piece, result in
          for index in piece {
            if text.bytes[index] == 0x20 {
              result.append(replacement, origin: text.origins[index])
            } else {
              result.append(index..<index + 1, of: text)
            }
          }
        }
      }
    }
    return (text, pieces)
  }

  private static func split(
    _ pieces: [Range<Int>], of text: UnsafeBufferPointer<UInt8>, by rule: SplitRule
  ) -> [Range<Int>] {
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.count)
    for piece in pieces {
      rule.split(UnsafeBufferPointer(rebasing: text[piece]), base: piece.lowerBound, into: &result)
    }
    return result
  }

  private static func rewritten(
    _ text: AlignedText, _ pieces: [Range<Int>],
    _ rewrite: (Range<Int>, inout AlignedText) -> Void
  ) -> (AlignedText, [Range<Int>]) {
    var result = AlignedText()
    var ranges: [Range<Int>] = []
    for piece in pieces {
      let start = result.bytes.count
      rewrite(piece, &result)
      ranges.append(start..<result.bytes.count)
    }
    return (result, ranges)
  }
}
