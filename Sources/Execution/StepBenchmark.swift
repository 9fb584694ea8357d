import Datasets
package import Diagnostics
package import Models
package import Planning
import Randomness
package import Tensors
import Tokenizers
import Training

/// One timed optimizer step.
package struct BenchmarkStep: Hashable, Sendable {
  package let seconds: Double
  /// What a plan would say of the step; nil without a calibration.
  package let estimatedSeconds: Double?
  /// Tokens of the rows, padding not counted.
  package let tokens: Int
  package let supervisedTokens: Int
  package let loss: Double
}

/// What a benchmark trains, on which rows.
package struct BenchmarkCase: Hashable, Sendable {
  /// Which weights are trained.
  package enum Method: Hashable, Sendable {
    /// All.
    case full
    /// LoRA of rank 8 on these modules; empty takes all linear ones.
    case lora(targets: [String], dropout: Double)
  }

  package var method: Method
  /// How frozen matrices are kept.
  package var weightType: DType
  /// Of each step the lengths of its rows.
  package var steps: [[Int]]
  /// The share of a row's tokens that is supervised, at its end.
  package var supervisedShare: Double
  /// The length of packed sequences; nil gives each row a batch row of its own.
  package var packedLength: Int?
  /// What the backward pass computes again.
  package var recomputation: Recomputation

  package init(
    method: Method, weightType: DType, steps: [[Int]], supervisedShare: Double,
    packedLength: Int?, recomputation: Recomputation
  ) {
    self.recomputation = recomputation
    self.method = method
    self.weightType = weightType
    self.steps = steps
    self.supervisedShare = supervisedShare
    self.packedLength = packedLength
  }
}

/// Training steps (AdamW, clip 1.0) on SmolLM2-135M's shape with random weights and tokens.
package enum StepBenchmark {
  /// Runs an optimizer step for each entry of `work.steps`, reported as it is done, with the time that a
  /// plan would say for a backend measured as `calibration`.
  ///
  /// - Throws: diagnostics when the backend or the memory does not allow it.
  package static func run(
    _ work: BenchmarkCase, backend: any ComputeBackend, calibration: Calibration? = nil,
    now: () -> Double,
    report: (BenchmarkStep) -> Void
  ) throws(DiagnosticError) {
    try diagnosing {
      let model = PreparedModel(
        configuration: try shape(),
        tokenizer: try BytePairTrainer.train(
          texts: ["a"], vocabularySize: 256, specialTokens: []),
        weightType: work.weightType)
      let state = try ModelState(model, seed: 17)
      let plan = try work.adaptation.plan(for: model.description)
      try state.adapt(plan, .fresh)
      var programs = ProgramFactory(
        description: model.description, adaptation: plan, weightType: work.weightType)
      programs.recomputation = work.recomputation
      let planners = try work.steps.enumerated().map { try work.planner(of: $1, step: $0) }
      let steps = planners.map { $0.epoch(0).steps.flatMap(\.microBatches) }
      let shapes = Set(steps.flatMap { $0 }.map(\.shape))
      let place: GradientPlace = steps.allSatisfy { $0.count == 1 } ? .arena : .apart
      let pool = try StageMemoryPool(
        for: shapes.map { try programs.training($0) }, parameters: plan.layout, backend: backend,
        gradients: place)
      let optimizer = Optimizer(.adamw(.init()), weightDecay: 0.01)
      let loop = try TrainingLoop(
        programs, state: state, optimizer: optimizer,
        groups: [Optimizer.Group(range: 0..<plan.layout.count)], clipNorm: 1, backend: backend,
        pool: pool, gradients: place, seed: 17)
      for (step, microBatches) in steps.enumerated() {
        let batches = microBatches.map { planners[step].batch($0) }
        let supervised = batches.reduce(0) { $0 + $1.supervisedCount }
        let estimate = try calibration.map { calibration in
          var cost = StageCost()
          for microBatch in microBatches {
            cost.add(StageCost(try programs.training(microBatch.shape), BatchFilling(microBatch)))
          }
          cost.addUpdates(of: plan.layout.count, optimizerStates: optimizer.kind.stateCount)
          return calibration.seconds(for: cost)
        }
        let start = now()
        let outcome = try loop.step(
          batches, supervisedCount: supervised, number: step + 1, learningRate: 1e-3,
          firstRandomStep: UInt64(step))
        report(
          BenchmarkStep(
            seconds: now() - start, estimatedSeconds: estimate,
            tokens: work.steps[step].reduce(0, +), supervisedTokens: supervised,
            loss: outcome.loss))
      }
    }
  }

  private static func shape() throws(ModelError) -> LlamaConfiguration {
    try LlamaConfiguration(
      vocabularySize: 49152, hiddenSize: 576, intermediateSize: 1536, layerCount: 30,
      headCount: 9, keyValueHeadCount: 3, contextLength: 8192, normEpsilon: 1e-5,
      ropeTheta: 100_000, tiesEmbeddings: true)
  }
}

extension BenchmarkCase {
  fileprivate var adaptation: Adaptation {
    switch method {
    case .full: .full
    case .lora(let targets, let dropout):
      .lora(
        LoRASpecification(
          rank: 8, alpha: 32, dropout: dropout,
          targets: targets.isEmpty ? .allLinear : .list(targets)))
    }
  }

  /// The batches of one step over rows of those lengths.
  fileprivate func planner(
    of lengths: [Int], step: Int
  ) throws(DatasetError) -> BatchPlanner {
    let stream = RandomStream(seed: 17, name: "bench")
    var element = 0
    let rows = lengths.map { length in
      let ids = (0..<length).map { _ in
        element += 1
        return Int32(stream.word(step: UInt64(step), element: element) % 49152)
      }
      let first = Int((Double(length) * (1 - supervisedShare)).rounded(.down))
      return (ids: ids, isSupervised: (0..<length).map { $0 >= first })
    }
    return try BatchPlanner(
      TokenizedDataset(name: "bench", rows: rows),
      options: BatchOptions(size: packedLength == nil ? rows.count : 1, packedLength: packedLength),
      seed: 17, stage: "bench")
  }
}
