package import Diagnostics
import Models
import Pipelines
package import Planning
import Randomness
package import Tensors

/// How a run ended when nothing failed.
package enum RunOutcome: Hashable, Sendable { case finished, interrupted }

/// Does what a plan says, stage by stage, and nothing else.
package struct Executor {
  private let run: PreparedRun
  private let backend: any ComputeBackend
  private let mode: RunMode
  private let context: RunContext

  /// Prepares to execute `run` on the backend that it was planned for.
  package init(
    _ run: PreparedRun, backend: any ComputeBackend, mode: RunMode, context: RunContext
  ) {
    self.run = run
    self.backend = backend
    self.mode = mode
    self.context = context
  }

  private var seed: UInt64 { UInt64(bitPattern: Int64(run.plan.pipeline.seed)) }

  /// Runs every stage that is not done.
  ///
  /// - Throws: diagnostics of what stopped it; what was saved before stays.
  package func execute() throws(DiagnosticError) -> RunOutcome {
    let output = run.pipeline.output
    let directory = try diagnosing(at: output.span, path: output.path) {
      try RunDirectory(run.plan, mode: mode)
    }
    let story = RunStory(context: context, directory: directory)
    return try diagnosing { try execute(directory, story) }
  }

  private func execute(_ directory: RunDirectory, _ story: RunStory) throws -> RunOutcome {
    let begun = context.now()
    let state = try ModelState(run.model, seed: seed)
    let latest = directory.latest
    try story.tell(
      .runStarted(name: run.plan.pipeline.name, output: directory.path, resumedAt: latest?.step))
    for (index, stage) in run.stages.enumerated() {
      if let latest, index < latest.stage || (index == latest.stage && latest.isFinal) {
        try passOver(stage, index, directory, state)
        continue
      }
      let started = context.now()
      try story.tell(
        .stageStarted(
          name: stage.name, index: index, count: run.stages.count, kind: stage.kind))
      let saved = latest?.stage == index ? latest : nil
      let outcome = try execute(stage, index, saved, state, directory, story)
      if outcome == .interrupted { return .interrupted }
      try story.tell(.stageFinished(name: stage.name, seconds: context.now() - started))
    }
    try story.tell(.runFinished(seconds: context.now() - begun))
    try directory.metrics.sync()
    try directory.events.sync()
    return .finished
  }

  private func execute(
    _ stage: PreparedStage, _ index: Int, _ saved: RunState?, _ state: ModelState,
    _ directory: RunDirectory, _ story: RunStory
  ) throws -> RunOutcome {
    switch stage.work {
    case .train(let training):
      try state.adapt(training.adaptation, training.start)
      return try TrainStageRunner(
        run: run, stage: stage, training: training, index: index, state: state, backend: backend,
        directory: directory, story: story, seed: seed
      ).train(from: saved)
    case .evaluate(let evaluation):
      let pool = try StageMemoryPool(stage.memory)
      let loop = EvaluationLoop(
        stage.programs, state: state, backend: backend, pool: pool, seed: seed)
      try story.tell(
        .evaluation(
          try loop.measure(evaluation, stage: stage.name, step: nil, context: context)))
    case .generate(let generation):
      try generate(generation, stage, state, story)
    case .export(let export):
      let exporter = Exporter(state: state)
      switch export {
      case .adapter(let path):
        let byteCount = try diagnosing(at: path.span, path: path.path) {
          try exporter.writeAdapter(to: path.value)
        }
        try story.tell(
          .exported(stage: stage.name, kind: "adapter", path: path.value, byteCount: byteCount))
      case .merged(let path, let format):
        let byteCount = try diagnosing(at: path.span, path: path.path) {
          try exporter.writeMerged(to: path.value, format: format.value)
        }
        try story.tell(
          .exported(
            stage: stage.name, kind: "merged model", path: path.value, byteCount: byteCount))
      }
    }
    return .finished
  }

  /// Brings the model to where a stage that is already done left it.
  private func passOver(
    _ stage: PreparedStage, _ index: Int, _ directory: RunDirectory, _ state: ModelState
  ) throws {
    guard case .train(let training) = stage.work else { return }
    try state.adapt(training.adaptation, training.start)
    guard let saved = directory.states.states().last(where: { $0.stage == index && $0.isFinal }),
      let weights = state.trainable?.floats
    else {
      throw DiagnosticError(
        Diagnostic(
          .error, .cannotResume, "the end of stage `\(stage.name)` was not saved",
          help: "start anew with `--overwrite`"))
    }
    try directory.states.load(saved, parameters: state.parameters, weights: weights)
  }

  private func generate(
    _ generation: PreparedGeneration, _ stage: PreparedStage, _ state: ModelState,
    _ story: RunStory
  ) throws {
    let pool = try StageMemoryPool(stage.memory)
    if let writing = generation.writing {
      return try write(generation, writing, stage, state, story, pool)
    }
    let generator = Generator(
      generation, stage.programs, state: state, backend: backend, pool: pool, seed: seed)
    let tokenizer = run.model.tokenizer
    let ends = run.model.endIDs
    for (number, prompt) in generation.prompts.enumerated() {
      let started = context.now()
      let tokens = try generator.tokens(
        after: prompt.tokens, ends: ends,
        stream: RandomStream(seed: seed, name: "generate/\(stage.name)/\(number)"))
      try story.tell(
        .generation(
          Generation(
            stage: stage.name, prompt: prompt.text, isChat: prompt.isChat,
            text: tokenizer.decode(tokens, skipSpecialTokens: true), tokens: tokens.count,
            seconds: context.now() - started)))
    }
  }
}

extension Executor {
  /// Writes a text for each prompt that an encoder reads.
  private func write(
    _ generation: PreparedGeneration, _ writing: PreparedWriting, _ stage: PreparedStage,
    _ state: ModelState, _ story: RunStory, _ pool: StageMemoryPool
  ) throws {
    let writer = try SequenceWriter(
      writing, stage.programs, state: state, backend: backend, pool: pool, seed: seed)
    for prompt in generation.prompts {
      let started = context.now()
      let tokens = try writer.write([prompt.tokens[...]])[0]
      try story.tell(
        .generation(
          Generation(
            stage: stage.name, prompt: prompt.text, isChat: true,
            text: run.model.tokenizer.decode(tokens, skipSpecialTokens: true),
            tokens: tokens.count, seconds: context.now() - started)))
    }
  }
}

extension PreparedStage {
  /// The stage's kind in the pipeline's word.
  fileprivate var kind: String {
    switch work {
    case .train: "train"
    case .evaluate: "evaluate"
    case .generate: "generate"
    case .export: "export"
    }
  }
}
