import Diagnostics

/// The warm-up ends before the training does.
enum WarmupWithinSteps {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      let warmup = train.schedule.warmup
      guard findings.isSound(warmup) else { continue }
      switch (warmup.value, train.length) {
      case (.fraction(let fraction), _):
        guard fraction >= 1 else { continue }
        findings.report(
          .warmupExceedsSteps, "the warm-up takes all steps", at: warmup.span, warmup.path,
          help: "the learning rate would never be reached; write `10%`, for example")
      case (.steps(let count), .maxSteps(let steps)):
        guard findings.isSound(steps), count >= steps.value else { continue }
        let words =
          "the warm-up of \(count) step\(count == 1 ? "" : "s") is not over within "
          + "\(steps.value) step\(steps.value == 1 ? "" : "s")"
        findings.report(
          .warmupExceedsSteps, words, at: warmup.span, warmup.path,
          help: "make it shorter than `max_steps`",
          notes: [Diagnostic.Note("`max_steps` is \(steps.value)", at: steps.span)])
      case (.steps, .epochs): continue
      }
    }
  }
}
