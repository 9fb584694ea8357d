import Diagnostics

/// A polynomial schedule falls: `lr_end` is below the learning rate.
enum EndBelowLearningRate {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      let rate = train.optimizer.learningRate
      guard case .polynomial(_, let end) = train.schedule.kind, findings.isSound(end),
        findings.isSound(rate), end.value >= rate.value
      else { continue }
      findings.report(
        .valueOutOfRange,
        "`lr_end` must be below `learning_rate`: \(end.value) is not below \(rate.value)",
        at: end.span ?? rate.span, end.path, help: "write `lr_end: 0`, for example",
        notes: end.span == nil
          ? [] : [Diagnostic.Note("`learning_rate` is \(rate.value)", at: rate.span)])
    }
  }
}
