import Datasets
import Pipelines

extension BatchSection {
  /// Which rows an epoch has, and in which order.
  var sampler: Sampler {
    switch order {
    case .shuffle(let shuffle): shuffle.value ? .random : .sequential
    case .sampler(let named):
      switch named.value {
      case .random: .random
      case .sequential: .sequential
      case .lengthGrouped: .lengthGrouped
      case .weighted: .weighted
      }
    case .distributed(let section):
      .distributed(
        rank: section.rank.value, worldSize: section.worldSize.value,
        isShuffled: section.shuffle.value)
    }
  }

  /// The sampler in the pipeline's words, as `length_grouped`, `distributed, rank 0 of 2`.
  var samplerText: String {
    switch sampler {
    case .sequential: NamedSampler.sequential.rawValue
    case .random: NamedSampler.random.rawValue
    case .lengthGrouped: NamedSampler.lengthGrouped.rawValue
    case .weighted: NamedSampler.weighted.rawValue
    case .distributed(let rank, let worldSize, let isShuffled):
      "distributed, rank \(rank) of \(worldSize)" + (isShuffled ? "" : ", sequential")
    }
  }
}
