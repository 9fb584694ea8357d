/// Measures of predictions that are one label each: of rows, or of tokens where some are ignored.
///
/// Source: scikit-learn's `accuracy_score`, `precision_recall_fscore_support` and
/// `matthews_corrcoef`. The means over labels (`precision`, `recall`, `f1`) count the labels that
/// were predicted or expected at least once. Memory does not grow with the rows.
package struct LabelMetrics: Hashable, Sendable {
  /// The largest `k` of ``topAccuracy(_:)``.
  package static let largestTop = 10

  /// How often each label was predicted, expected, and both.
  package private(set) var counts: LabelCounts
  /// Rows or tokens that were counted.
  package private(set) var rows = 0
  /// How often the expected label had the place of that number among the scores.
  private var places = Array(repeating: 0, count: largestTop)
  /// Rows that came with a rank or with scores.
  private var rankedRows = 0

  /// Measures of labels `0..<labelCount`.
  package init(labelCount: Int) {
    counts = LabelCounts(labelCount: labelCount)
  }

  /// Counts one row; a row whose expected label is not of this set (such as −1) is ignored.
  ///
  /// A predicted label that is not of this set is wrong, and no label's prediction. `rank` is the
  /// expected label's place among the scores, from 0, which the accuracies of several labels need.
  package mutating func add(predicted: Int, expected: Int, rank: Int? = nil) {
    guard counts.labels.contains(expected) else { return }
    rows += 1
    if let rank {
      rankedRows += 1
      if places.indices.contains(rank) { places[rank] += 1 }
    }
    if predicted == expected {
      counts.add(label: expected, isPredicted: true, isExpected: true)
    } else {
      counts.add(label: predicted, isPredicted: true, isExpected: false)
      counts.add(label: expected, isPredicted: false, isExpected: true)
    }
  }

  /// Counts rows by the label that scores highest, the first of equals.
  ///
  /// Shapes: with N rows and L labels, `scores` is `(N, L)` or longer and `expected` is `(N)`; rows
  /// without all their scores are ignored. A score that is not a number is above all others, so
  /// that what a model without numbers predicts is its first such label.
  package mutating func add(scores: UnsafeBufferPointer<Float>, expected: [Int32]) {
    let labelCount = counts.labels.count
    guard labelCount > 0 else { return }
    for (row, label) in expected.enumerated() {
      let start = row * labelCount
      guard start + labelCount <= scores.count else { return }
      guard counts.labels.contains(Int(label)) else { continue }
      add(scores[start..<start + labelCount], expected: Int(label))
    }
  }

  /// Counts rows by the label that scores highest, as the other method of this name does.
  package mutating func add(scores: [Float], expected: [Int32]) {
    scores.withUnsafeBufferPointer { add(scores: $0, expected: expected) }
  }

  private mutating func add(_ scores: Slice<UnsafeBufferPointer<Float>>, expected: Int) {
    let own = scores[scores.startIndex + expected]
    var best = scores.startIndex
    var place = 0
    for index in scores.indices {
      let score = scores[index]
      if Self.isAbove(score, scores[best]) { best = index }
      let isEarlierEqual = index - scores.startIndex < expected && !Self.isAbove(own, score)
      if Self.isAbove(score, own) || isEarlierEqual { place += 1 }
    }
    add(predicted: best - scores.startIndex, expected: expected, rank: place)
  }

  private static func isAbove(_ score: Float, _ other: Float) -> Bool {
    score > other || score.isNaN && !other.isNaN
  }

  /// The share of rows whose label is among the `count` that score highest, the first of equals.
  ///
  /// Nil where a row came without scores or a rank, there is no row, or `count` is not in 1…``largestTop``.
  package func topAccuracy(_ count: Int) -> Double? {
    guard rows > 0, rankedRows == rows, (1...Self.largestTop).contains(count) else { return nil }
    return LabelCounts.share(places.prefix(count).reduce(0, +), of: rows)
  }

  /// The measure; nil where there is no row or it is not one of labels.
  package func value(of metric: MetricName) -> Double? {
    guard rows > 0 else { return nil }
    return switch metric {
    case .accuracy: LabelCounts.share(counts.correct.reduce(0, +), of: rows)
    case .topFive: topAccuracy(5)
    case .precision: LabelCounts.macro(counts.occurring, counts.precision)
    case .recall: LabelCounts.macro(counts.occurring, counts.recall)
    case .f1: LabelCounts.macro(counts.occurring, counts.f1)
    case .precisionMicro: counts.precisionMicro
    case .recallMicro: counts.recallMicro
    case .f1Micro: counts.f1Micro
    case .matthews: matthews
    case .loss, .perplexity, .exactMatch, .bleu, .chrf, .rougeL, .mse, .mae, .r2, .pearson,
      .spearman, .ccc:
      nil
    }
  }

  /// Matthews' correlation of several labels; 0 where all predictions, or all labels, are one.
  ///
  /// Source: Gorodkin 2004, as scikit-learn has it. It needs no table of pairs of labels: with s
  /// rows, c of them right, and label k predicted pₖ and expected tₖ times, it is
  /// `(c·s − Σ pₖ·tₖ) / √((s² − Σ pₖ²) · (s² − Σ tₖ²))`.
  private var matthews: Double {
    let total = Double(rows)
    var correct = 0.0
    var both = 0.0
    var predicted = 0.0
    var expected = 0.0
    for label in counts.labels {
      let p = Double(counts.predicted[label])
      let t = Double(counts.expected[label])
      correct += Double(counts.correct[label])
      both += p * t
      predicted += p * p
      expected += t * t
    }
    let spread = (total * total - predicted) * (total * total - expected)
    return spread > 0 ? (correct * total - both) / spread.squareRoot() : 0
  }
}
