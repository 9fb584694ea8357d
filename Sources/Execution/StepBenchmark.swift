import Datasets
package import Diagnostics
import Models
import Planning
import Randomness
package import Tensors
import Tokenizers
import Training

/// One timed optimizer step.
package struct BenchmarkStep: Hashable, Sendable {
  package let seconds: Double
  package let tokensPerSecond: Double
  package let loss: Double
}

/// LoRA steps (q_proj and v_proj, r 8, AdamW, clip 1.0) on SmolLM2-135M's shape with random weights.
package enum StepBenchmark {
  /// Runs `steps` optimizer steps of `rows` × `length` random tokens, each reported as it is done.
  ///
  /// - Throws: diagnostics when the backend or the memory does not allow it.
  package static func run(
    steps: Int, rows: Int, length: Int, dropout: Double, backend: any ComputeBackend,
    now: () -> Double, report: (BenchmarkStep) -> Void
  ) throws(DiagnosticError) {
    try diagnosing {
      let model = PreparedModel(
        configuration: try shape(),
        tokenizer: try BytePairTrainer.train(
          texts: ["a"], vocabularySize: 256, specialTokens: []))
      let state = try ModelState(model, seed: 17)
      let plan = try Adaptation.lora(
        LoRASpecification(
          rank: 8, alpha: 32, dropout: dropout, targets: .list(["q_proj", "v_proj"]))
      ).plan(for: model.description)
      try state.adapt(plan, .fresh)
      let programs = ProgramFactory(
        description: model.description, adaptation: plan, weightType: .float32)
      let program = try programs.training(BatchShape(rowCount: rows, length: length))
      let pool = try StageMemoryPool(
        for: program, parameters: plan.layout, backend: backend)
      let loop = try TrainingLoop(
        programs, state: state, optimizer: Optimizer(.adamw(.init()), weightDecay: 0.01),
        groups: [Optimizer.Group(range: 0..<plan.layout.count)], clipNorm: 1, backend: backend,
        pool: pool, seed: 17)
      let stream = RandomStream(seed: 17, name: "bench")
      for step in 0..<steps {
        let dataset = TokenizedDataset(
          name: "bench",
          rows: (0..<rows).map { row in
            let ids = (0..<length).map { column in
              Int32(stream.word(step: UInt64(step), element: row * length + column) % 49152)
            }
            return (ids: ids, isSupervised: Array(repeating: true, count: length))
          })
        let planner = try BatchPlanner(
          dataset, options: BatchOptions(size: rows), seed: 17, stage: "bench")
        let batches = planner.epoch(0).steps.flatMap(\.microBatches).map { planner.batch($0) }
        let start = now()
        let outcome = try loop.step(
          batches, supervisedCount: rows * (length - 1), number: step + 1, learningRate: 1e-3,
          firstRandomStep: UInt64(step))
        let seconds = now() - start
        report(
          BenchmarkStep(
            seconds: seconds, tokensPerSecond: Double(rows * length) / seconds,
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
