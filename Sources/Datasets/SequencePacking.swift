/// Rows packed into sequences of one length; no row is split.
package struct SequencePacking: Hashable, Sendable {
  /// How many sequences stay open for rows that come later.
  static let openSequences = 64

  /// The rows of each sequence, in order.
  package let sequences: [[Int]]

  /// Packs rows of the given lengths in the given order.
  ///
  /// Each row goes into the fullest of the last 64 sequences that still has room (the earliest of
  /// equals), else it starts a new one. Cost: 64 comparisons a row.
  ///
  /// - Precondition: no row is longer than `capacity`.
  package init(lengths: [Int], order: [Int], capacity: Int) {
    var sequences: [[Int]] = []
    var open: [(sequence: Int, room: Int)] = []
    for row in order {
      let length = lengths[row]
      precondition(length <= capacity, "a row fits into a sequence")
      var best: Int?
      for (index, candidate) in open.enumerated() where candidate.room >= length {
        if let found = best, open[found].room <= candidate.room { continue }
        best = index
      }
      if let best {
        sequences[open[best].sequence].append(row)
        open[best].room -= length
        if open[best].room == 0 { open.remove(at: best) }
      } else {
        sequences.append([row])
        if length < capacity { open.append((sequences.count - 1, capacity - length)) }
        if open.count > Self.openSequences { open.removeFirst() }
      }
    }
    self.sequences = sequences
  }
}
