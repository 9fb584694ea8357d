package import Randomness

/// Draws rows with replacement, each as often as its weight says.
package struct WeightedDraws: Sendable {
  /// Sums of the weights up to and with each row.
  private let sums: [Double]

  /// A weight that is not above 0 and finite is that of a row that is never drawn; where no row can
  /// be drawn, all are as likely.
  package init(weights: [Double]) {
    let usable = weights.map { $0 > 0 && $0.isFinite ? $0 : 0 }
    let isDrawable = usable.contains { $0 > 0 }
    var sum = 0.0
    sums = usable.map { weight in
      sum += isDrawable ? weight : 1
      return sum
    }
  }

  /// As many draws as there are rows.
  package func rows(_ stream: RandomStream, step: UInt64) -> [Int] {
    guard let total = sums.last else { return [] }
    return sums.indices.map { index in
      let words = stream.words(step: step, index: UInt64(index))
      // 53 bits: all that a Double in [0, 1) holds.
      let bits = (UInt64(words[1]) << 32 | UInt64(words[0])) >> 11
      return row(at: Double(bits) * 0x1p-53 * total)
    }
  }

  /// The first row whose sum is above `point`.
  private func row(at point: Double) -> Int {
    var lower = 0
    var upper = sums.count - 1
    while lower < upper {
      let middle = (lower + upper) / 2
      if sums[middle] > point { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }

  /// Weights that make every label as likely: one over how often a row's label occurs.
  ///
  /// Rows without a label (−1) are not drawn.
  package static func weights(ofLabels labels: [Int32]) -> [Double] {
    var counts: [Int32: Int] = [:]
    for label in labels { counts[label, default: 0] += 1 }
    return labels.map { $0 < 0 ? 0 : 1 / Double(counts[$0] ?? 1) }
  }
}
