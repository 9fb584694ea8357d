/// A micro-batch before its tokens are laid out.
package struct MicroBatch: Hashable, Sendable {
  /// For each batch row the data set's rows in it: one, or several where rows are packed.
  package let rows: [[Int]]
  /// May have more rows than `rows`; those are padding.
  package let shape: BatchShape
  package let tokenCount: Int
  package let supervisedCount: Int
  /// Of joined rows the squares of their lengths together, and one for each position of padding; nil of
  /// others.
  package var attendedPairs: Int?
  /// Tokens of the rows' sources.
  package var sourceTokenCount = 0
  /// Which tokens are hidden; nil where the rows are not for that.
  package var masking: MaskingDraw?
}

/// The micro-batches of one optimizer step.
package struct StepPlan: Hashable, Sendable {
  package let microBatches: [MicroBatch]

  package var tokenCount: Int { microBatches.reduce(0) { $0 + $1.tokenCount } }
  /// What the step's loss is divided by; zero where no row of the step has a learned token.
  package var supervisedCount: Int { microBatches.reduce(0) { $0 + $1.supervisedCount } }
}

/// The optimizer steps of one pass over the rows.
package struct EpochPlan: Hashable, Sendable {
  /// The epoch, from 0.
  package let epoch: Int
  package let steps: [StepPlan]
}
