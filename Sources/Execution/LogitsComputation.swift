package import Artifacts
package import Diagnostics
import Models
package import Planning
package import Tensors

/// The logits of a model, with an adapter or without, for rows of token ids.
package enum LogitsComputation {
  /// All logits of every row: rows, positions, vocabulary.
  ///
  /// Of an encoder–decoder `tokens` are what the decoder reads, and `sources` has a row beside each.
  ///
  /// - Throws: diagnostics when the adapter does not fit the model, a token has no row, or sources are
  ///   missing or in the way.
  package static func logits(
    of model: PreparedModel, adapter: AdapterFiles?, tokens: [[Int32]], sources: [[Int32]] = [],
    backend: any ComputeBackend
  ) throws(DiagnosticError) -> [[[Float]]] {
    try diagnosing {
      try check(model.description, tokens, sources)
      let state = try ModelState(model, seed: 0)
      if let adapter {
        let plan = try Adaptation.lora(adapter.configuration.specification)
          .plan(for: model.description)
        try AdapterAgreement.check(adapter, plan)
        try state.adapt(plan, .adapter(adapter))
      }
      return try tokens.indices.map { row in
        try logits(
          of: tokens[row], source: sources.isEmpty ? [] : sources[row], state, backend)
      }
    }
  }

  private static func check(
    _ model: ModelDescription, _ tokens: [[Int32]], _ sources: [[Int32]]
  ) throws {
    if model.readsValues {
      throw DiagnosticError(
        Diagnostic(
          .error, .taskMismatch, "the model reads numbers, not token ids",
          help: "measure it with an `evaluate` stage"))
    }
    let wanted = model.encoder == nil ? 0 : tokens.count
    guard sources.count == wanted, sources.allSatisfy({ !$0.isEmpty }) else {
      throw DiagnosticError(
        Diagnostic(
          .error, .invalidJSON,
          "there are \(sources.count) sources of \(tokens.count) rows; the model reads \(wanted)",
          help: wanted == 0
            ? "leave `sources` out" : "write {\"sources\": [[5, 6]], \"tokens\": [[1, 2, 3]]}"))
    }
  }

  private static func logits(
    of tokens: [Int32], source: [Int32], _ state: ModelState, _ backend: any ComputeBackend
  ) throws -> [[Float]] {
    let description = state.model.description
    let programs = ProgramFactory(
      description: description, adaptation: state.adaptation,
      weightType: state.model.weightType)
    let program = try programs.logits(length: tokens.count, sourceLength: source.count)
    let pool = try StageMemoryPool(for: program, parameters: state.parameters, backend: backend)
    let runner = try ProgramRunner(
      program, parameters: state.parameters, backend: backend, memory: state.memory(pool),
      pool: pool, seed: 0)
    let window = description.slidingWindow ?? tokens.count
    for (index, token) in tokens.enumerated() {
      runner.indices("tokens")?[index] = token
      runner.indices("positions")?[index] = Int32(index)
      runner.indices("rows")?[index] = Int32(index)
      runner.indices("token_types")?[index] = 0
      let end = state.model.visibility == .whole ? tokens.count : index + 1
      setRange(index, max(0, end - window)..<end, in: runner.indices("ranges"))
      setRange(index, 0..<source.count, in: runner.indices("cross.ranges"))
    }
    for (index, token) in source.enumerated() {
      runner.indices("source.tokens")?[index] = token
      runner.indices("source.positions")?[index] = Int32(index)
      setRange(index, 0..<source.count, in: runner.indices("source.ranges"))
    }
    try runner.executable.run(randomStep: 0)
    guard let logits = runner.result("logits") else { return [] }
    let width = logits.count / tokens.count
    return tokens.indices.map { index in
      let start = index * width
      return Array(logits[start..<start + width])
    }
  }

  private static func setRange(
    _ index: Int, _ range: Range<Int>, in ranges: UnsafeMutableBufferPointer<Int32>?
  ) {
    ranges?[2 * index] = Int32(range.lowerBound)
    ranges?[2 * index + 1] = Int32(range.upperBound)
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
