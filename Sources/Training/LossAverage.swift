#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The mean cross-entropy over supervised tokens, gathered batch by batch.
package struct LossAverage: Hashable, Sendable {
  /// The sum of cross-entropies, in nats.
  package private(set) var sum = 0.0
  package private(set) var supervisedTokens = 0

  package init() {}

  /// Adds the summed cross-entropy of a batch.
  package mutating func add(sum: Double, supervisedTokens: Int) {
    self.sum += sum
    self.supervisedTokens += supervisedTokens
  }

  /// The mean a supervised token; nil where there was none.
  package var mean: Double? {
    supervisedTokens > 0 ? sum / Double(supervisedTokens) : nil
  }

  /// The exponential of the mean; nil where there was no supervised token.
  package var perplexity: Double? { mean.map { exp($0) } }
}
