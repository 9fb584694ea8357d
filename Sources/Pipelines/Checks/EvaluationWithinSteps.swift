import Diagnostics

/// Evaluations and checkpoints that are asked for happen at least once.
enum EvaluationWithinSteps {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      guard case .maxSteps(let steps) = train.length, findings.isSound(steps) else { continue }
      if let evaluation = train.evaluate {
        check(evaluation.every, steps, "no evaluation is made", findings)
      }
      if let checkpoint = train.checkpoint {
        check(checkpoint.every, steps, "no checkpoint is written before the end", findings)
      }
    }
  }

  private static func check(
    _ every: Setting<Cadence>, _ steps: Setting<Int>, _ outcome: String, _ findings: Findings
  ) {
    guard findings.isSound(every), every.value.unit == .step, every.value.count > steps.value
    else { return }
    findings.report(
      Diagnostic(
        .warning, .valueOutOfRange,
        "\(outcome): every `\(every.value.words)` is longer than the stage", at: every.span,
        path: every.path, help: "make it \(steps.value) steps or fewer",
        notes: [Diagnostic.Note("`max_steps` is \(steps.value)", at: steps.span)]))
  }
}
