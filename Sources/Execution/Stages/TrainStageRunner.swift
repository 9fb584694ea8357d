import Datasets
import Diagnostics
import Planning
import Tensors

/// Runs a `train` stage from whatever step its state stands at.
struct TrainStageRunner {
  let run: PreparedRun
  let stage: PreparedStage
  let training: PreparedTraining
  let index: Int
  let state: ModelState
  let backend: any ComputeBackend
  let directory: RunDirectory
  let story: RunStory
  let seed: UInt64

  /// Trains to the end, or to an interruption, which saves the state.
  ///
  /// - Throws: diagnostics of what stops the stage.
  func train(from saved: RunState?) throws -> RunOutcome {
    let context = story.context
    let pool = try StageMemoryPool(stage.memory, gradients: training.gradientPlace)
    let loop = try TrainingLoop(
      stage.programs, state: state, optimizer: training.optimizer, groups: training.groups,
      clipNorm: training.clipNorm, backend: backend, pool: pool,
      gradients: training.gradientPlace, seed: seed)
    if let saved, let weights = state.trainable?.floats {
      let names = training.optimizer.kind.stateNames
      try directory.states.load(
        saved, parameters: loop.parameters, weights: weights,
        moments: Array(zip(names, loop.optimizerStates.map(\.floats))).map {
          (name: $0, values: $1)
        })
      try directory.states.rotate(stage: index, keep: keptStates)
    }
    let evaluations = EvaluationLoop(
      stage.programs, state: state, backend: backend, pool: pool, seed: seed)
    let planner = training.planner
    var epoch: EpochPlan?
    let first = saved?.step ?? 0
    var hasGradient = saved != nil
    if first == 0, let evaluation = training.evaluation {
      try evaluate(evaluation, at: 0, with: evaluations)
    }
    for step in first..<training.totalSteps {
      let started = context.now()
      let position = planner.position(ofStep: step)
      let current = epoch?.epoch == position.epoch ? epoch : planner.epoch(position.epoch)
      epoch = current
      guard let plan = current?.steps[position.index] else { break }
      let outcome = try loop.step(
        plan.microBatches.lazy.map { planner.batch($0) }, supervisedCount: plan.supervisedCount,
        number: step + 1, learningRate: training.learningRates[step],
        firstRandomStep: UInt64(planner.stepsBeforeStart + step)
          * UInt64(planner.options.accumulate))
      try check(outcome, step: step + 1)
      if !hasGradient, plan.supervisedCount > 0 {
        try checkGradient(outcome, step: step + 1)
        hasGradient = true
      }
      try story.tell(
        .step(
          StepMetrics(
            stage: stage.name, step: step + 1, totalSteps: training.totalSteps,
            epoch: planner.epochs(afterSteps: step + 1), loss: outcome.loss,
            learningRate: training.learningRates[step], gradientNorm: outcome.gradientNorm,
            tokens: plan.tokenCount, supervisedTokens: plan.supervisedCount,
            seconds: context.now() - started)))
      let done = step + 1
      let isLast = done == training.totalSteps
      if let evaluation = training.evaluation, let every = training.evaluateEverySteps,
        isLast || done.isMultiple(of: every)
      {
        try evaluate(evaluation, at: done, with: evaluations)
      }
      let isInterrupted = !isLast && context.isInterrupted()
      let isDue = training.checkpoint.map { done.isMultiple(of: $0.everySteps) } ?? false
      if !isLast, isDue || isInterrupted {
        try save(loop, step: done, isFinal: false)
        try directory.states.rotate(stage: index, keep: keptStates)
      }
      if isInterrupted {
        try story.tell(.interrupted(stage: stage.name, step: done))
        return .interrupted
      }
    }
    try reportMemory(loop, pool)
    if training.keepsFinalState { try save(loop, step: training.totalSteps, isFinal: true) }
    return .finished
  }

  /// How many states stay; of interruptions alone, the last.
  private var keptStates: Int { training.checkpoint?.keep ?? 1 }

  private func evaluate(
    _ evaluation: PreparedEvaluation, at step: Int, with loop: EvaluationLoop
  ) throws {
    try story.tell(
      .evaluation(
        try loop.measure(evaluation, stage: stage.name, step: step, context: story.context)))
  }

  /// A state that cannot be trained on from ends the stage before anything is spoilt.
  private func check(_ outcome: TrainingLoop.Outcome, step: Int) throws {
    guard !outcome.loss.isFinite || !outcome.gradientNorm.isFinite else { return }
    let what = outcome.loss.isFinite ? "gradient" : "loss"
    throw DiagnosticError(
      Diagnostic(
        .error, .lossNotFinite, "the \(what) of step \(step) of `\(stage.name)` is not finite",
        help: "lower `learning_rate`, add a `warmup`, or set `clip_norm`; "
          + "`--resume` goes on from the last state"))
  }

  /// Weights that no gradient reaches would stay as they are, without a word, to the end.
  ///
  /// A loss of exactly zero has none to give.
  private func checkGradient(_ outcome: TrainingLoop.Outcome, step: Int) throws {
    guard outcome.gradientNorm == 0, outcome.loss > 0 else { return }
    throw DiagnosticError(
      Diagnostic(
        .error, .noGradient,
        "every gradient of step \(step) of `\(stage.name)` is zero: nothing would be trained",
        help: "this is a defect of the backend or of the model's weights, such as a layer that is "
          + "all zero; compare with `--backend reference`"))
  }

  private func save(_ loop: TrainingLoop, step: Int, isFinal: Bool) throws {
    guard let weights = state.weights else { return }
    try directory.metrics.sync()
    try directory.events.sync()
    let moments = zip(training.optimizer.kind.stateNames, loop.optimizerStates).compactMap {
      name, buffer in buffer.floats.baseAddress.map { (name: name, values: $0) }
    }
    let path = try directory.states.save(
      stage: index, name: stage.name, step: step, isFinal: isFinal,
      metricsBytes: directory.metrics.byteCount, eventsBytes: directory.events.byteCount,
      parameters: loop.parameters, weights: weights, moments: isFinal ? [] : moments)
    try story.tell(.checkpoint(stage: stage.name, step: step, path: path))
  }

  private func reportMemory(_ loop: TrainingLoop, _ pool: StageMemoryPool) throws {
    let gradientBytes = 4 * loop.parameters.count
    let sharedBytes = training.gradientPlace == .arena ? gradientBytes : 0
    try story.tell(
      .memory(
        MemoryUse(
          stage: stage.name, trainableBytes: state.trainable?.byteCount ?? 0,
          gradientBytes: gradientBytes,
          optimizerBytes: loop.optimizerStates.reduce(0) { $0 + $1.byteCount },
          activationBytes: pool.arena.byteCount - sharedBytes,
          workspaceBytes: pool.workspace.byteCount,
          cacheBytes: 0, processPeakBytes: story.context.peakMemory())))
  }
}
