import Diagnostics
import Pipelines
import Testing

/// Which metrics have a meaning for rows with one label, and which for rows with several.
@Suite struct MetricCheckTests {
  private func text(_ metrics: String, _ problem: String) -> String {
    """
    hone: 1
    name: demo
    model: {load: m, task: sequence_classification, problem_type: \(problem)}
    data: {rows: {load: r.jsonl, columns: {text: text, label: [a, b]}}}
    stages:
      - evaluate: {data: rows, metrics: [\(metrics)]}

    """
  }

  @Test(arguments: ["top_5", "matthews"])
  func metricsOfOneLabelAreRefusedForSeveral(metric: String) {
    let found = findings(text("loss, \(metric)", "multi_label_classification"))
    #expect(found.map(\.code) == [.conflictingKeys], "\(found)")
    #expect(found.first?.path == "stages[0].evaluate.metrics[1]")
    #expect(found.first?.help?.contains("`f1`") == true)
    #expect(found.first?.notes.first?.span?.start.line == 3)
  }

  @Test func metricsOfSeveralLabelsAreAccepted() {
    let metrics = "loss, accuracy, f1, f1_micro, precision, recall_micro"
    #expect(findings(text(metrics, "multi_label_classification")).isEmpty)
  }
}
