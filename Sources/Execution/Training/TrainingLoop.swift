import Datasets
import Planning
import Tensors
import Training

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Forward, backward and update over buffers that are allocated once.
final class TrainingLoop {
  /// What one optimizer step did.
  struct Outcome {
    /// Mean cross-entropy of the step's supervised tokens.
    let loss: Double
    /// Before clipping.
    let gradientNorm: Double
  }

  let parameters: ParameterLayout
  let optimizerStates: [AlignedBuffer]
  /// The gradients where they lie apart from the arena.
  private let gradients: AlignedBuffer?
  private let gradientPlace: GradientPlace
  private let programs: ProgramFactory
  private let state: ModelState
  private let optimizer: Optimizer
  private let groups: [Optimizer.Group]
  private let clipNorm: Double?
  private let backend: any ComputeBackend
  private let seed: UInt64
  private let pool: StageMemoryPool
  private let weights: UnsafeMutablePointer<Float>
  private let slopes: UnsafeMutablePointer<Float>
  private let moments: [UnsafeMutablePointer<Float>]
  private var runners: [BatchShape: ProgramRunner] = [:]

  /// Allocates optimizer state for the weights that `state` trains, and gradients unless `pool`'s arena
  /// has room for them: with ``GradientPlace/arena`` a step is of one batch.
  ///
  /// - Throws: when the system has no room, or nothing is trained.
  init(
    _ programs: ProgramFactory, state: ModelState, optimizer: Optimizer, groups: [Optimizer.Group],
    clipNorm: Double?, backend: any ComputeBackend, pool: StageMemoryPool,
    gradients place: GradientPlace, seed: UInt64
  ) throws {
    self.programs = programs
    self.state = state
    self.optimizer = optimizer
    self.groups = groups
    self.clipNorm = clipNorm
    self.backend = backend
    self.pool = pool
    self.seed = seed
    parameters = state.parameters
    gradientPlace = place
    gradients = place == .apart ? try AlignedBuffer(byteCount: 4 * parameters.count) : nil
    optimizerStates = try optimizer.kind.stateNames.map { _ in
      try AlignedBuffer(byteCount: 4 * state.parameters.count)
    }
    guard let weights = state.weights, let slopes = (gradients ?? pool.arena).floats.baseAddress
    else { throw BackendError.missingMemory(name: "trainable") }
    self.weights = weights
    self.slopes = slopes
    moments = optimizerStates.compactMap(\.floats.baseAddress)
  }

  /// One optimizer step over `batches`, which hold `supervisedCount` supervised tokens in all.
  ///
  /// `number` counts optimizer steps from 1. The weights stay as they are where the loss or the
  /// gradient is not finite.
  ///
  /// - Throws: ``BackendError`` when the backend fails.
  func step(
    _ batches: some Sequence<Batch>, supervisedCount: Int, number: Int, learningRate: Double,
    firstRandomStep: UInt64
  ) throws -> Outcome {
    if gradients != nil { memset(slopes, 0, 4 * parameters.count) }
    var loss = 0.0
    var randomStep = firstRandomStep
    for batch in batches {
      let runner = try runner(for: batch.shape)
      BatchInputs.write(batch, to: runner, window: programs.description.slidingWindow)
      runner.floats("loss_scale")?.update(repeating: 1 / Float(max(1, supervisedCount)))
      try runner.executable.run(randomStep: randomStep)
      loss += Double(runner.result("loss")?.first ?? .nan)
      randomStep += 1
    }
    let norm = GradientNorm.sumOfSquares(slopes, count: parameters.count).squareRoot()
    if loss.isFinite, norm.isFinite, supervisedCount > 0 {
      optimizer.update(
        groups, parameters: weights, gradients: slopes, states: moments,
        step: Optimizer.Step(
          number: number, learningRate: learningRate,
          gradientScale: GradientNorm.clipCoefficient(norm: norm, limit: clipNorm)))
    }
    return Outcome(loss: loss, gradientNorm: norm)
  }

  /// The compiled program for a shape, made when it is met for the first time.
  private func runner(for shape: BatchShape) throws -> ProgramRunner {
    if let known = runners[shape] { return known }
    let runner = try ProgramRunner(
      programs.training(shape), parameters: parameters,
      backend: backend, memory: state.memory(pool, gradients: slopes), pool: pool,
      gradients: gradientPlace, seed: seed)
    runners[shape] = runner
    return runner
  }
}
