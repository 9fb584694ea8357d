import Artifacts
import Datasets
import Diagnostics
import Models
import Pipelines
import Tensors
import Tokenizers
import Training

/// `evaluate`, `generate` and `export` stages.
extension StagePreparation {
  mutating func prepare(
    _ stagePlan: EvaluateStage, _ stage: Stage
  ) throws(DiagnosticError) {
    let evaluation = try evaluation(
      stagePlan.data, size: stagePlan.batchSize.value, stagePlan.measurement)
    let workload = evaluation.planner.workload(steps: evaluation.planner.stepsPerEpoch)
    var sizing = StageSizing(planner.backend, parameters: programs.parameters)
    try diagnosing(at: stage.span, path: stage.path) {
      try size(evaluation, rounds: 1, in: &sizing, countsOperations: true)
    }
    let memory = sizing.memory(optimizerStates: 0, hasGradients: false)
    add(
      stage, .evaluate(evaluation),
      .evaluate(
        EvaluationPlan(
          data: stagePlan.data.value, metrics: stagePlan.measurement.metrics.map(\.value.rawValue),
          rows: evaluation.planner.dataset.rows.count,
          supervisedTokens: workload.supervisedTokens,
          batches: evaluation.planner.microBatchesPerEpoch,
          floatingPointOperations: sizing.floatingPointOperations, memory: memory)), memory,
      sizing.cost)
  }

  mutating func prepare(
    _ generate: GenerateStage, _ stage: Stage
  ) throws(DiagnosticError) {
    var prompts: [PreparedPrompt] = []
    for prompt in generate.prompts {
      prompts.append(try self.prompt(prompt, isChat: generate.chat.value))
    }
    if model.description.encoder != nil {
      return try prepareWriting(generate, prompts, stage)
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
      let lengths = prompts.map { BatchPlanner.paddedLength($0.tokens.count) }
      for length in Set(lengths).sorted() {
        try sizing.add(
          programs.decoding(
            lines: generate.beams.value, queryLength: length, capacity: capacity),
          runs: lengths.count { $0 == length })
      }
      try sizing.add(
        programs.decoding(
          lines: generate.beams.value, queryLength: 1, capacity: capacity),
        runs: prompts.count * (generate.maxNewTokens.value - 1))
    }
    let memory = sizing.memory(optimizerStates: 0, hasGradients: false)
    let temperature = generate.temperature.value
    add(
      stage,
      .generate(
        PreparedGeneration(
          prompts: prompts, maxNewTokens: generate.maxNewTokens.value, beams: generate.beams.value,
          lengthPenalty: generate.lengthPenalty.value, temperature: temperature,
          topK: generate.topK?.value, topP: generate.topP?.value, capacity: capacity, writing: nil)),
      .generate(
        GenerationPlan(
          promptTokens: prompts.map(\.tokens.count), maxNewTokens: generate.maxNewTokens.value,
          sampling: generate.beams.value > 1
            ? "\(generate.beams.value) beams"
            : temperature == 0
              ? "greedy" : "temperature \(Quantities.compact(temperature))",
          floatingPointOperations: sizing.floatingPointOperations, memory: memory)),
      memory, sizing.cost)
  }

  mutating func prepare(
    _ export: ExportStage, _ stage: Stage
  ) throws(DiagnosticError) {
    let plan: ExportPlan
    switch export {
    case .adapter(let path), .merged(let path, format: _):
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
        kind: "adapter", path: path.value, format: .safetensors,
        byteCount: 4 * adaptation.exportedCount)
    case .merged(let path, let format):
      try checkBiases(adaptation, span: path.span, path: path.path)
      let tensors = adaptation?.mergedTensors(of: model.description)
      let shapes = tensors?.map(\.shape) ?? model.description.storedParameters.map(\.shape)
      plan = ExportPlan(
        kind: "merged model", path: path.value, format: format.value,
        byteCount: shapes.reduce(0) { $0 + model.weightType.exported.byteCount($1.count) })
    }
    let none = StageMemory(
      trainableBytes: 4 * (adaptation?.layout.count ?? 0), gradientBytes: 0, optimizerBytes: 0,
      activationBytes: 0, workspaceBytes: 0, cacheBytes: 0)
    add(stage, .export(export), .export(plan), none, StageCost())
  }

  /// The files that the weights begin as.
  private var inputs: [String] { planner.pipeline.weightInputs(planner.paths) }

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
}
