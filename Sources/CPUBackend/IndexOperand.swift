/// An operand whose integers name rows, tokens or key positions: read again only to say what was
/// wrong with it.
struct IndexOperand {
  /// How the integers are meant.
  enum Meaning {
    /// Each is in `0..<limit`.
    case rows
    /// Each is −1 or in `0..<limit`.
    case targets
    /// Pairs `[start, end)`; of those that are not empty both are in `0...limit`. Of a range the last keys
    /// within a window are seen.
    case ranges(window: Int?)
  }

  let pointer: UnsafePointer<Int32>
  let count: Int
  let limit: Int
  let meaning: Meaning

  /// The share of an operation's arithmetic that the integers ask for: rows that have a target, and of
  /// attention, which counts half of the square of scores or its window, what is seen.
  var share: Double {
    switch meaning {
    case .rows: return 1
    case .targets:
      return Double((0..<count).count(where: { pointer[$0] >= 0 })) / Double(max(1, count))
    case .ranges(let window):
      let seen = stride(from: 0, to: count, by: 2).reduce(0) { sum, start in
        sum + min(max(0, Int(pointer[start + 1] - pointer[start])), window ?? .max)
      }
      let counted = count / 2 * min(limit, 2 * (window ?? limit))
      return min(1, 2 * Double(seen) / Double(max(1, counted)))
    }
  }

  /// The first integer that breaks the rule.
  var firstOutOfRange: Int? {
    for position in 0..<count {
      let index = Int(pointer[position])
      switch meaning {
      case .rows: if index < 0 || index >= limit { return index }
      case .targets: if index < -1 || index >= limit { return index }
      case .ranges:
        let start = position / 2 * 2
        guard pointer[start] < pointer[start + 1] else { continue }
        if index < 0 || index > limit { return index }
      }
    }
    return nil
  }
}
