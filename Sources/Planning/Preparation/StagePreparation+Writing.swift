import Datasets
import Diagnostics
import Models
import Pipelines

/// `generate` stages of models with an encoder.
extension StagePreparation {
  /// Prepares the writing of a text for each prompt, one at a time.
  ///
  /// - Throws: what is wrong with the stage, at the setting that is.
  mutating func prepareWriting(
    _ generate: GenerateStage, _ prompts: [PreparedPrompt], _ stage: Stage
  ) throws(DiagnosticError) {
    if generate.temperature.value > 0 {
      throw DiagnosticError(
        Diagnostic(
          .error, .conflictingKeys, "a model with an encoder writes greedily or with beams",
          at: generate.temperature.span, path: generate.temperature.path,
          help: "remove `temperature`, or set `num_beams`"))
    }
    let longest = prompts.map(\.tokens.count).max() ?? 1
    let writing = PreparedWriting(
      beams: generate.beams.value, lengthPenalty: generate.lengthPenalty.value,
      maxNewTokens: generate.maxNewTokens.value, rows: 1,
      sourceLength: BatchPlanner.paddedLength(longest), bounds: model.textBounds)
    try checkContext(longest, generate.maxNewTokens, stage)
    var sizing = StageSizing(planner.backend, parameters: programs.parameters)
    try diagnosing(at: stage.span, path: stage.path) {
      try size(writing, batches: prompts.count, in: &sizing, countsOperations: true)
    }
    let memory = sizing.memory(optimizerStates: 0, hasGradients: false)
    add(
      stage,
      .generate(
        PreparedGeneration(
          prompts: prompts, maxNewTokens: writing.maxNewTokens, beams: writing.beams,
          lengthPenalty: writing.lengthPenalty, temperature: 0, topK: nil, topP: nil,
          capacity: writing.capacity, writing: writing)),
      .generate(
        GenerationPlan(
          promptTokens: prompts.map(\.tokens.count), maxNewTokens: writing.maxNewTokens,
          sampling: writing.beams > 1 ? "\(writing.beams) beams" : "greedy",
          floatingPointOperations: sizing.floatingPointOperations, memory: memory)),
      memory, sizing.cost)
  }

  /// Holds the lengths of sources and of what is written for them against the model's context.
  private func checkContext(
    _ longest: Int, _ newTokens: Setting<Int>, _ stage: Stage
  ) throws(DiagnosticError) {
    let context = model.description.contextLength
    for (length, what) in [(longest, "a prompt"), (newTokens.value, "`max_new_tokens`")]
    where length > context {
      throw DiagnosticError(
        Diagnostic(
          .error, .valueOutOfRange,
          "\(what) of \(length) tokens exceeds the model's context of \(context)",
          at: newTokens.span ?? stage.span, path: newTokens.path,
          help: "shorten the prompt, or lower `max_new_tokens`"))
    }
  }
}
