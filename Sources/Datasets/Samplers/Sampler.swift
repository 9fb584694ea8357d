/// Which rows an epoch has, and in which order.
package enum Sampler: Hashable, Sendable {
  /// All rows as the files have them.
  case sequential
  /// All rows, in an order that every epoch draws anew.
  case random
  /// All rows, those of like length near each other: transformers' `LengthGroupedSampler`.
  case lengthGrouped
  /// As many draws as there are rows, with replacement: torch's `WeightedRandomSampler`.
  case weighted
  /// The rows of one of several workers: torch's `DistributedSampler`.
  case distributed(rank: Int, worldSize: Int, isShuffled: Bool)

  /// Whether epochs differ.
  package var isRandom: Bool {
    switch self {
    case .sequential: false
    case .random, .lengthGrouped, .weighted: true
    case .distributed(_, _, let isShuffled): isShuffled
    }
  }
}
