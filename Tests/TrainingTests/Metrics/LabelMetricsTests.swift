import JSONSyntax
import Testing
import Training

/// Quotients of whole numbers, and sums of a few of them, differ in the last digits at most.
private let tolerance = 1e-12

/// The rows of a table as one list.
func flattened(_ value: JSONValue?) -> [Double] { (value?.array ?? []).flatMap(\.numbers) }

struct LabelMetricsTests {
  /// Checks the measures that a case names, and each label's.
  private func compare(
    _ entry: JSONValue, _ counts: LabelCounts, _ value: (MetricName) -> Double?
  ) throws {
    let name = try #require(entry["name"]?.string)
    let values = try #require(entry["values"]?.object)
    for (key, expected) in values.members {
      let metric = try #require(MetricName(rawValue: key))
      let found = try #require(value(metric), "\(name): \(key)")
      let wanted = try #require(expected.number)
      #expect(abs(found - wanted) <= tolerance, "\(name): \(key)")
    }
    let labels = try #require(entry["per_label"]?.array)
    #expect(labels.count == counts.labels.count)
    for (label, scores) in labels.enumerated() {
      let found = [counts.precision(of: label), counts.recall(of: label), counts.f1(of: label)]
      for (one, other) in zip(found, scores.numbers) {
        #expect(abs(one - other) <= tolerance, "\(name): label \(label)")
      }
    }
  }

  @Test func labelsAreMeasuredAsScikitLearnMeasuresThem() throws {
    let cases = try #require(try fixture("metrics/labels.json")["cases"]?.array)
    #expect(cases.count >= 8)
    for entry in cases {
      let scores = flattened(entry["scores"]).map(Float.init)
      let expected = try #require(entry["expected"]).numbers.map { Int32($0) }
      var metrics = LabelMetrics(labelCount: scores.count / expected.count)
      metrics.add(scores: scores, expected: expected)
      #expect(metrics.rows == expected.count { $0 >= 0 })
      try compare(entry, metrics.counts) { metrics.value(of: $0) }
      let name = try #require(entry["name"]?.string)
      for (key, share) in try #require(entry["top"]?.object).members {
        let count = try #require(Int(key))
        let found = try #require(metrics.topAccuracy(count))
        #expect(abs(found - (share.number ?? .nan)) <= tolerance, "\(name): top \(key)")
        if count == 5 { #expect(metrics.value(of: .topFive) == found) }
      }
    }
  }

  @Test func labelsAddedInPartsGiveTheSameMeasures() throws {
    let entry = try #require(try fixture("metrics/labels.json")["cases"]?.array?[1])
    let rows = try #require(entry["scores"]?.array).map { $0.numbers.map(Float.init) }
    let expected = try #require(entry["expected"]).numbers.map { Int32($0) }
    var whole = LabelMetrics(labelCount: 7)
    whole.add(scores: rows.flatMap(\.self), expected: expected)
    var parts = LabelMetrics(labelCount: 7)
    for (row, label) in zip(rows, expected) { parts.add(scores: row, expected: [label]) }
    #expect(parts == whole)
  }

  @Test func severalLabelsAreMeasuredAsScikitLearnMeasuresThem() throws {
    let cases = try #require(try fixture("metrics/multi-labels.json")["cases"]?.array)
    #expect(cases.count >= 5)
    for entry in cases {
      let logits = flattened(entry["logits"]).map(Float.init)
      let expected = flattened(entry["expected"]).map(Float.init)
      let rows = try #require(entry["expected"]?.array).count
      var metrics = MultiLabelMetrics(labelCount: expected.count / rows)
      metrics.add(logits: logits, expected: expected)
      #expect(metrics.rows == rows)
      try compare(entry, metrics.counts) { metrics.value(of: $0) }
    }
  }

  @Test func rowsWithoutWeightAreNotCounted() {
    var metrics = MultiLabelMetrics(labelCount: 2)
    let logits: [Float] = [1, -1, 9, 9, 1, 1]
    logits.withUnsafeBufferPointer {
      metrics.add(logits: $0, expected: [1, 0, 0, 0, 0, 1], weights: [1, 1, 0, 0, 0, 1])
    }
    #expect(metrics.rows == 2)
    #expect(metrics.value(of: .accuracy) == 1)
    #expect(metrics.counts.predicted == [1, 1])
  }

  @Test func equalScoresGoToTheFirstLabel() {
    var metrics = LabelMetrics(labelCount: 3)
    metrics.add(scores: [1, 1, 1, 1, 1, 1], expected: [0, 2])
    #expect(metrics.value(of: .accuracy) == 0.5)
    #expect(metrics.topAccuracy(1) == 0.5)
    #expect(metrics.topAccuracy(2) == 0.5)
    #expect(metrics.topAccuracy(3) == 1)
  }

  @Test func aRankStandsForTheScoresThatGaveIt() {
    var scored = LabelMetrics(labelCount: 3)
    scored.add(scores: [3, 1, 2, 3, 1, 2], expected: [2, 0])
    var ranked = LabelMetrics(labelCount: 3)
    ranked.add(predicted: 0, expected: 2, rank: 1)
    ranked.add(predicted: 0, expected: 0, rank: 0)
    #expect(ranked == scored)
    ranked.add(predicted: 0, expected: 1, rank: 12)
    #expect(ranked.topAccuracy(10) == 2.0 / 3)
  }

  @Test func whatIsNoLabelOrNoNumberEndsNothing() {
    var metrics = LabelMetrics(labelCount: 2)
    metrics.add(scores: [.nan, 1, .nan, 1], expected: [1, 0])
    #expect(metrics.value(of: .accuracy) == 0.5)
    metrics.add(scores: [1], expected: [0])
    metrics.add(scores: [1, 0], expected: [7])
    #expect(metrics.rows == 2)
    metrics.add(predicted: 9, expected: 1)
    #expect(metrics.rows == 3)
    #expect(metrics.value(of: .topFive) == nil, "a row came without scores")
    var none = LabelMetrics(labelCount: 0)
    none.add(scores: [1], expected: [0])
    #expect(none.value(of: .f1) == nil)
  }

  @Test(arguments: MetricName.allCases)
  func aMeasureIsTakenFromWhatItNeedsAndFromNothingElse(metric: MetricName) {
    var labels = LabelMetrics(labelCount: 3)
    labels.add(scores: [1, 0, 0, 0, 1, 0], expected: [0, 2])
    var several = MultiLabelMetrics(labelCount: 2)
    several.add(logits: [1, -1], expected: [1, 1])
    var values = ValueMetrics()
    values.add(predicted: [1, 2, 3], expected: [1, 3, 2])
    var texts = TextMetrics()
    texts.add(hypothesis: "a b", reference: "a c")
    var loss = LossAverage()
    loss.add(sum: 3, supervisedTokens: 2)
    let found: [(MetricNeed, Double?)] = [
      (.loss, loss.value(of: metric)), (.labels, labels.value(of: metric)),
      (.multiLabels, several.value(of: metric)), (.values, values.value(of: metric)),
      (.texts, texts.value(of: metric)),
    ]
    #expect(found.filter { $0.1 != nil }.map(\.0) == metric.needs)
    for need in metric.needs { #expect(MetricName.names(from: need).contains(metric)) }
  }

  @Test(arguments: MetricName.allCases)
  func nothingIsMeasuredOfNoRows(metric: MetricName) {
    #expect(LossAverage().value(of: metric) == nil)
    #expect(LabelMetrics(labelCount: 3).value(of: metric) == nil)
    #expect(MultiLabelMetrics(labelCount: 3).value(of: metric) == nil)
    #expect(ValueMetrics().value(of: metric) == nil)
    #expect(ValueMetrics().columnMean(of: metric) == nil)
    #expect(TextMetrics().value(of: metric) == nil)
  }
}
