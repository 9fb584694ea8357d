/// A micro-batch laid out for a program, row after row.
///
/// Shapes, with B rows of T positions, sources of S positions and K numbers a row: `tokens`,
/// `targets`, `positions` and `tokenTypes` are `(B, T)`, `ranges` and `crossRanges` `(B, T, 2)`,
/// `sourceTokens`, `sourcePositions` and `sourceValues` `(B, S)`, `sourceRanges` `(B, S, 2)`,
/// `pooled` `(B)`, `values` and `weights` `(B, K)`; of series that answer by position these two are
/// `(B, T)`, of those that answer by row `sourceValues` is; of rows with one class `targets` is `(B)`. What the rows have no use for is empty.
package struct Batch: Hashable, Sendable {
  package private(set) var shape: BatchShape
  /// Token ids, the padding token where there is none; of series the column's number.
  package internal(set) var tokens: [Int32] = []
  /// What is learned at each position: the next token where it belongs to the same row of data, or
  /// what the rows say, else −1.
  package internal(set) var targets: [Int32] = []
  /// The position inside the row of data, from 0; padding has 0.
  package internal(set) var positions: [Int32] = []
  /// The half-open range of positions, within the batch row, that each position may attend to:
  /// from the start of its row of data up to itself, or the whole row; padding sees itself alone.
  package internal(set) var ranges: [Int32] = []
  /// 1 from the second of two texts on, else 0.
  package internal(set) var tokenTypes: [Int32] = []
  /// Of each batch row the token, counted through the batch, that stands for it: its first where
  /// tokens see the whole row, else its last.
  package internal(set) var pooled: [Int32] = []
  /// The source's token ids.
  package internal(set) var sourceTokens: [Int32] = []
  package internal(set) var sourcePositions: [Int32] = []
  /// The whole source; padding sees itself alone.
  package internal(set) var sourceRanges: [Int32] = []
  /// Of each position the half-open range of the source that it sees: all of it; in a batch row
  /// without a row of data the first position.
  package internal(set) var crossRanges: [Int32] = []
  /// The numbers that are learned.
  package internal(set) var values: [Float] = []
  /// 1 beside each number that counts, else 0.
  package internal(set) var weights: [Float] = []
  /// The numbers that are given.
  package internal(set) var sourceValues: [Float] = []
  /// How much the loss is taken over: targets that are not −1, or weights that are not 0.
  package internal(set) var supervisedCount = 0
  /// Positions that are not padding, sources left aside.
  package internal(set) var tokenCount = 0
  /// Source positions that are not padding.
  package internal(set) var sourceTokenCount = 0
  /// Tokens of a row that may be hidden; empty between uses.
  var candidates: [Int32] = []

  /// Lays out a micro-batch of `dataset`.
  package init(
    _ microBatch: MicroBatch, of dataset: TokenizedDataset, padID: Int32,
    visibility: BatchVisibility = .causal
  ) {
    shape = microBatch.shape
    fill(microBatch, of: dataset, padID: padID, visibility: visibility)
  }

  /// Lays out another micro-batch in the same storage.
  package mutating func fill(
    _ microBatch: MicroBatch, of dataset: TokenizedDataset, padID: Int32,
    visibility: BatchVisibility = .causal
  ) {
    shape = microBatch.shape
    let layout = dataset.layout
    clear(layout, padID: padID)
    var start = 0
    for (index, rows) in microBatch.rows.enumerated() {
      let line = layout.joinsRows ? 0 : index
      if !layout.joinsRows { start = 0 }
      for number in rows {
        let row = dataset.rows[number]
        place(
          row, of: dataset.storage, at: line * shape.length + start, start: start,
          isWhole: layout.seesWholeRow ?? (visibility == .whole))
        switch layout {
        case .nextToken: learnNextTokens(row, of: dataset.storage, at: line * shape.length + start)
        case .masked:
          hide(
            row, number: number, of: dataset.storage, at: line * shape.length + start,
            by: microBatch.masking)
        case .sourceAndTarget:
          learnTargets(row, of: dataset.storage, at: line * shape.length + start)
          placeSource(row, of: dataset.storage, line: line)
        case .tokenLabels:
          learnTargets(row, of: dataset.storage, at: line * shape.length + start)
        case .rowLabel, .rowLabels, .rowValues, .series:
          learnRow(row, of: dataset.storage, line: line, layout)
        }
        start += row.range.count
        tokenCount += row.range.count
      }
      if layout.hasPooledToken, start > 0, visibility == .causal {
        pooled[line] = Int32(clamping: line * shape.length + start - 1)
      }
    }
  }
}

extension BatchPlanner {
  /// Lays out a micro-batch that this planner made.
  package func batch(_ microBatch: MicroBatch) -> Batch {
    Batch(
      microBatch, of: dataset, padID: options.padID, visibility: options.visibility)
  }
}
