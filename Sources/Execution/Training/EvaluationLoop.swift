import Datasets
import Planning
import Tensors
import Training

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Measures the loss over all rows of a data set.
final class EvaluationLoop {
  private let programs: ProgramFactory
  private let state: ModelState
  private let backend: any ComputeBackend
  private let pool: StageMemoryPool
  private let seed: UInt64
  private var runners: [BatchShape: ProgramRunner] = [:]

  init(
    _ programs: ProgramFactory, state: ModelState, backend: any ComputeBackend,
    pool: StageMemoryPool, seed: UInt64
  ) {
    self.programs = programs
    self.state = state
    self.backend = backend
    self.pool = pool
    self.seed = seed
  }

  /// The mean loss over every supervised token of `evaluation`.
  ///
  /// - Throws: ``BackendError`` when the backend fails.
  func measure(
    _ evaluation: PreparedEvaluation, stage: String, step: Int?, context: RunContext
  ) throws -> EvaluationMetrics {
    let start = context.now()
    let planner = evaluation.planner
    var average = LossAverage()
    for plan in planner.epoch(0).steps.flatMap(\.microBatches) {
      let batch = planner.batch(plan)
      let runner = try runner(for: batch.shape)
      BatchInputs.write(batch, to: runner, window: programs.description.slidingWindow)
      runner.floats("loss_scale")?.update(repeating: 1)
      try runner.executable.run(randomStep: 0)
      average.add(
        sum: Double(runner.result("loss")?.first ?? .nan), supervisedTokens: batch.supervisedCount)
    }
    return EvaluationMetrics(
      stage: stage, data: evaluation.data, step: step, loss: average.mean ?? .nan,
      values: evaluation.measurement.metrics.map { metric in
        MetricValue(
          name: metric.rawValue, value: metric == .loss ? average.mean : average.perplexity)
      }, rows: planner.dataset.rows.count,
      supervisedTokens: average.supervisedTokens, seconds: context.now() - start)
  }

  private func runner(for shape: BatchShape) throws -> ProgramRunner {
    if let known = runners[shape] { return known }
    let runner = try ProgramRunner(
      programs.evaluation(shape, predictions: false),
      parameters: state.parameters, backend: backend, memory: state.memory(pool), pool: pool,
      seed: seed)
    runners[shape] = runner
    return runner
  }
}
