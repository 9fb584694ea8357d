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

  package init(
    size: Int, accumulate: Int = 1, shuffle: Bool = false, dropLast: Bool = false,
    packedLength: Int? = nil, padID: Int32 = 0
  ) {
    self.size = size
    self.accumulate = accumulate
    self.shuffle = shuffle
    self.dropLast = dropLast
    self.packedLength = packedLength
    self.padID = padID
  }

  /// Every row once, in order, as evaluation has it.
  package static func evaluation(
    size: Int, packedLength: Int? = nil, padID: Int32 = 0
  ) -> BatchOptions {
    BatchOptions(size: size, packedLength: packedLength, padID: padID)
  }
}
