import Datasets
import Diagnostics
import Models
import Pipelines
import Tensors
import Training

/// `train` stages.
extension StagePreparation {
  mutating func prepare(
    _ train: TrainStage, _ stage: Stage, _ index: Int, _ diagnostics: inout DiagnosticBag
  ) throws(DiagnosticError) {
    recomputation = train.recompute.value.resolved
    let start = try adapt(train, &diagnostics)
    guard let adaptation else { return }
    note(adaptation, of: stage)
    let planner = try batchPlanner(train, stage, &diagnostics)
    let totalSteps =
      switch train.length {
      case .epochs(let epochs): planner.totalSteps(epochs: epochs.value)
      case .maxSteps(let steps): steps.value
      }
    try checkLength(totalSteps, train, stage)
    let schedule = try train.schedule.resolved(
      learningRate: train.optimizer.learningRate.value, totalSteps: totalSteps,
      stepsPerEpoch: planner.stepsPerEpoch)
    let rates = (0..<totalSteps).map { schedule.learningRate(atStep: $0) }
    let evaluation = try train.evaluate.map { evaluate throws(DiagnosticError) in
      try self.evaluation(
        evaluate.data, size: train.batch.size.value, evaluate.measurement)
    }
    let isLastTraining = !self.planner.pipeline.stages[(index + 1)...].contains {
      $0.work.kind == .train
    }
    let cadence = train.checkpoint.map {
      CheckpointCadence(
        everySteps: $0.every.value.steps(stepsPerEpoch: planner.stepsPerEpoch),
        keep: $0.keep.value)
    }
    let work = PreparedTraining(
      adaptation: adaptation, start: start, planner: planner, totalSteps: totalSteps,
      optimizer: train.optimizer.resolved,
      groups: LearningGroups.of(
        adaptation, model.description, train.method.loraPlus,
        learningRate: train.optimizer.learningRate.value), learningRates: rates,
      clipNorm: train.clipNorm?.value, checkpoint: cadence, evaluation: evaluation,
      evaluateEverySteps: train.evaluate.map {
        $0.every.value.steps(stepsPerEpoch: planner.stepsPerEpoch)
      },
      keepsFinalState: cadence != nil || !isLastTraining)
    let workload = planner.workload(steps: totalSteps)
    let (sizing, operations) = try size(work, workload, stage)
    let memory = sizing.memory(
      optimizerStates: work.optimizer.kind.stateCount, hasGradients: true)
    let plan = facts(
      of: work, train, workload, warmupSteps: schedule.warmupSteps,
      floatingPointOperations: operations, memory)
    add(stage, .train(work), .train(plan), memory, sizing.cost)
  }

  /// How the stage's rows become steps.
  private func batchPlanner(
    _ train: TrainStage, _ stage: Stage, _ diagnostics: inout DiagnosticBag
  ) throws(DiagnosticError) -> BatchPlanner {
    let dataset = try rows(train.data)
    let batch = train.batch
    let governs = batch.dropLast.value ? batch.dropLast.span : nil
    let planner = try diagnosing(
      at: governs ?? train.data.span, path: governs == nil ? train.data.path : batch.dropLast.path
    ) {
      try BatchPlanner(
        dataset,
        options: BatchOptions(
          size: batch.size.value, accumulate: batch.accumulate.value,
          sampler: batch.sampler, startEpoch: train.startEpoch.value,
          dropLast: batch.dropLast.value,
          packedLength: batch.packing.value ? packedLength(train.data.value) : nil,
          padID: padID, visibility: model.visibility),
        seed: seed, stage: stage.name.value)
    }
    warnAboutContext(dataset, train.data, &diagnostics)
    return planner
  }

  /// Lays out every program of the stage; `operations` are those of training alone.
  private func size(
    _ work: PreparedTraining, _ workload: BatchWorkload, _ stage: Stage
  ) throws(DiagnosticError) -> (sizing: StageSizing, operations: Int) {
    var sizing = StageSizing(
      planner.backend, parameters: work.adaptation.layout, gradients: work.gradientPlace)
    try diagnosing(at: stage.span, path: stage.path) {
      for use in workload.shapes {
        try sizing.add(
          programs.training(use.shape),
          runs: use.microBatches, workload.filling)
      }
      if !workload.isExact {
        // Epochs that were not looked at may bring any shape.
        let largest = work.planner.largestShape
        try sizing.add(
          programs.training(largest), runs: 0)
      }
    }
    sizing.addUpdates(
      steps: work.totalSteps, optimizerStates: work.optimizer.kind.stateCount)
    let operations = sizing.floatingPointOperations
    guard let evaluation = work.evaluation else { return (sizing, operations) }
    let rounds = work.evaluateEverySteps.map { (work.totalSteps + $0 - 1) / max(1, $0) } ?? 0
    try diagnosing(at: stage.span, path: stage.path) {
      try size(evaluation, rounds: rounds, in: &sizing, countsOperations: false)
    }
    return (sizing, operations)
  }

  private func facts(
    of work: PreparedTraining, _ train: TrainStage, _ workload: BatchWorkload, warmupSteps: Int,
    floatingPointOperations: Int, _ memory: StageMemory
  ) -> TrainingPlan {
    let batch = train.batch
    let count = work.adaptation.count
    return TrainingPlan(
      data: train.data.value, evaluationData: train.evaluate?.data.value,
      method: MethodFacts(
        work.adaptation, train.method.loraPlus, model.description),
      trainableCount: count.trainable, allCount: count.all, trainableLine: count.line,
      epochs: Double(work.totalSteps) / Double(work.planner.stepsPerEpoch),
      stepsPerEpoch: work.planner.stepsPerEpoch, totalSteps: work.totalSteps,
      tokens: workload.tokens, supervisedTokens: workload.supervisedTokens,
      positions: workload.positions,
      shapes: workload.shapes.map {
        ShapeFacts(rows: $0.shape.rowCount, length: $0.shape.length, count: $0.microBatches)
      },
      warmupSteps: warmupSteps, learningRates: work.learningRates,
      floatingPointOperations: floatingPointOperations, optimizer: train.optimizer.text,
      schedule: train.schedule.text,
      batch: BatchFacts(
        size: batch.size.value, accumulate: batch.accumulate.value,
        packing: batch.packing.value, sampler: batch.samplerText,
        startEpoch: train.startEpoch.value),
      dropout: DropoutFacts(model.description), memory: memory)
  }

  /// The length of packed sequences: the section's limit, or the longest row and at least 512.
  private func packedLength(_ name: String) -> Int {
    let section = planner.pipeline.data.first { $0.holds(name) }
    let longest = data[name]?.statistics.longestRow ?? 1
    let limit = section?.maxLength?.value ?? max(longest, min(512, model.description.contextLength))
    return BatchPlanner.paddedLength(max(limit, longest))
  }

  private func warnAboutContext(
    _ dataset: TokenizedDataset, _ name: Setting<String>, _ diagnostics: inout DiagnosticBag
  ) {
    let longest = dataset.statistics.longestRow
    let section = planner.pipeline.data.first { $0.holds(name.value) }
    // A limit above the context has been reported itself.
    guard longest > model.description.contextLength, section?.maxLength == nil else { return }
    diagnostics.report(
      Diagnostic(
        .warning, .contextExceeded,
        "the longest row of `\(name.value)` has \(longest) tokens; the model was made for "
          + "\(model.description.contextLength)",
        at: name.span, path: name.path, help: "set `max_length` in the data section"))
  }
}
