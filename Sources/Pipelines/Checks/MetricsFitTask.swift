import Diagnostics

/// What is measured has a meaning for what the model is for, and what it needs is there.
enum MetricsFitTask {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard findings.isSound(pipeline.model.task) else { return }
    let task = pipeline.model.task.value
    for measurement in pipeline.measurements {
      for metric in measurement.metrics where findings.isSound(metric) {
        check(metric, measurement, pipeline.model, findings)
      }
      checkUse(of: measurement, task, findings)
    }
    guard !task.writes else { return }
    for stage in pipeline.stages {
      guard case .generate = stage.work else { continue }
      findings.report(
        .taskMismatch, "a model for `task: \(task.rawValue)` writes no text", at: stage.span,
        stage.path, help: "remove the stage, or write `task: causal_lm` or `task: seq2seq_lm`")
    }
  }

  private static func check(
    _ metric: Setting<Metric>, _ measurement: MeasurementSection, _ model: ModelSection,
    _ findings: Findings
  ) {
    let task = model.task.value
    guard model.has(metric.value) else {
      let known = Metric.allCases.filter(model.has).map { "`\($0.rawValue)`" }
      let type = model.problemType
      let isForLabels = task.has(metric.value)
      findings.report(
        .conflictingKeys,
        "`\(metric.value.rawValue)` has no meaning for "
          + (isForLabels
            ? "`problem_type: \(type.value.rawValue)`: rows have several labels"
            : "`task: \(task.rawValue)`"),
        at: metric.span, metric.path,
        help: "measure one of " + known.joined(separator: ", "),
        notes: isForLabels
          ? type.span.map { [Diagnostic.Note("the problem's type is named here", at: $0)] } ?? []
          : [])
      return
    }
    if metric.value.kind == .values, task.isLanguageModel, measurement.tokenValues.isEmpty {
      findings.report(
        .conflictingKeys,
        "`\(metric.value.rawValue)` compares numbers, and tokens are none", at: metric.span,
        metric.path,
        help: "say what they stand for, as `token_values: {A: 1.8, R: -4.5}` beside `metrics`")
    }
  }

  /// Settings that no metric reads.
  private static func checkUse(
    of measurement: MeasurementSection, _ task: ModelSection.Task, _ findings: Findings
  ) {
    let kinds = Set(measurement.metrics.map(\.value.kind))
    if let first = measurement.tokenValues.first, !(kinds.contains(.values) && task.isLanguageModel)
    {
      findings.report(
        .conflictingKeys, "`token_values` is read by no metric", at: first.value.span,
        first.value.path,
        help: task.isLanguageModel
          ? "add `ccc` or another metric of numbers, or remove it" : "remove it")
    }
    let generation = measurement.generation
    let settings = [
      generation.maxNewTokens.map { ("max_new_tokens", $0.span, $0.path) },
      ("num_beams", generation.beams.span, generation.beams.path),
      ("length_penalty", generation.lengthPenalty.span, generation.lengthPenalty.path),
    ]
    guard !kinds.contains(.texts) else { return }
    for case (let key, let span?, let path)? in settings where findings.isSound(path) {
      findings.report(
        .conflictingKeys, "`\(key)` is read by no metric: none compares texts", at: span, path,
        help: "add `exact_match`, `bleu`, `chrf` or `rouge_l`, or remove `generation`")
    }
  }
}

extension Pipeline {
  /// What every evaluation reports.
  var measurements: [MeasurementSection] {
    stages.compactMap { stage in
      switch stage.work {
      case .evaluate(let evaluate): evaluate.measurement
      case .train(let train): train.evaluate?.measurement
      case .generate, .export: nil
      }
    }
  }
}
