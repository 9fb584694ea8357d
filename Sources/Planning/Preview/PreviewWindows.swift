/// Which tokens of a long row are shown: its ends, and what is around each place where learned
/// and other tokens, or two parts, meet.
enum PreviewWindows {
  /// Rows up to this many tokens are shown whole.
  static let wholeRow = 160
  private static let head = 24
  private static let tail = 16
  private static let before = 6
  private static let after = 10
  /// Gaps shorter than this are not worth a line.
  private static let shortestGap = 8
  /// Of more boundaries the first and the last are shown.
  private static let mostBoundaries = 64

  /// The ranges to show of `count` tokens, ascending and apart.
  static func ranges(count: Int, boundaries: [Int]) -> [Range<Int>] {
    guard count > wholeRow else { return count > 0 ? [0..<count] : [] }
    var shown = boundaries
    if boundaries.count > mostBoundaries {
      shown = Array(
        boundaries.prefix(mostBoundaries * 3 / 4) + boundaries.suffix(mostBoundaries / 4))
    }
    let windows =
      [0..<head]
      + shown.map { max(0, $0 - before)..<min(count, $0 + after) }
      + [count - tail..<count]
    var result: [Range<Int>] = []
    for window in windows {
      if let last = result.last, window.lowerBound < last.upperBound + shortestGap {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, window.upperBound)
      } else {
        result.append(window)
      }
    }
    return result
  }
}
