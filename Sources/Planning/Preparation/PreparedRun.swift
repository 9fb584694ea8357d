package import Artifacts
package import Datasets
package import Models
package import Pipelines
package import Tensors
package import Training

/// A plan with what it was made of, ready to be executed.
package struct PreparedRun: Sendable {
  package let plan: Plan
  package let pipeline: Pipeline
  package let model: PreparedModel
  package let data: PreparedData
  package let stages: [PreparedStage]
  /// What the process takes in each of the stages.
  let memories: [MemoryFacts]
}

/// A stage that is ready to be executed.
package struct PreparedStage: Sendable {
  /// What the stage does.
  package enum Work: Sendable {
    case train(PreparedTraining)
    case evaluate(PreparedEvaluation)
    case generate(PreparedGeneration)
    case export(ExportStage)
  }

  package let name: String
  package let work: Work
  package let programs: ProgramFactory
  package let memory: StageMemory
  /// The work of the stage in the terms that backends are measured in.
  package let cost: StageCost
}

/// A `train` stage with all its numbers.
package struct PreparedTraining: Sendable {
  package let adaptation: AdaptationPlan
  /// How the trainable weights begin.
  package let start: TrainingStart
  package let planner: BatchPlanner
  package let totalSteps: Int
  package let optimizer: Optimizer
  /// Which weights learn at which share of the learning rate; all of them, in order.
  package let groups: [Optimizer.Group]
  /// The learning rate of each optimizer step.
  package let learningRates: [Double]
  /// Nil: gradients are not clipped.
  package let clipNorm: Double?
  package let checkpoint: CheckpointCadence?
  package let evaluation: PreparedEvaluation?
  /// Evaluate after every so many steps, and after the last.
  package let evaluateEverySteps: Int?
  /// Keep the state at the stage's end, for later stages to be resumed on.
  package let keepsFinalState: Bool

  /// Gradients that are those of one run take the place of what the run no longer needs.
  package var gradientPlace: GradientPlace { planner.accumulates ? .apart : .arena }
}

/// How the trainable weights of a stage begin.
package enum TrainingStart: Sendable {
  /// As the base's weights, after a previous stage's adapter was merged into them, or drawn anew.
  case fresh
  /// As the previous stage left the same adapter.
  case previousStage
  /// From an adapter's files.
  case adapter(AdapterFiles)
}

/// When states are saved, and how many stay.
package struct CheckpointCadence: Hashable, Sendable {
  package let everySteps: Int
  package let keep: Int
}

/// Rows to measure the model on, and what is measured.
package struct PreparedEvaluation: Sendable {
  package let data: String
  package let planner: BatchPlanner
  package let measurement: PreparedMeasurement
}

/// What an evaluation reports.
package struct PreparedMeasurement: Hashable, Sendable {
  package let metrics: [Metric]
  /// By token: the number that it stands for, nil for tokens without one; empty where no metric
  /// compares numbers of tokens.
  package let tokenValues: [Double?]
  /// How texts are written; nil where no metric compares texts.
  package let writing: PreparedWriting?

  /// Whether the model's predictions are needed beside the loss.
  package var needsPredictions: Bool {
    metrics.contains { $0.kind == .labels || $0.kind == .values }
  }
}

/// How texts are written for source texts.
package struct PreparedWriting: Hashable, Sendable {
  /// 1 is greedy.
  package let beams: Int
  package let lengthPenalty: Double
  package let maxNewTokens: Int
  /// Source texts that are read at once.
  package let rows: Int
  /// The tokens that a source has room for.
  package let sourceLength: Int
  package let bounds: TextBounds

  /// Texts that are written at once: the beams of every source.
  package var lines: Int { rows * beams }
  /// The tokens that a written text has room for.
  package var capacity: Int { BatchPlanner.paddedLength(maxNewTokens) }
}

/// Prompts and how to go on from them.
package struct PreparedGeneration: Sendable {
  package let prompts: [PreparedPrompt]
  package let maxNewTokens: Int
  /// 1 is greedy, or drawn where there is a temperature.
  package let beams: Int
  package let lengthPenalty: Double
  package let temperature: Double
  package let topK: Int?
  package let topP: Double?
  /// The cache's positions: the longest prompt, rounded up, and the new tokens.
  package let capacity: Int
  /// How texts are written for prompts that an encoder reads; nil where prompts are gone on from.
  package let writing: PreparedWriting?
}

/// A prompt and its tokens.
package struct PreparedPrompt: Hashable, Sendable {
  package let text: String
  /// Whether the text is a user's turn of a chat.
  package let isChat: Bool
  package let tokens: [Int32]
}
