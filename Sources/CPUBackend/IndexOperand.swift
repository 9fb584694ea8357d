/// An operand whose integers name rows, tokens or key positions: read again only to say what was
/// wrong with it.
struct IndexOperand {
  /// How the integers are meant.
  enum Meaning {
    /// Each is in `0..<limit`.
    case rows
    /// Each is −1 or in `0..<limit`.
    case targets
    /// Pairs `[start, end)`; of those that are not empty both are in `0...limit`.
    case ranges
  }

  let pointer: UnsafePointer<Int32>
  let count: Int
  let limit: Int
  let meaning: Meaning

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
