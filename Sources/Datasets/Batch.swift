/// A micro-batch laid out for a program, row after row.
///
/// Shapes, with B rows of T positions: `tokens`, `targets` and `positions` are `(B, T)`, `ranges` is
/// `(B, T, 2)`.
package struct Batch: Hashable, Sendable {
  package private(set) var shape: BatchShape
  /// Token ids; the padding token where there is none.
  package private(set) var tokens: [Int32] = []
  /// The next token's id where it belongs to the same row of data and is learned, else −1.
  package private(set) var targets: [Int32] = []
  /// The position inside the row of data, from 0; padding has 0.
  package private(set) var positions: [Int32] = []
  /// The half-open range of positions, within the batch row, that each position may attend to:
  /// from the start of its row of data up to itself; padding sees itself alone.
  package private(set) var ranges: [Int32] = []
  /// Targets that are not −1.
  package private(set) var supervisedCount = 0
  /// Positions that are not padding.
  package private(set) var tokenCount = 0

  /// Lays out a micro-batch of `dataset`.
  package init(_ microBatch: MicroBatch, of dataset: TokenizedDataset, padID: Int32) {
    shape = microBatch.shape
    fill(microBatch, of: dataset, padID: padID)
  }

  /// Lays out another micro-batch in the same storage.
  package mutating func fill(
    _ microBatch: MicroBatch, of dataset: TokenizedDataset, padID: Int32
  ) {
    shape = microBatch.shape
    let length = shape.length
    clear(padID: padID)
    for (line, rows) in microBatch.rows.enumerated() {
      var start = 0
      for row in rows {
        let range = dataset.rows[row].range
        let base = line * length + start
        for offset in 0..<range.count {
          let source = range.lowerBound + offset
          let place = base + offset
          tokens[place] = dataset.tokens[source]
          positions[place] = Int32(offset)
          ranges[2 * place] = Int32(start)
          if offset + 1 < range.count, dataset.isSupervised[source + 1] {
            targets[place] = dataset.tokens[source + 1]
            supervisedCount += 1
          }
        }
        start += range.count
        tokenCount += range.count
      }
    }
  }

  /// Makes every position padding.
  private mutating func clear(padID: Int32) {
    let count = shape.positionCount
    Self.reset(&tokens, to: padID, count: count)
    Self.reset(&targets, to: -1, count: count)
    Self.reset(&positions, to: 0, count: count)
    Self.reset(&ranges, to: 0, count: 2 * count)
    for place in 0..<count {
      let position = Int32(place % shape.length)
      ranges[2 * place] = position
      ranges[2 * place + 1] = position + 1
    }
    supervisedCount = 0
    tokenCount = 0
  }

  private static func reset(_ values: inout [Int32], to value: Int32, count: Int) {
    values.removeAll(keepingCapacity: true)
    values.append(contentsOf: repeatElement(value, count: count))
  }
}

extension BatchPlanner {
  /// Lays out a micro-batch that this planner made.
  package func batch(_ microBatch: MicroBatch) -> Batch {
    Batch(microBatch, of: dataset, padID: options.padID)
  }
}
