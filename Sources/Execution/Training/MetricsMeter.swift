import Datasets
import Pipelines
import Planning
import Training

/// Gathers what an evaluation measures, batch by batch, over the whole set.
struct MetricsMeter {
  private let measurement: PreparedMeasurement
  private var loss = LossAverage()
  private var ranks = TokenRankMetrics()
  private var labels: LabelMetrics?
  private var multiLabels: MultiLabelMetrics?
  private var values = ValueMetrics()
  private var texts: TextMetrics

  init(_ measurement: PreparedMeasurement, _ layout: RowLayout) {
    self.measurement = measurement
    switch layout {
    case .rowLabel(let count), .tokenLabels(let count): labels = LabelMetrics(labelCount: count)
    case .rowLabels(let count): multiLabels = MultiLabelMetrics(labelCount: count)
    case .rowValues, .series, .nextToken, .masked, .sourceAndTarget: break
    }
    texts = TextMetrics(metrics: measurement.metrics.map(\.name))
  }

  /// The mean of what training makes small; nil where nothing was supervised.
  var meanLoss: Double? { loss.mean }
  var supervisedTokens: Int { loss.supervisedTokens }

  /// What was asked for, in the pipeline's order.
  var results: [MetricValue] {
    measurement.metrics.map { metric in
      MetricValue(name: metric.rawValue, value: value(of: metric.name, metric.kind))
    }
  }

  private func value(of metric: MetricName, _ kind: Metric.Kind) -> Double? {
    switch kind {
    case .loss: loss.value(of: metric)
    case .labels:
      labels?.value(of: metric) ?? multiLabels?.value(of: metric) ?? ranks.value(of: metric)
    case .texts: texts.value(of: metric)
    case .values: values.value(of: metric)
    }
  }

  /// Adds what a run of an evaluation program over `batch` gave.
  mutating func add(_ batch: Batch, _ runner: ProgramRunner) {
    loss.add(
      sum: Double(runner.result("loss")?.first ?? .nan), supervisedTokens: batch.supervisedCount)
    if let predictions = runner.result("predictions") { addRanks(predictions, batch.targets) }
    if let logits = runner.result("logits") {
      labels?.add(scores: logits, expected: batch.targets)
      multiLabels?.add(logits: logits, expected: batch.values, weights: batch.weights)
    }
    if let found = runner.result("values") {
      values.add(
        predicted: found, expected: batch.values, weights: batch.weights,
        width: batch.values.count / max(1, batch.shape.rowCount))
    }
  }

  /// Adds a text that was written, and what it should be.
  mutating func add(text: String, expected: String) {
    texts.add(hypothesis: text, reference: expected)
  }

  /// `predictions` holds, for each target, the likeliest token and the target's rank.
  private mutating func addRanks(_ predictions: UnsafeBufferPointer<Float>, _ targets: [Int32]) {
    let numbers = measurement.tokenValues
    var predicted: [Float] = []
    var expected: [Float] = []
    for (place, target) in targets.enumerated() where target >= 0 {
      ranks.add(rank: Int(predictions[2 * place + 1]))
      guard !numbers.isEmpty, let wanted = numbers[Int(target)],
        let found = numbers[Int(predictions[2 * place])]
      else { continue }
      predicted.append(Float(found))
      expected.append(Float(wanted))
    }
    values.add(predicted: predicted, expected: expected)
  }
}

extension Metric {
  /// The metric in the library's words, which are the pipeline's.
  fileprivate var name: MetricName {
    switch self {
    case .loss: .loss
    case .perplexity: .perplexity
    case .accuracy: .accuracy
    case .top5: .topFive
    case .precision: .precision
    case .recall: .recall
    case .f1: .f1
    case .precisionMicro: .precisionMicro
    case .recallMicro: .recallMicro
    case .f1Micro: .f1Micro
    case .matthews: .matthews
    case .exactMatch: .exactMatch
    case .bleu: .bleu
    case .chrf: .chrf
    case .rougeL: .rougeL
    case .mse: .mse
    case .mae: .mae
    case .r2: .r2
    case .pearson: .pearson
    case .spearman: .spearman
    case .ccc: .ccc
    }
  }
}
