/// How rows become batches.
package struct BatchOptions: Hashable, Sendable {
  /// Rows of a micro-batch.
  package let size: Int
  /// Micro-batches of an optimizer step.
  package let accumulate: Int
  /// Which rows an epoch has, and in which order.
  package let sampler: Sampler
  /// The epoch that the first step belongs to.
  package let startEpoch: Int
  /// Leave out a last micro-batch that is not full.
  package let dropLast: Bool
  /// The length of packed sequences; nil gives each row a batch row of its own.
  package let packedLength: Int?
  /// What stands at positions without a token.
  package let padID: Int32
  /// What a token sees of its row; sources, hidden tokens and series are seen whole in any case.
  package let visibility: BatchVisibility

  package init(
    size: Int, accumulate: Int = 1, sampler: Sampler = .sequential, startEpoch: Int = 0,
    dropLast: Bool = false, packedLength: Int? = nil, padID: Int32 = 0,
    visibility: BatchVisibility = .causal
  ) {
    self.size = size
    self.accumulate = accumulate
    self.sampler = sampler
    self.startEpoch = startEpoch
    self.dropLast = dropLast
    self.packedLength = packedLength
    self.padID = padID
    self.visibility = visibility
  }

  /// Options of a shuffled or an unshuffled order.
  package init(
    size: Int, accumulate: Int = 1, shuffle: Bool, dropLast: Bool = false,
    packedLength: Int? = nil, padID: Int32 = 0, visibility: BatchVisibility = .causal
  ) {
    self.init(
      size: size, accumulate: accumulate, sampler: shuffle ? .random : .sequential,
      dropLast: dropLast, packedLength: packedLength, padID: padID, visibility: visibility)
  }

  /// Every row once, in order, as evaluation has it.
  package static func evaluation(
    size: Int, packedLength: Int? = nil, padID: Int32 = 0, visibility: BatchVisibility = .causal
  ) -> BatchOptions {
    BatchOptions(
      size: size, packedLength: packedLength, padID: padID, visibility: visibility)
  }
}
