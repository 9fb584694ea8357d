import Artifacts
import Datasets
import Diagnostics
import Models
import Pipelines
import Tensors
import Tokenizers
import Training

/// Works through the stages in order, each on the model that the one before left.
struct StagePreparation {
  let planner: Planner
  let model: PreparedModel
  let data: PreparedData
  private(set) var prepared: [PreparedStage] = []
  private(set) var plans: [StagePlan] = []
  /// The base weights in memory: all of them, and those that are mapped from the file.
  private(set) var baseBytes: (all: Int, mapped: Int)

  /// What the stages so far left of the model.
  private var adaptation: AdaptationPlan?
  /// Whether the base weights are still those of the file.
  private var baseIsOriginal = true
  /// Whether a training stage could not be prepared, so that what it would have left is not known.
  private var isModelUnknown = false

  init(_ planner: Planner, model: PreparedModel, data: PreparedData) {
    self.planner = planner
    self.model = model
    self.data = data
    baseBytes = BaseMemory.bytes(of: model)
  }

  /// Prepares every stage; what is wrong with one does not keep the others from being looked at.
  mutating func prepareAll(_ diagnostics: inout DiagnosticBag) {
    for (index, stage) in planner.pipeline.stages.enumerated() {
      do throws(DiagnosticError) {
        switch stage.work {
        case _ where isModelUnknown && stage.work.kind != .train: continue
        case .train(let train): try prepare(train, stage, index, &diagnostics)
        case .evaluate(let evaluate): try prepare(evaluate, stage)
        case .generate(let generate): try prepare(generate, stage)
        case .export(let export): try prepare(export, stage)
        }
      } catch {
        if stage.work.kind == .train { isModelUnknown = true }
        for diagnostic in error.diagnostics {
          diagnostics.report(diagnostic.located(at: stage.span, path: stage.path))
        }
      }
    }
  }

  private var seed: UInt64 { UInt64(bitPattern: Int64(planner.pipeline.seed.value)) }

  private var programs: ProgramFactory {
    ProgramFactory(
      description: model.description, adaptation: adaptation, weightType: model.weightType)
  }

  private mutating func add(
    _ stage: Stage, _ work: PreparedStage.Work, _ plan: StagePlan.Work, _ memory: StageMemory,
    _ cost: StageCost
  ) {
    let name = stage.name.value
    prepared.append(
      PreparedStage(name: name, work: work, programs: programs, memory: memory, cost: cost))
    plans.append(StagePlan(name: name, path: stage.path, identity: "", work: plan))
  }

  // MARK: train

  private mutating func prepare(
    _ train: TrainStage, _ stage: Stage, _ index: Int, _ diagnostics: inout DiagnosticBag
  ) throws(DiagnosticError) {
    let start = try adapt(train, &diagnostics)
    guard let adaptation else { return }
    let dataset = try rows(train.data)
    let batch = train.batch
    let place = (batch.dropLast.span ?? train.data.span, batch.dropLast.path)
    let planner = try diagnosing(
      at: batch.dropLast.value ? place.0 : train.data.span,
      path: batch.dropLast.value ? place.1 : train.data.path
    ) {
      try BatchPlanner(
        dataset,
        options: BatchOptions(
          size: batch.size.value, accumulate: batch.accumulate.value,
          shuffle: batch.shuffle.value, dropLast: batch.dropLast.value,
          packedLength: batch.packing.value ? packedLength(train.data.value) : nil,
          padID: padID),
        seed: seed, stage: stage.name.value)
    }
    warnAboutContext(dataset, train.data, &diagnostics)
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
      try self.evaluation(evaluate.data, size: batch.size.value)
    }
    let optimizer = train.optimizer.resolved
    let workload = planner.workload(steps: totalSteps)
    var sizing = StageSizing(self.planner.backend, parameters: adaptation.layout)
    try diagnosing(at: stage.span, path: stage.path) {
      for use in workload.shapes {
        try sizing.add(
          programs.training(rows: use.shape.rowCount, length: use.shape.length),
          runs: use.microBatches)
      }
      if !workload.isExact {
        // Epochs that were not looked at may bring any shape.
        let largest = planner.largestShape
        try sizing.add(
          programs.training(rows: largest.rowCount, length: largest.length), runs: 0)
      }
    }
    let trainingOperations = sizing.floatingPointOperations
    if let evaluation {
      try diagnosing(at: stage.span, path: stage.path) {
        for use in evaluation.planner.workload(steps: evaluation.planner.stepsPerEpoch).shapes {
          try sizing.add(
            programs.evaluation(rows: use.shape.rowCount, length: use.shape.length), runs: 0)
        }
      }
    }
    let memory = sizing.memory(optimizerStates: optimizer.kind.stateCount, hasGradients: true)
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
      optimizer: optimizer, learningRates: rates, clipNorm: train.clipNorm?.value,
      checkpoint: cadence, evaluation: evaluation,
      evaluateEverySteps: train.evaluate.map {
        $0.every.value.steps(stepsPerEpoch: planner.stepsPerEpoch)
      },
      keepsFinalState: cadence != nil || !isLastTraining)
    let plan = TrainingPlan(
      data: train.data.value, evaluationData: train.evaluate?.data.value,
      method: methodFacts(adaptation),
      trainableCount: adaptation.count.trainable, allCount: adaptation.count.all,
      trainableLine: adaptation.count.line,
      epochs: Double(totalSteps) / Double(planner.stepsPerEpoch),
      stepsPerEpoch: planner.stepsPerEpoch, totalSteps: totalSteps, tokens: workload.tokens,
      supervisedTokens: workload.supervisedTokens, positions: workload.positions,
      shapes: workload.shapes.map {
        ShapeFacts(rows: $0.shape.rowCount, length: $0.shape.length, count: $0.microBatches)
      },
      learningRates: rates, floatingPointOperations: trainingOperations,
      optimizer: train.optimizer.text, schedule: train.schedule.text(peak: rates.max() ?? 0),
      batch: BatchFacts(
        size: batch.size.value, accumulate: batch.accumulate.value,
        packing: batch.packing.value),
      memory: memory)
    add(stage, .train(work), .train(plan), memory, sizing.cost)
  }

  /// Works out which weights are trained and where they begin.
  private mutating func adapt(
    _ train: TrainStage, _ diagnostics: inout DiagnosticBag
  ) throws(DiagnosticError) -> TrainingStart {
    switch train.method {
    case .full:
      let earlier = adaptation
      adaptation = try diagnosing { try Adaptation.full.plan(for: model.description) }
      baseIsOriginal = false
      if case .full = earlier?.adaptation { return .previousStage }
      try checkMerging(earlier)
      return .fresh
    case .lora(let section):
      let plan = try section.plan(for: model.description)
      for warning in section.warnings(of: plan, on: model.description) {
        diagnostics.report(warning)
      }
      let earlier = adaptation
      adaptation = plan
      if let files = try section.startingFiles(plan, planner.paths) {
        try checkMerging(earlier)
        if earlier != nil { baseIsOriginal = false }
        return .adapter(files)
      }
      if let earlier, earlier.trainable == plan.trainable, earlier.adapted == plan.adapted {
        return .previousStage
      }
      try checkMerging(earlier)
      if earlier != nil { baseIsOriginal = false }
      return .fresh
    }
  }

  // MARK: evaluate, generate, export

  private mutating func prepare(
    _ stagePlan: EvaluateStage, _ stage: Stage
  ) throws(DiagnosticError) {
    let evaluation = try evaluation(stagePlan.data, size: stagePlan.batchSize.value)
    let workload = evaluation.planner.workload(steps: evaluation.planner.stepsPerEpoch)
    var sizing = StageSizing(planner.backend, parameters: programs.parameters)
    try diagnosing(at: stage.span, path: stage.path) {
      for use in workload.shapes {
        try sizing.add(
          programs.evaluation(rows: use.shape.rowCount, length: use.shape.length),
          runs: use.microBatches)
      }
    }
    let memory = sizing.memory(optimizerStates: 0, hasGradients: false)
    add(
      stage, .evaluate(evaluation),
      .evaluate(
        EvaluationPlan(
          data: stagePlan.data.value, metrics: stagePlan.metrics.map(\.value.rawValue),
          rows: evaluation.planner.dataset.rows.count,
          supervisedTokens: workload.supervisedTokens,
          batches: evaluation.planner.microBatchesPerEpoch,
          floatingPointOperations: sizing.floatingPointOperations, memory: memory)), memory,
      sizing.cost)
  }

  private mutating func prepare(
    _ generate: GenerateStage, _ stage: Stage
  ) throws(DiagnosticError) {
    var prompts: [PreparedPrompt] = []
    for prompt in generate.prompts {
      prompts.append(try self.prompt(prompt, isChat: generate.chat.value))
    }
    let longest = prompts.map(\.tokens.count).max() ?? 1
    let capacity = BatchPlanner.paddedLength(longest) + generate.maxNewTokens.value
    if longest + generate.maxNewTokens.value > model.description.contextLength {
      throw DiagnosticError(
        Diagnostic(
          .error, .valueOutOfRange,
          "a prompt of \(longest) tokens and \(generate.maxNewTokens.value) new ones exceed the "
            + "model's context of \(model.description.contextLength)",
          at: generate.maxNewTokens.span ?? stage.span, path: generate.maxNewTokens.path,
          help: "lower `max_new_tokens`, or shorten the prompt"))
    }
    var sizing = StageSizing(planner.backend, parameters: programs.parameters)
    try diagnosing(at: stage.span, path: stage.path) {
      for length in Set(prompts.map { BatchPlanner.paddedLength($0.tokens.count) }).sorted() + [1] {
        try sizing.add(programs.decoding(queryLength: length, capacity: capacity), runs: 1)
      }
    }
    let memory = sizing.memory(optimizerStates: 0, hasGradients: false)
    let temperature = generate.temperature.value
    add(
      stage,
      .generate(
        PreparedGeneration(
          prompts: prompts, maxNewTokens: generate.maxNewTokens.value, temperature: temperature,
          topK: generate.topK?.value, topP: generate.topP?.value, capacity: capacity)),
      .generate(
        GenerationPlan(
          promptTokens: prompts.map(\.tokens.count), maxNewTokens: generate.maxNewTokens.value,
          sampling: temperature == 0
            ? "greedy" : "temperature \(Quantities.compact(temperature))", memory: memory)),
      memory, sizing.cost)
  }

  private mutating func prepare(
    _ export: ExportStage, _ stage: Stage
  ) throws(DiagnosticError) {
    let plan: ExportPlan
    switch export {
    case .adapter(let path), .merged(let path):
      try ExportPlace.check(
        path, output: planner.pipeline.output.value, inputs: inputs)
    }
    switch export {
    case .adapter(let path):
      guard let adaptation, case .lora = adaptation.adaptation, baseIsOriginal else {
        throw DiagnosticError(
          Diagnostic(
            .error, .conflictingKeys,
            "the adapter would belong to weights that an earlier stage changed", at: path.span,
            path: path.path, help: "export the merged model with `merged`"))
      }
      plan = ExportPlan(
        kind: "adapter", path: path.value,
        byteCount: adaptation.trainable.reduce(0) { $0 + 4 * $1.shape.count })
    case .merged(let path):
      let tensors = adaptation?.mergedTensors(of: model.description)
      let shapes = tensors?.map(\.shape) ?? model.description.storedParameters.map(\.shape)
      plan = ExportPlan(
        kind: "merged model", path: path.value,
        byteCount: shapes.reduce(0) { $0 + $1.count * model.weightType.byteCount })
    }
    let none = StageMemory(
      trainableBytes: 4 * (adaptation?.layout.count ?? 0), gradientBytes: 0, optimizerBytes: 0,
      activationBytes: 0, workspaceBytes: 0, cacheBytes: 0)
    add(stage, .export(export), .export(plan), none, StageCost())
  }

  // MARK: parts

  /// The files that the weights begin as.
  private var inputs: [String] { planner.pipeline.weightInputs(planner.paths) }

  private var padID: Int32 { model.tokenizer.padID ?? model.tokenizer.endID ?? 0 }

  private func rows(_ name: Setting<String>) throws(DiagnosticError) -> TokenizedDataset {
    guard let dataset = data[name.value] else {
      // The section itself has been reported.
      throw DiagnosticError([])
    }
    return dataset
  }

  private func evaluation(
    _ name: Setting<String>, size: Int
  ) throws(DiagnosticError) -> PreparedEvaluation {
    let dataset = try rows(name)
    let planner = try diagnosing(at: name.span, path: name.path) {
      try BatchPlanner(
        dataset, options: .evaluation(size: size, padID: padID), seed: seed,
        stage: "evaluate/\(name.value)")
    }
    return PreparedEvaluation(data: name.value, planner: planner)
  }

  /// The length of packed sequences: the section's limit, or the longest row and at least 512.
  private func packedLength(_ name: String) -> Int {
    let section = planner.pipeline.data.first {
      $0.name == name || name.hasPrefix($0.name + ".")
    }
    let longest = data[name]?.statistics.longestRow ?? 1
    let limit = section?.maxLength?.value ?? max(longest, min(512, model.description.contextLength))
    return BatchPlanner.paddedLength(max(limit, longest))
  }

  private func prompt(
    _ prompt: Setting<String>, isChat: Bool
  ) throws(DiagnosticError) -> PreparedPrompt {
    var text = prompt.value
    if isChat {
      text = try diagnosing(at: prompt.span, path: prompt.path) {
        try model.tokenizer.chatPrompt(prompt.value)
      }
    }
    let encoding: Encoding = model.tokenizer.encode(text, addSpecialTokens: !isChat)
    let tokens = encoding.ids
    if tokens.isEmpty {
      throw DiagnosticError(
        Diagnostic(
          .error, .valueOutOfRange, "the prompt has no token", at: prompt.span,
          path: prompt.path, help: "write at least one word"))
    }
    return PreparedPrompt(text: prompt.value, isChat: isChat, tokens: tokens)
  }

  private func warnAboutContext(
    _ dataset: TokenizedDataset, _ name: Setting<String>, _ diagnostics: inout DiagnosticBag
  ) {
    let longest = dataset.statistics.longestRow
    let section = planner.pipeline.data.first {
      $0.name == name.value || name.value.hasPrefix($0.name + ".")
    }
    // A limit above the context has been reported itself.
    guard longest > model.description.contextLength, section?.maxLength == nil else { return }
    diagnostics.report(
      Diagnostic(
        .warning, .contextExceeded,
        "the longest row of `\(name.value)` has \(longest) tokens; the model was made for "
          + "\(model.description.contextLength)",
        at: name.span, path: name.path, help: "set `max_length` in the data section"))
  }

  private func methodFacts(_ plan: AdaptationPlan) -> MethodFacts {
    switch plan.adaptation {
    case .full: return .full
    case .lora:
      let modules = plan.adapted.map { module in
        let (inputs, outputs) =
          switch module.kind {
          case .linear(let inputs, let outputs, _): (inputs, outputs)
          case .embedding(let count, let dimension): (count, dimension)
          case .norm, .container, .function: (0, 0)
          }
        return LoRAFacts.Module(
          path: module.path, rank: module.rank, scaling: module.scaling, inputDimension: inputs,
          outputDimension: outputs)
      }
      return .lora(
        LoRAFacts(
          entries: Self.entries(of: plan),
          modules: modules, modulesToSave: plan.savedModules,
          coveredLayers: plan.adaptedLayers.count, layerCount: model.description.layerCount))
    }
  }

  /// What `target_modules` matched; `all-linear` by the last part of each module's path.
  private static func entries(of plan: AdaptationPlan) -> [LoRAFacts.Entry] {
    guard case .lora(let specification) = plan.adaptation, case .allLinear = specification.targets
    else { return plan.targets.map { LoRAFacts.Entry(target: $0.entry, count: $0.count) } }
    var counts: [String: Int] = [:]
    var order: [String] = []
    for module in plan.adapted {
      let name = module.path.split(separator: ".").last.map(String.init) ?? module.path
      if counts[name] == nil { order.append(name) }
      counts[name, default: 0] += 1
    }
    return order.map { LoRAFacts.Entry(target: $0, count: counts[$0] ?? 0) }
  }
}
