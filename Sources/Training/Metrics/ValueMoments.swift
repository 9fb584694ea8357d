/// Sums over pairs of a predicted and an expected number that all measures but ranks need.
///
/// Means and sums of squared deviations are updated one pair at a time and merged without
/// cancellation. Source: Welford 1962; Chan, Golub and LeVeque 1979.
struct ValueMoments: Hashable, Sendable {
  private(set) var count = 0
  private var squaredError = 0.0
  private var absoluteError = 0.0
  private var predictedMean = 0.0
  private var expectedMean = 0.0
  private var predictedSpread = 0.0
  private var expectedSpread = 0.0
  private var jointSpread = 0.0
  private var isFinite = true

  mutating func add(predicted: Double, expected: Double) {
    guard predicted.isFinite, expected.isFinite else {
      count += 1
      isFinite = false
      return
    }
    let error = predicted - expected
    squaredError += error * error
    absoluteError += abs(error)
    count += 1
    let predictedStep = predicted - predictedMean
    let expectedStep = expected - expectedMean
    predictedMean += predictedStep / Double(count)
    expectedMean += expectedStep / Double(count)
    predictedSpread += predictedStep * (predicted - predictedMean)
    expectedSpread += expectedStep * (expected - expectedMean)
    jointSpread += predictedStep * (expected - expectedMean)
  }

  /// Takes in the pairs of `other`.
  mutating func merge(_ other: ValueMoments) {
    guard other.count > 0 else { return }
    let total = Double(count + other.count)
    let share = Double(other.count) / total
    let predictedStep = other.predictedMean - predictedMean
    let expectedStep = other.expectedMean - expectedMean
    let weight = Double(count) * share
    predictedSpread += other.predictedSpread + predictedStep * predictedStep * weight
    expectedSpread += other.expectedSpread + expectedStep * expectedStep * weight
    jointSpread += other.jointSpread + predictedStep * expectedStep * weight
    predictedMean += predictedStep * share
    expectedMean += expectedStep * share
    squaredError += other.squaredError
    absoluteError += other.absoluteError
    count += other.count
    isFinite = isFinite && other.isFinite
  }

  var mse: Double? { value(atLeast: 1, squaredError / Double(count)) }

  var mae: Double? { value(atLeast: 1, absoluteError / Double(count)) }

  /// `1 − Σ (p − e)² / Σ (e − ē)²`, with scikit-learn's rule where all expected values are one: 1
  /// for predictions without an error, else 0.
  var r2: Double? {
    if expectedSpread > 0 { return value(atLeast: 2, 1 - squaredError / expectedSpread) }
    return value(atLeast: 2, squaredError == 0 ? 1 : 0)
  }

  /// The correlation, within −1…1; nil where either side has one value only.
  var pearson: Double? {
    let spread = predictedSpread.squareRoot() * expectedSpread.squareRoot()
    if isFinite, spread == 0 { return nil }
    return value(atLeast: 2, max(-1, min(1, jointSpread / spread)))
  }

  /// `2·cov / (var p + var e + (p̄ − ē)²)` with population moments; nil where both sides have one
  /// and the same value.
  var ccc: Double? {
    let distance = predictedMean - expectedMean
    let denominator = predictedSpread + expectedSpread + Double(count) * distance * distance
    if isFinite, denominator == 0 { return nil }
    return value(atLeast: 2, 2 * jointSpread / denominator)
  }

  private func value(atLeast least: Int, _ value: Double) -> Double? {
    count >= least ? (isFinite ? value : .nan) : nil
  }
}
