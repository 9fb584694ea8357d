import RegularExpressions

/// How a pre-tokenizer cuts a text: what it looks for, and where what it found goes.
struct SplitRule: Sendable {
  /// What is looked for.
  enum Pattern: Sendable {
    case expression(RegularExpression)
    case literal([UInt8])
    /// Each scalar of a class by itself.
    case scalars(ScalarClass)
    /// Runs of word scalars, and runs of what is neither word nor white space.
    case words
  }

  /// Where a match goes, by `tokenizer.json`'s names.
  enum Behavior: String, CaseIterable, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
  }

  var pattern: Pattern
  var behavior: Behavior
  /// Whether what lies between the matches counts as the matches.
  var isInverted = false

  /// A stretch of the text, and whether it was found.
  private struct Part {
    var range: Range<Int>
    var isMatch: Bool
  }

  /// Appends the pieces of `text`, none of them empty, each moved by `base`.
  func split(
    _ text: UnsafeBufferPointer<UInt8>, base: Int, into pieces: inout [Range<Int>]
  ) {
    guard !text.isEmpty else { return }
    if behavior == .isolated {
      var end = 0
      forEachMatch(in: text) { match in
        if match.lowerBound > end { pieces.append(base + end..<base + match.lowerBound) }
        if !match.isEmpty { pieces.append(base + match.lowerBound..<base + match.upperBound) }
        end = match.upperBound
      }
      if end < text.count { pieces.append(base + end..<base + text.count) }
      return
    }
    for part in joined(parts(of: text)) where !part.range.isEmpty {
      if behavior == .removed, part.isMatch { continue }
      pieces.append(base + part.range.lowerBound..<base + part.range.upperBound)
    }
  }

  /// The text as matches and what lies between them.
  private func parts(of text: UnsafeBufferPointer<UInt8>) -> [Part] {
    var parts: [Part] = []
    var end = 0
    forEachMatch(in: text) { match in
      if match.lowerBound > end {
        parts.append(Part(range: end..<match.lowerBound, isMatch: isInverted))
      }
      parts.append(Part(range: match, isMatch: !isInverted))
      end = match.upperBound
    }
    if end < text.count { parts.append(Part(range: end..<text.count, isMatch: isInverted)) }
    return parts
  }

  private func joined(_ parts: [Part]) -> [Part] {
    switch behavior {
    case .removed, .isolated: return parts
    case .contiguous: return joined(parts) { previous, part in previous.isMatch == part.isMatch }
    case .mergedWithPrevious:
      return joined(parts) { previous, part in part.isMatch && !previous.isMatch }
    case .mergedWithNext:
      return joined(parts.reversed()) { previous, part in part.isMatch && !previous.isMatch }
        .reversed()
    }
  }

  /// Joins each part to the one before where `joins` says so of the two as they came.
  private func joined(_ parts: [Part], _ joins: (Part, Part) -> Bool) -> [Part] {
    var result: [Part] = []
    var wasMatch = false
    for part in parts {
      let previous = Part(range: part.range, isMatch: wasMatch)
      wasMatch = part.isMatch
      if joins(previous, part), let last = result.popLast() {
        let start = min(last.range.lowerBound, part.range.lowerBound)
        let end = max(last.range.upperBound, part.range.upperBound)
        result.append(Part(range: start..<end, isMatch: part.isMatch))
      } else {
        result.append(part)
      }
    }
    return result
  }

  /// Calls `body` with each match; text after an expression's limit counts as no match.
  func forEachMatch(
    in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) {
    switch pattern {
    case .expression(let expression): expression.forEachMatch(in: text, body)
    case .literal(let literal): Self.forEach(literal, in: text, body)
    case .scalars(let scalarClass):
      var offset = 0
      while offset < text.count {
        let (scalar, end) = UTF8Scan.scalar(at: offset, in: text)
        if scalarClass.contains(scalar) { body(offset..<end) }
        offset = end
      }
    case .words:
      var start = 0
      var kind = WordKind.space
      var offset = 0
      while offset < text.count {
        let (scalar, end) = UTF8Scan.scalar(at: offset, in: text)
        let here = WordKind(scalar)
        if here != kind {
          if kind != .space { body(start..<offset) }
          start = offset
          kind = here
        }
        offset = end
      }
      if kind != .space, start < text.count { body(start..<text.count) }
    }
  }

  private enum WordKind {
    case word
    case space
    case other

    init(_ scalar: Unicode.Scalar) {
      self =
        ScalarClass.word.contains(scalar)
        ? .word : ScalarClass.whiteSpace.contains(scalar) ? .space : .other
    }
  }

  private static func forEach(
    _ literal: [UInt8], in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) {
    guard let first = literal.first else { return }
    var offset = 0
    while offset + literal.count <= text.count {
      if text[offset] == first, text[offset..<offset + literal.count].elementsEqual(literal) {
        body(offset..<offset + literal.count)
        offset += literal.count
      } else {
        offset += 1
      }
    }
  }
}
