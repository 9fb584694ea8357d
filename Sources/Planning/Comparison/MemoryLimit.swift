import Diagnostics
import Pipelines

/// Holds a plan's memory against a limit.
struct MemoryLimit {
  private let byteCount: Int
  private let planning: Replanning

  init(byteCount: Int, _ planning: Replanning) {
    self.byteCount = byteCount
    self.planning = planning
  }

  /// The parts of the peak that a pipeline decides, by what decides them.
  private enum Part: CaseIterable {
    case weights, training, activations, cache, rows
  }

  private var memory: MemoryFacts { planning.run.plan.memory }
  private var pipeline: Pipeline { planning.run.pipeline }

  /// The finding; nil where the plan fits.
  var diagnostic: Diagnostic? {
    guard memory.peakBytes > byteCount else { return nil }
    let part = Part.allCases.max { size($0) < size($1) } ?? .weights
    let (path, span) = place(of: part)
    return Diagnostic(
      .error, .memoryAboveLimit,
      "the run needs \(Quantities.bytes(memory.peakBytes)) at the peak, more than the "
        + "\(Quantities.bytes(byteCount)) of `--max-memory`; \(words(part)) take "
        + Quantities.bytes(size(part)),
      at: span, path: path, help: help(part))
  }

  private func size(_ part: Part) -> Int {
    switch part {
    case .weights: memory.frozenBytes
    case .training: memory.trainableBytes + memory.gradientBytes + memory.optimizerBytes
    case .activations: memory.activationBytes + memory.workspaceBytes
    case .cache: memory.cacheBytes
    case .rows: memory.dataBytes
    }
  }

  private func words(_ part: Part) -> String {
    switch part {
    case .weights: "frozen weights"
    case .training: "trained weights, gradients and the optimizer's state"
    case .activations: "activations and scratch"
    case .cache: "keys and values of generation"
    case .rows: "the tokenized rows"
    }
  }

  /// The stage whose programs are at the peak.
  private var peakStage: Stage? {
    let index = planning.run.stages.firstIndex { stage in
      let parts = stage.memory
      return parts.activationBytes == memory.activationBytes
        && parts.workspaceBytes == memory.workspaceBytes && parts.cacheBytes == memory.cacheBytes
        && parts.gradientBytes == memory.gradientBytes
        && parts.optimizerBytes == memory.optimizerBytes
    }
    return index.flatMap { pipeline.stages.indices.contains($0) ? pipeline.stages[$0] : nil }
  }

  private func place(of part: Part) -> (path: String, span: SourceSpan?) {
    let stage = peakStage
    switch (part, stage?.work) {
    case (.rows, _):
      let largest = pipeline.data.max { rowBytes(of: $0) < rowBytes(of: $1) }
      return (largest?.path ?? "data", largest?.span)
    case (.training, .train(let train)?):
      guard let stage else { break }
      if case .lora(let section) = train.method {
        return (section.rank.path, section.rank.span(in: stage))
      }
      return ("\(stage.path).train.method", stage.span)
    case (.activations, .train(let train)?):
      guard let stage else { break }
      return (train.batch.size.path, train.batch.size.span(in: stage))
    case (.activations, .evaluate(let evaluate)?):
      guard let stage else { break }
      return (evaluate.batchSize.path, evaluate.batchSize.span(in: stage))
    case (.activations, .generate(let generate)?), (.cache, .generate(let generate)?):
      guard let stage else { break }
      return (generate.maxNewTokens.path, generate.maxNewTokens.span(in: stage))
    case (.weights, _) where pipeline.model.dtype.value == .float32:
      return (pipeline.model.dtype.path, pipeline.model.dtype.span ?? pipeline.model.span)
    default: break
    }
    return ("model", pipeline.model.span)
  }

  private func rowBytes(of section: DataSection) -> Int {
    planning.run.data.names.filter(section.holds)
      .reduce(0) { $0 + (planning.run.data[$1]?.tokens.count ?? 0) }
  }

  /// What would fit: one change alone where one does, or else as many as it takes.
  private func help(_ part: Part) -> String {
    let kinds = alternatives(part)
    for kind in kinds {
      for alternative in kind {
        if let peak = peak(of: alternative.change(pipeline)), peak <= byteCount {
          return "\(alternative.words) needs \(Quantities.bytes(peak))"
        }
      }
    }
    var (changed, words) = (pipeline, [String]())
    var least: Int?
    for kind in kinds {
      guard let strongest = kind.last else { continue }
      let next = strongest.change(changed)
      guard let peak = peak(of: next), peak < least ?? memory.peakBytes else { continue }
      (changed, least) = (next, peak)
      words.append(strongest.words)
      if peak <= byteCount {
        return "\(words.joined(separator: " and ")) need \(Quantities.bytes(peak))"
      }
    }
    guard let least else { return "take a smaller model, or allow more" }
    return "even \(words.joined(separator: " and ")) need \(Quantities.bytes(least)): take a "
      + "smaller model, or allow more"
  }

  private func peak(of pipeline: Pipeline) -> Int? {
    planning.plan(pipeline).run?.plan.memory.peakBytes
  }

  /// Changes by kind, those that touch the largest part first, each kind from mild to strong.
  private func alternatives(_ part: Part) -> [[Alternative]] {
    let (batches, type, method) = (smallerBatches, narrowWeights, lowRank)
    switch part {
    case .weights: return [type, batches, method]
    case .training: return [method, batches, type]
    case .activations, .cache, .rows: return [batches, type, method]
    }
  }

  /// Halved micro-batches, as many rows a step as before where they divide.
  private var smallerBatches: [Alternative] {
    var found: [Alternative] = []
    var size = pipeline.stages.map(\.work).map(Self.rows).max() ?? 1
    while size > 1, found.count < 12 {
      size = (size + 1) / 2
      found.append(Self.batches(of: size, in: pipeline))
    }
    return found
  }

  private static func rows(_ work: Stage.Work) -> Int {
    switch work {
    case .train(let train): train.batch.size.value
    case .evaluate(let evaluate): evaluate.batchSize.value
    case .generate, .export: 1
    }
  }

  /// Micro-batches of at most `size` rows in every stage.
  private static func batches(of size: Int, in pipeline: Pipeline) -> Alternative {
    var accumulated: Set<Int> = []
    var trains = false
    for case .train(let train) in pipeline.stages.map(\.work) where train.batch.size.value > size {
      trains = true
      let rows = train.batch.size.value * train.batch.accumulate.value
      if rows.isMultiple(of: size) { accumulated.insert(rows / size) }
    }
    let key = trains ? "batch.size" : "batch_size"
    let more =
      accumulated.count == 1 ? accumulated.map { " with `accumulate: \($0)`" }.joined() : ""
    return Alternative(words: "`\(key): \(size)`\(more)") { pipeline in
      pipeline.replacingStages { stage in
        switch stage.work {
        case .train(let train) where train.batch.size.value > size:
          let rows = train.batch.size.value * train.batch.accumulate.value
          return stage.replacing(
            .train(
              train.replacingBatch(
                size: size,
                accumulate: rows.isMultiple(of: size)
                  ? rows / size : train.batch.accumulate.value,
                origin: .option("--max-memory"))))
        case .evaluate(let evaluate) where evaluate.batchSize.value > size:
          return stage.replacing(
            .evaluate(evaluate.replacing(batchSize: size, origin: .option("--max-memory"))))
        case .train, .evaluate, .generate, .export: return stage
        }
      }
    }
  }

  private var narrowWeights: [Alternative] {
    guard pipeline.model.dtype.value == .float32, planning.weightTypes.contains(.bfloat16) else {
      return []
    }
    return [
      Alternative(words: "`dtype: bfloat16`") {
        $0.replacing(dtype: .bfloat16, origin: .option("--max-memory"))
      }
    ]
  }

  private var lowRank: [Alternative] {
    let trainsAll = pipeline.stages.contains { stage in
      if case .train(let train) = stage.work, case .full = train.method { true } else { false }
    }
    guard trainsAll else { return [] }
    let assumed = MethodVariant.LoRAChanges.assumed
    let words =
      "`method: {lora: {r: \(assumed.rank), alpha: \(Quantities.compact(assumed.alpha))}}`"
    return [
      Alternative(words: words) {
        $0.replacing(.lora(.init()), origin: .option("--max-memory"))
      }
    ]
  }
}
