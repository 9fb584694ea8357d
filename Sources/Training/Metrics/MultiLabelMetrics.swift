/// Measures of predictions that are several labels a row, each there or not.
///
/// Source: scikit-learn's `accuracy_score` (the share of rows with every label right) and
/// `precision_recall_fscore_support` on indicator matrices; the means over labels count every
/// label. A label is predicted where its probability is above 0.5, which is where its logit is
/// above 0. Memory does not grow with the rows.
package struct MultiLabelMetrics: Hashable, Sendable {
  /// How often each label was predicted, expected, and both.
  package private(set) var counts: LabelCounts
  /// Rows that were counted.
  package private(set) var rows = 0
  private var rightRows = 0

  /// Measures of labels `0..<labelCount`.
  package init(labelCount: Int) {
    counts = LabelCounts(labelCount: labelCount)
  }

  /// Counts rows by their logits.
  ///
  /// Shapes: with N rows and L labels, all are `(N, L)`; of longer ones the rest is ignored.
  /// `expected` is above 0.5 where a row has the label; a cell of weight 0 is not counted, and a row
  /// of such cells alone (padding) is none.
  package mutating func add(
    logits: UnsafeBufferPointer<Float>, expected: [Float], weights: [Float]
  ) {
    let labelCount = counts.labels.count
    guard labelCount > 0 else { return }
    let cells = min(logits.count, expected.count, weights.count)
    for row in 0..<cells / labelCount {
      var isCounted = false
      var isRight = true
      for label in 0..<labelCount {
        let cell = row * labelCount + label
        guard weights[cell] > 0 else { continue }
        isCounted = true
        let isPredicted = logits[cell] > 0
        let isExpected = expected[cell] > 0.5
        if isPredicted != isExpected { isRight = false }
        counts.add(label: label, isPredicted: isPredicted, isExpected: isExpected)
      }
      if isCounted { rows += 1 }
      if isCounted && isRight { rightRows += 1 }
    }
  }

  /// Counts rows of which every cell counts, as the other method of this name does.
  package mutating func add(logits: [Float], expected: [Float]) {
    let weights = Array(repeating: Float(1), count: expected.count)
    logits.withUnsafeBufferPointer { add(logits: $0, expected: expected, weights: weights) }
  }

  /// The measure; nil where there is no row or it is not one of several labels.
  package func value(of metric: MetricName) -> Double? {
    guard rows > 0 else { return nil }
    return switch metric {
    case .accuracy: LabelCounts.share(rightRows, of: rows)
    case .precision: LabelCounts.macro(counts.labels, counts.precision)
    case .recall: LabelCounts.macro(counts.labels, counts.recall)
    case .f1: LabelCounts.macro(counts.labels, counts.f1)
    case .precisionMicro: counts.precisionMicro
    case .recallMicro: counts.recallMicro
    case .f1Micro: counts.f1Micro
    case .loss, .perplexity, .topFive, .matthews, .exactMatch, .bleu, .chrf, .rougeL, .mse, .mae,
      .r2, .pearson, .spearman, .ccc:
      nil
    }
  }
}
