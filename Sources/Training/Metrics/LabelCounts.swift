/// How often each label was predicted, expected, and both.
///
/// Scores follow scikit-learn with `zero_division=0`: a quotient without a denominator is 0.
package struct LabelCounts: Hashable, Sendable {
  /// Predictions of each label that are right.
  package private(set) var correct: [Int]
  /// Predictions of each label.
  package private(set) var predicted: [Int]
  /// Occurrences of each label in the truth.
  package private(set) var expected: [Int]

  init(labelCount: Int) {
    correct = Array(repeating: 0, count: max(0, labelCount))
    predicted = correct
    expected = correct
  }

  /// The labels, from 0.
  package var labels: Range<Int> { correct.indices }

  /// Counts one decision about `label`.
  mutating func add(label: Int, isPredicted: Bool, isExpected: Bool) {
    guard labels.contains(label) else { return }
    if isPredicted { predicted[label] += 1 }
    if isExpected { expected[label] += 1 }
    if isPredicted && isExpected { correct[label] += 1 }
  }

  /// Of the predictions of `label`, the share that is right.
  package func precision(of label: Int) -> Double {
    Self.share(correct[label], of: predicted[label])
  }

  /// Of the occurrences of `label`, the share that was found.
  package func recall(of label: Int) -> Double {
    Self.share(correct[label], of: expected[label])
  }

  /// The harmonic mean of precision and recall of `label`.
  package func f1(of label: Int) -> Double {
    Self.share(2 * correct[label], of: predicted[label] + expected[label])
  }

  /// The labels that were predicted or expected at least once.
  package var occurring: [Int] {
    labels.filter { predicted[$0] > 0 || expected[$0] > 0 }
  }

  /// The precision over all decisions.
  var precisionMicro: Double { Self.share(correct.reduce(0, +), of: predicted.reduce(0, +)) }

  /// The recall over all decisions.
  var recallMicro: Double { Self.share(correct.reduce(0, +), of: expected.reduce(0, +)) }

  /// The F1 score over all decisions.
  var f1Micro: Double {
    Self.share(2 * correct.reduce(0, +), of: predicted.reduce(0, +) + expected.reduce(0, +))
  }

  /// The plain mean of `score` over `labels`; 0 where there are none.
  static func macro(_ labels: some Collection<Int>, _ score: (Int) -> Double) -> Double {
    labels.isEmpty ? 0 : labels.reduce(0) { $0 + score($1) } / Double(labels.count)
  }

  static func share(_ part: Int, of whole: Int) -> Double {
    whole > 0 ? Double(part) / Double(whole) : 0
  }
}
