package import Artifacts
package import Diagnostics
import Models
package import Planning
package import Tensors

/// The logits of a model, with an adapter or without, for rows of token ids.
package enum LogitsComputation {
  /// All logits of every row: rows, positions, vocabulary.
  ///
  /// - Throws: diagnostics when the adapter does not fit the model or a token has no row.
  package static func logits(
    of model: PreparedModel, adapter: AdapterFiles?, tokens: [[Int32]],
    backend: any ComputeBackend
  ) throws(DiagnosticError) -> [[[Float]]] {
    try diagnosing {
      let state = try ModelState(model, seed: 0)
      if let adapter {
        let plan = try Adaptation.lora(adapter.configuration.specification)
          .plan(for: model.description)
        try AdapterAgreement.check(adapter, plan)
        try state.adapt(plan, .adapter(adapter))
      }
      return try tokens.map { try logits(of: $0, state, backend) }
    }
  }

  private static func logits(
    of tokens: [Int32], _ state: ModelState, _ backend: any ComputeBackend
  ) throws -> [[Float]] {
    let programs = ProgramFactory(
      description: state.model.description, adaptation: state.adaptation,
      weightType: state.model.weightType)
    let program = try programs.logits(length: tokens.count)
    let pool = try StageMemoryPool(for: program, parameters: state.parameters, backend: backend)
    let runner = try ProgramRunner(
      program, parameters: state.parameters, backend: backend, memory: state.memory(pool),
      pool: pool, seed: 0)
    let window = state.model.description.slidingWindow ?? tokens.count
    for (index, token) in tokens.enumerated() {
      runner.indices("tokens")?[index] = token
      runner.indices("positions")?[index] = Int32(index)
      runner.indices("rows")?[index] = Int32(index)
      runner.indices("ranges")?[2 * index] = Int32(max(0, index + 1 - window))
      runner.indices("ranges")?[2 * index + 1] = Int32(index + 1)
    }
    try runner.executable.run(randomStep: 0)
    guard let logits = runner.result("logits") else { return [] }
    let width = logits.count / tokens.count
    return tokens.indices.map { index in
      let start = index * width
      return Array(logits[start..<start + width])
    }
  }
}

extension AdapterConfiguration {
  /// The numbers that adaptation takes, from an adapter's own files.
  var specification: LoRASpecification {
    let targets: LoRASpecification.Targets =
      switch targetModules {
      case .names(let names): .list(names)
      case .pattern(let pattern):
        pattern.lowercased() == "all-linear" ? .allLinear : .pattern(pattern)
      }
    let exclude: LoRASpecification.Selection? =
      switch excludeModules {
      case .names(let names)?: .list(names)
      case .pattern(let pattern)?: .pattern(pattern)
      case nil: nil
      }
    let bias: LoRASpecification.Bias =
      switch self.bias {
      case .none: .none
      case .all: .all
      case .loraOnly: .loraOnly
      }
    return LoRASpecification(
      rank: rank, alpha: alpha, dropout: dropout, bias: bias, targets: targets, exclude: exclude,
      layersToTransform: layersToTransform, layersPattern: layersPattern ?? [],
      rankPattern: rankPattern.map { .init($0.pattern, $0.value) },
      alphaPattern: alphaPattern.map { .init($0.pattern, $0.value) },
      modulesToSave: modulesToSave ?? [], useRSLoRA: usesRankStabilizedScaling,
      loraBias: hasBias, useDoRA: isDecomposed,
      trainableTokens: trainableTokens.map { .init(module: $0.module, ids: $0.ids) })
  }
}
