/// Puts rows of like length near each other, so that little is padded.
///
/// Source: transformers' `get_length_grouped_indices`. The rows of a permutation are cut into groups
/// of up to 50 batches (fewer, so that there are four groups), each group is sorted by length, the
/// longest first, and the longest row of all changes places with the first.
package struct LengthGrouping: Sendable {
  private let lengths: [Int]
  private let groupSize: Int

  /// Groups rows of these lengths; `batchSize` of them, an optimizer step's, are meant to be alike.
  package init(lengths: [Int], batchSize: Int) {
    self.lengths = lengths
    let batches = max(1, min(lengths.count / max(1, batchSize) / 4, 50))
    let (size, overflow) = batches.multipliedReportingOverflow(by: max(1, batchSize))
    groupSize = overflow ? .max : size
  }

  /// The rows of `permutation` in groups.
  package func grouped(_ permutation: [Int]) -> [Int] {
    var rows: [Int] = []
    rows.reserveCapacity(permutation.count)
    var longest = 0
    var start = 0
    while start < permutation.count {
      let size = min(groupSize, permutation.count - start)
      // Sorting is stable: rows of one length stay in the permutation's order, as Python has it.
      rows += permutation[start..<start + size].sorted { lengths[$0] > lengths[$1] }
      if lengths[rows[start]] > lengths[rows[longest]] { longest = start }
      start += size
    }
    if longest > 0 { rows.swapAt(0, longest) }
    return rows
  }
}
