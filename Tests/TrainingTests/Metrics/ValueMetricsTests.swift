import JSONSyntax
import Testing
import Training

struct ValueMetricsTests {
  /// Float32 numbers, all sums in Double on both sides: 60 cells at most lose a few of 16 digits,
  /// and deviations from a mean of 10⁴ another four.
  private let tolerance = 1e-9

  private func compare(
    _ values: JSONValue?, _ name: String, _ found: (MetricName) -> Double?
  ) throws {
    for (key, expected) in try #require(values?.object).members {
      let metric = try #require(MetricName(rawValue: key))
      guard let wanted = expected.number else {
        #expect(found(metric) == nil, "\(name): \(key)")
        continue
      }
      let value = try #require(found(metric), "\(name): \(key)")
      #expect(abs(value - wanted) <= tolerance * max(1, abs(wanted)), "\(name): \(key)")
    }
  }

  @Test func numbersAreMeasuredAsNumpyScipyAndScikitLearnMeasureThem() throws {
    let cases = try #require(try fixture("metrics/values.json")["cases"]?.array)
    #expect(cases.count >= 9)
    for entry in cases {
      let name = try #require(entry["name"]?.string)
      let predicted = flattened(entry["predicted"]).map(Float.init)
      let expected = flattened(entry["expected"]).map(Float.init)
      let columns = try #require(entry["columns"]?.array)
      var metrics = ValueMetrics()
      metrics.add(predicted: predicted, expected: expected, width: columns.count)
      #expect(metrics.columnCount == columns.count)
      #expect(metrics.cells == expected.count)
      try compare(entry["pooled"], name) { metrics.value(of: $0) }
      for (column, values) in columns.enumerated() {
        try compare(values, "\(name), column \(column)") {
          metrics.value(of: $0, column: column)
        }
      }
      try compare(entry["column_means"], name) { metrics.columnMean(of: $0) }
    }
  }

  @Test func cellsWithoutWeightAreNotCounted() {
    var metrics = ValueMetrics()
    let predicted: [Float] = [1, 50, 2, 3, 60, 70]
    predicted.withUnsafeBufferPointer {
      metrics.add(
        predicted: $0, expected: [1, .nan, 4, 3, 0, 0], weights: [1, 0, 1, 1, 0, 0], width: 2)
    }
    #expect(metrics.columnCount == 2)
    #expect(metrics.cells == 3)
    #expect(metrics.value(of: .mse) == 4.0 / 3)
    #expect(metrics.value(of: .mse, column: 0) == 2)
    #expect(metrics.value(of: .mse, column: 2) == nil)
  }

  @Test func rowsMayGetWider() {
    var metrics = ValueMetrics()
    metrics.add(predicted: [1, 2], expected: [1, 2], width: 2)
    metrics.add(predicted: [1, 2, 5], expected: [1, 2, 3], width: 3)
    #expect(metrics.columnCount == 3)
    #expect(metrics.value(of: .mae) == 2.0 / 5)
    #expect(metrics.columnMean(of: .mae) == 2.0 / 3)
  }

  @Test func oneCellHasErrorsAndNoCorrelation() {
    var metrics = ValueMetrics()
    metrics.add(predicted: [2], expected: [5])
    #expect(metrics.value(of: .mse) == 9)
    for metric in [MetricName.r2, .pearson, .spearman, .ccc] {
      #expect(metrics.value(of: metric) == nil)
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func aNumberThatIsNotFiniteShowsInEveryMeasure(number: Float) {
    var metrics = ValueMetrics()
    metrics.add(predicted: [1, number, 3], expected: [1, 2, 4])
    for metric in MetricName.names(from: .values) {
      #expect(metrics.value(of: metric)?.isNaN == true)
    }
  }

  @Test func withoutKeptValuesOnlyRanksAreMissing() {
    var metrics = ValueMetrics(keepsValues: false)
    metrics.add(predicted: [1, 2, 4], expected: [1, 3, 2])
    #expect(metrics.value(of: .spearman) == nil)
    #expect(metrics.value(of: .pearson) != nil)
  }
}
