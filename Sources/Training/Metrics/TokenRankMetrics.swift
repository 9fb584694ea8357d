/// How near to the top the right tokens stand, over all supervised tokens.
package struct TokenRankMetrics: Hashable, Sendable {
  /// Tokens that were counted.
  package private(set) var tokens = 0
  private var first = 0
  private var amongFive = 0

  package init() {}

  /// Counts a target before which `rank` likelier tokens stand.
  package mutating func add(rank: Int) {
    tokens += 1
    if rank == 0 { first += 1 }
    if rank < 5 { amongFive += 1 }
  }

  /// The measure; nil where there is no token or it is not one of ranks.
  package func value(of metric: MetricName) -> Double? {
    switch metric {
    case .accuracy: LabelCounts.share(first, of: tokens)
    case .topFive: LabelCounts.share(amongFive, of: tokens)
    case .loss, .perplexity, .precision, .recall, .f1, .precisionMicro, .recallMicro, .f1Micro,
      .matthews, .exactMatch, .bleu, .chrf, .rougeL, .mse, .mae, .r2, .pearson, .spearman, .ccc:
      nil
    }
  }
}
