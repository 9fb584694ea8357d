/// `batch`.
package struct BatchSection: Hashable, Sendable {
  /// Rows of a micro-batch.
  package let size: Setting<Int>
  /// Micro-batches of an optimizer step.
  package let accumulate: Setting<Int>
  package let order: Order
  package let dropLast: Setting<Bool>
  package let packing: Setting<Bool>

  /// Which rows an epoch has, and in which order.
  package enum Order: Hashable, Sendable {
    /// `shuffle`, or nothing written: all rows, by chance or as the files have them.
    case shuffle(Setting<Bool>)
    case sampler(Setting<NamedSampler>)
    case distributed(DistributedSection)
  }

  /// A sampler that has no settings.
  package enum NamedSampler: String, CaseIterable, Sendable {
    case random, sequential
    case lengthGrouped = "length_grouped"
    case weighted
  }

  /// `sampler.distributed`: the rows of one of several workers.
  package struct DistributedSection: Hashable, Sendable {
    /// Below ``worldSize``, from 0.
    package let rank: Setting<Int>
    package let worldSize: Setting<Int>
    package let shuffle: Setting<Bool>
  }
}
