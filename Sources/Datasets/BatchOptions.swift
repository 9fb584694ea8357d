/// How rows become batches.
package struct BatchOptions: Hashable, Sendable {
  /// Rows of a micro-batch.
  package let size: Int
  /// Micro-batches of an optimizer step.
  package let accumulate: Int
  package let shuffle: Bool
  /// Leave out a last micro-batch that is not full.
  package let dropLast: Bool
  /// The length of packed sequences; nil gives each row a batch row of its own.
  package let packedLength: Int?
  /// What stands at positions without a token.
  package let padID: Int32
  /// What a token sees of its row; sources, hidden tokens and series are seen whole in any case.
  package let visibility: BatchVisibility

  package init(
    size: Int, accumulate: Int = 1, shuffle: Bool = false, dropLast: Bool = false,
    packedLength: Int? = nil, padID: Int32 = 0, visibility: BatchVisibility = .causal
  ) {
    self.size = size
    self.accumulate = accumulate
    self.shuffle = shuffle
    self.dropLast = dropLast
    self.packedLength = packedLength
    self.padID = padID
    self.visibility = visibility
  }

  /// Every row once, in order, as evaluation has it.
  package static func evaluation(
    size: Int, packedLength: Int? = nil, padID: Int32 = 0, visibility: BatchVisibility = .causal
  ) -> BatchOptions {
    BatchOptions(
      size: size, packedLength: packedLength, padID: padID, visibility: visibility)
  }
}
