/// Finds what was probably meant.
package enum Suggestion {
  /// Longer texts are not compared.
  private static let longest = 64

  /// The candidate nearest to `text`, nil where none is near; of several the first.
  package static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
    let limit = max(1, min(3, text.count / 3))
    return ranked(text, candidates).first { $0.distance <= limit }?.candidate
  }

  /// The candidate that differs from `text` by one slip, or by case and hyphens alone.
  package static func slip(of text: String, among candidates: some Sequence<String>) -> String? {
    guard text.count > 2 else { return nil }
    return ranked(text, candidates).first { $0.distance <= 1 }?.candidate
  }

  /// The one candidate that `text` is a slip of: of one sign, or of two in a long word.
  ///
  /// Nil where none is as near, or a second candidate is.
  package static func onlySlip(
    of text: String, among candidates: some Sequence<String>
  ) -> String? {
    guard text.count > 2 else { return nil }
    let ranked = ranked(text, candidates)
    guard let first = ranked.first, first.distance <= (text.count < 8 ? 1 : 2) else { return nil }
    let isAlone = ranked.dropFirst().allSatisfy { $0.distance > first.distance }
    return isAlone ? first.candidate : nil
  }

  private static func ranked(
    _ text: String, _ candidates: some Sequence<String>
  ) -> [(candidate: String, distance: Int)] {
    let wanted = normalized(text)
    guard wanted.count <= longest else { return [] }
    let pairs = candidates.filter { $0.unicodeScalars.count <= longest }.map {
      (candidate: $0, distance: distance(wanted, normalized($0)))
    }
    return pairs.enumerated()
      .sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
      .map(\.element)
  }

  private static func normalized(_ text: String) -> [Unicode.Scalar] {
    text.lowercased().unicodeScalars.map { $0 == "-" || $0 == " " ? "_" : $0 }
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
  private static func distance(_ lhs: [Unicode.Scalar], _ rhs: [Unicode.Scalar]) -> Int {
    if lhs.isEmpty || rhs.isEmpty { return max(lhs.count, rhs.count) }
    var beforeLast = [Int](repeating: 0, count: rhs.count + 1)
    var last = Array(0...rhs.count)
    for row in 1...lhs.count {
      var current = [row]
      for column in 1...rhs.count {
        let replaced = last[column - 1] + (lhs[row - 1] == rhs[column - 1] ? 0 : 1)
        var best = min(last[column] + 1, current[column - 1] + 1, replaced)
        if row > 1, column > 1, lhs[row - 1] == rhs[column - 2], lhs[row - 2] == rhs[column - 1] {
          best = min(best, beforeLast[column - 2] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[rhs.count]
  }
}
