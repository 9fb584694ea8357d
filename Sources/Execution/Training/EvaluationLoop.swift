import Datasets
import Planning
import Tensors

/// Measures the model over all rows of a data set.
final class EvaluationLoop {
  private let programs: ProgramFactory
  private let state: ModelState
  private let backend: any ComputeBackend
  private let pool: StageMemoryPool
  private let seed: UInt64
  private var runners: [Layout: ProgramRunner] = [:]

  /// What a program is compiled for.
  private struct Layout: Hashable {
    let shape: BatchShape
    let predictions: Bool
  }

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

  /// What `evaluation` asks for, over all of its rows.
  ///
  /// - Throws: ``BackendError`` when the backend fails.
  func measure(
    _ evaluation: PreparedEvaluation, stage: String, step: Int?, context: RunContext
  ) throws -> EvaluationMetrics {
    let start = context.now()
    let planner = evaluation.planner
    let measurement = evaluation.measurement
    var meter = MetricsMeter(measurement, planner.dataset.layout)
    for plan in planner.epoch(0).steps.flatMap(\.microBatches) {
      let batch = planner.batch(plan)
      let runner = try runner(
        for: Layout(shape: batch.shape, predictions: measurement.needsPredictions))
      BatchInputs.write(batch, to: runner, window: programs.description.slidingWindow)
      runner.floats("loss_scale")?.update(repeating: 1)
      try runner.executable.run(randomStep: 0)
      meter.add(batch, runner)
    }
    if let writing = measurement.writing { try write(planner, writing, &meter) }
    return EvaluationMetrics(
      stage: stage, data: evaluation.data, step: step, loss: meter.meanLoss ?? .nan,
      values: meter.results, rows: planner.dataset.rows.count,
      supervisedTokens: meter.supervisedTokens, seconds: context.now() - start)
  }

  /// Writes a text for each row's source and holds it against the row's target.
  private func write(
    _ planner: BatchPlanner, _ writing: PreparedWriting, _ meter: inout MetricsMeter
  ) throws {
    let writer = try SequenceWriter(
      writing, programs, state: state, backend: backend, pool: pool, seed: seed)
    let dataset = planner.dataset
    let tokenizer = state.model.tokenizer
    for start in stride(from: 0, to: dataset.rows.count, by: writing.rows) {
      let rows = start..<min(start + writing.rows, dataset.rows.count)
      let texts = try writer.write(rows.map { dataset.sourceTokens(ofRow: $0) })
      for (row, text) in zip(rows, texts) {
        let target = dataset.targets(ofRow: row).filter { $0 >= 0 }
        meter.add(
          text: tokenizer.decode(text, skipSpecialTokens: true),
          expected: tokenizer.decode(Array(target), skipSpecialTokens: true))
      }
    }
  }

  private func runner(for layout: Layout) throws -> ProgramRunner {
    if let known = runners[layout] { return known }
    let runner = try ProgramRunner(
      programs.evaluation(layout.shape, predictions: layout.predictions),
      parameters: state.parameters, backend: backend, memory: state.memory(pool), pool: pool,
      seed: seed)
    runners[layout] = runner
    return runner
  }
}
