import Diagnostics

/// What is measured has a meaning for what the model is for, and what it needs is there.
enum MetricsFitTask {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    guard findings.isSound(pipeline.model.task) else { return }
    let task = pipeline.model.task.value
    for measurement in pipeline.measurements {
      for metric in measurement.metrics where findings.isSound(metric) {
        if isOfOneLabel(metric.value), isMultiLabel(pipeline) {
          reportOneLabel(metric, pipeline, findings)
        } else {
          check(metric, measurement, task, findings)
        }
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

  /// Whether a metric supposes that each row has one label.
  private static func isOfOneLabel(_ metric: Metric) -> Bool {
    metric == .top5 || metric == .matthews
  }

  private static func isMultiLabel(_ pipeline: Pipeline) -> Bool {
    pipeline.model.task.value == .sequenceClassification
      && pipeline.model.problemType.value == .multiLabel
  }

  private static func reportOneLabel(
    _ metric: Setting<Metric>, _ pipeline: Pipeline, _ findings: Findings
  ) {
    let type = pipeline.model.problemType
    findings.report(
      .conflictingKeys,
      "`\(metric.value.rawValue)` has no meaning for `problem_type: \(type.value.rawValue)`, whose rows "
        + "have several labels",
      at: metric.span, metric.path,
      help: "measure `f1`, `precision`, `recall` (or their `_micro`), or `accuracy` of whole rows",
      notes: type.span.map { [Diagnostic.Note("the problem's type is named here", at: $0)] } ?? [])
  }

  private static func check(
    _ metric: Setting<Metric>, _ measurement: MeasurementSection, _ task: ModelSection.Task,
    _ findings: Findings
  ) {
    guard task.has(metric.value) else {
      let known = Metric.allCases.filter(task.has).map { "`\($0.rawValue)`" }
      findings.report(
        .conflictingKeys,
        "`\(metric.value.rawValue)` has no meaning for `task: \(task.rawValue)`", at: metric.span,
        metric.path, help: "measure one of " + known.joined(separator: ", "))
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
