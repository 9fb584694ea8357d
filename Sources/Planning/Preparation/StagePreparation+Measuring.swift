import Datasets
import Diagnostics
import Models
import Pipelines

/// What evaluations report.
extension StagePreparation {
  /// The rows called `name` in batches of `size`, measured as `section` says.
  ///
  /// - Throws: what is wrong with them, at the setting that is.
  func evaluation(
    _ name: Setting<String>, size: Int, _ section: MeasurementSection
  ) throws(DiagnosticError) -> PreparedEvaluation {
    let dataset = try rows(name)
    let planner = try diagnosing(at: name.span, path: name.path) {
      try BatchPlanner(
        dataset,
        options: .evaluation(size: size, padID: padID, visibility: model.visibility), seed: seed,
        stage: "evaluate/\(name.value)")
    }
    return PreparedEvaluation(
      data: name.value, planner: planner, measurement: try measurement(section, of: planner))
  }

  private func measurement(
    _ section: MeasurementSection, of planner: BatchPlanner
  ) throws(DiagnosticError) -> PreparedMeasurement {
    let metrics = section.metrics.map(\.value)
    let generation = section.generation
    let writing =
      metrics.contains { $0.kind == .texts }
      ? PreparedWriting(
        beams: generation.beams.value, lengthPenalty: generation.lengthPenalty.value,
        maxNewTokens: generation.maxNewTokens?.value ?? planner.longestLength,
        rows: planner.options.size, sourceLength: planner.largestShape.sourceLength,
        bounds: model.textBounds) : nil
    return PreparedMeasurement(
      metrics: metrics, tokenValues: try tokenValues(section), writing: writing)
  }

  /// The numbers that tokens stand for, by token.
  private func tokenValues(
    _ section: MeasurementSection
  ) throws(DiagnosticError) -> [Double?] {
    guard !section.tokenValues.isEmpty else { return [] }
    var values = [Double?](repeating: nil, count: model.description.vocabularySize)
    var unknown: [Diagnostic] = []
    for entry in section.tokenValues {
      if let id = model.tokenizer.id(of: entry.token), values.indices.contains(Int(id)) {
        values[Int(id)] = entry.value.value
      } else {
        unknown.append(
          Diagnostic(
            .error, .unknownChoice, "the tokenizer has no token `\(entry.token)`",
            at: entry.value.span, path: entry.value.path,
            help: "`hone inspect` on the tokenizer lists how texts are cut into tokens"))
      }
    }
    if !unknown.isEmpty { throw DiagnosticError(unknown) }
    return values
  }

  /// Lays out what an evaluation runs `rounds` times.
  ///
  /// - Throws: what the model or the backend cannot do.
  func size(
    _ evaluation: PreparedEvaluation, rounds: Int, in sizing: inout StageSizing,
    countsOperations: Bool
  ) throws {
    let rows = evaluation.planner.workload(steps: evaluation.planner.stepsPerEpoch)
    for use in rows.shapes {
      let program = try programs.evaluation(
        use.shape, predictions: evaluation.measurement.needsPredictions)
      try sizing.add(
        program, runs: countsOperations ? rounds * use.microBatches : 0, rows.filling)
      if !countsOperations {
        sizing.addCost(
          of: program, runs: rounds * use.microBatches, rows.filling)
      }
    }
    guard let writing = evaluation.measurement.writing else { return }
    let batches = rounds * evaluation.planner.microBatchesPerEpoch
    try size(writing, batches: batches, in: &sizing, countsOperations: countsOperations)
  }

  /// Lays out what writes `batches` batches of texts.
  ///
  /// - Throws: what the model or the backend cannot do.
  func size(
    _ writing: PreparedWriting, batches: Int, in sizing: inout StageSizing,
    countsOperations: Bool
  ) throws {
    for (program, runs) in [
      (try programs.encoding(writing), batches),
      (try programs.writing(writing), batches * writing.maxNewTokens),
    ] {
      try sizing.add(program, runs: countsOperations ? runs : 0)
      if !countsOperations { sizing.addCost(of: program, runs: runs) }
    }
  }
}
