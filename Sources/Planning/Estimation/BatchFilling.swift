package import Datasets

/// How much of what a program is laid out for the batches have, on average.
package struct BatchFilling: Hashable, Sendable {
  /// The share of the positions that carry loss.
  package var supervisedShare = 1.0
  /// The length of the row that a position belongs to, padding being rows of one; nil where each batch
  /// row is one row.
  package var keysPerQuery: Double?

  /// Batches that fill their programs.
  package init() {}

  /// The filling by one batch.
  package init(_ microBatch: MicroBatch) {
    self.init(
      positions: microBatch.shape.positionCount, supervisedTokens: microBatch.supervisedCount,
      attendedPairs: microBatch.attendedPairs)
  }

  /// The filling by batches of `positions` positions in all.
  init(positions: Int, supervisedTokens: Int, attendedPairs: Int?) {
    guard positions > 0 else { return }
    supervisedShare = min(1, Double(supervisedTokens) / Double(positions))
    keysPerQuery = attendedPairs.map { max(1, Double($0) / Double(positions)) }
  }
}

extension BatchWorkload {
  /// Positions computed, padding included.
  var positions: Int { shapes.reduce(0) { $0 + $1.shape.positionCount * $1.microBatches } }

  /// How the steps' batches fill their programs.
  var filling: BatchFilling {
    BatchFilling(
      positions: positions, supervisedTokens: supervisedTokens, attendedPairs: attendedPairs)
  }
}
