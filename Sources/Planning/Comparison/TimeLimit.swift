import Diagnostics
import Pipelines

/// Holds the time that a plan is estimated to take against a limit.
struct TimeLimit {
  private let seconds: Double
  private let planning: Replanning

  init(seconds: Double, _ planning: Replanning) {
    self.seconds = seconds
    self.planning = planning
  }

  private var pipeline: Pipeline { planning.run.pipeline }

  /// The finding; nil where the plan fits, or where the backend could not be measured.
  var diagnostic: Diagnostic? {
    guard let calibration = planning.calibration else { return nil }
    let estimate = PlanEstimate(planning.run, calibration)
    guard estimate.seconds > seconds,
      let longest = estimate.stages.indices.max(by: {
        estimate.stages[$0].seconds < estimate.stages[$1].seconds
      }), pipeline.stages.indices.contains(longest)
    else { return nil }
    let stage = pipeline.stages[longest]
    let (path, span) = place(stage)
    return Diagnostic(
      .error, .timeAboveLimit,
      "the run takes about \(Quantities.duration(estimate.seconds)), more than the "
        + "\(Quantities.duration(seconds)) of `--max-time`; stage `\(stage.name.value)` takes "
        + Quantities.duration(estimate.stages[longest].seconds),
      at: span, path: path,
      help: help(
        stage, share: estimate.stages[longest].seconds,
        others: estimate.seconds - estimate.stages[longest].seconds))
  }

  private func place(_ stage: Stage) -> (path: String, span: SourceSpan?) {
    switch stage.work {
    case .train(let train):
      switch train.length {
      case .epochs(let epochs): (epochs.path, epochs.span(in: stage))
      case .maxSteps(let steps): (steps.path, steps.span(in: stage))
      }
    case .evaluate(let evaluate): (evaluate.data.path, evaluate.data.span(in: stage))
    case .generate(let generate):
      (generate.maxNewTokens.path, generate.maxNewTokens.span(in: stage))
    case .export: (stage.path, stage.span)
    }
  }

  /// A training that ends in time.
  private func help(_ stage: Stage, share: Double, others: Double) -> String {
    guard case .train(let train) = stage.work else {
      return "evaluate or generate less, take a smaller model, or allow more"
    }
    var factor = share > 0 ? (seconds - others) / share : 0
    for _ in 0..<6 {
      guard factor > 0, let alternative = shortened(train, stage, by: factor) else { break }
      if let run = planning.plan(alternative.change(pipeline)).run,
        let time = planning.seconds(of: run), time <= seconds
      {
        return "\(alternative.words) takes about \(Quantities.duration(time))"
      }
      factor *= 0.9
    }
    return "take a smaller model or fewer rows, or allow more"
  }

  private func shortened(
    _ train: TrainStage, _ stage: Stage, by factor: Double
  ) -> Alternative? {
    let origin = Origin.option("--max-time")
    let (length, words): (TrainStage.Length, String)
    switch train.length {
    case .epochs(let epochs):
      let start = Double(train.startEpoch.value)
      let value = start + Self.rounded((epochs.value - start) * factor)
      guard value > start else { return nil }
      length = .epochs(Setting(value, path: epochs.path, origin: origin))
      words = "`epochs: \(Quantities.compact(value))`"
    case .maxSteps(let steps):
      let value = Int((Double(steps.value) * factor).rounded(.down))
      guard value > 0 else { return nil }
      length = .maxSteps(Setting(value, path: steps.path, origin: origin))
      words = "`max_steps: \(value)`"
    }
    return Alternative(words: words) { pipeline in
      pipeline.replacingStages {
        $0.path == stage.path ? $0.replacing(.train(train.replacing(length))) : $0
      }
    }
  }

  /// Two digits that count, rounded down: 1.37 is 1.3, 0.137 is 0.13.
  private static func rounded(_ value: Double) -> Double {
    var scale = 1.0
    while value * scale < 10, scale < 1e6 { scale *= 10 }
    return (value * scale).rounded(.down) / scale
  }
}
