/// The rules that tie settings of one pipeline together, each in a file of its own.
enum PipelineChecks {
  /// A rule: it looks at settings that were read soundly, and reports.
  typealias Check = @Sendable (Pipeline, Findings) -> Void

  static let all: [Check] = [
    DataReferences.check,
    MixCycles.check,
    SplitFractions.check,
    LossFitsColumns.check,
    TemplateFitsColumns.check,
    FormatFitsColumns.check,
    CreatedModelShape.check,
    CreatedModelTokenizer.check,
    StageNames.check,
    TargetEntries.check,
    LayersNeedTargetList.check,
    LoRACombinations.check,
    NesterovNeedsMomentum.check,
    WarmupWithinSteps.check,
    EndBelowLearningRate.check,
    CadencesWithinLength.check,
    SamplingNeedsTemperature.check,
    BeamsAreGreedy.check,
    MetricsFitTask.check,
    LabelsFitTask.check,
    PackingFitsTask.check,
    ExportNeedsAdapter.check,
    ExportPaths.check,
  ]
}

extension Pipeline {
  /// The train stages with the stages that they belong to.
  var trainStages: [(stage: Stage, train: TrainStage)] {
    stages.compactMap { stage in
      if case .train(let train) = stage.work { (stage, train) } else { nil }
    }
  }
}
