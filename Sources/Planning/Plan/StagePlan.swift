package import Pipelines

/// One stage of a plan.
package struct StagePlan: Hashable, Sendable {
  /// What the stage does.
  package enum Work: Hashable, Sendable {
    case train(TrainingPlan)
    case evaluate(EvaluationPlan)
    case generate(GenerationPlan)
    case export(ExportPlan)
  }

  package let name: String
  /// As `stages[0]`.
  package let path: String
  /// SHA-256 of what decides the stage and the model that it works on.
  package let identity: String
  package let work: Work

  /// The stage's kind by the pipeline's word.
  package var kind: Stage.Kind {
    switch work {
    case .train: .train
    case .evaluate: .evaluate
    case .generate: .generate
    case .export: .export
    }
  }
}

/// What a `train` stage will do.
package struct TrainingPlan: Hashable, Sendable {
  package let data: String
  /// The rows that are evaluated on the way; nil where none are.
  package let evaluationData: String?
  package let method: MethodFacts
  package let trainableCount: Int
  package let allCount: Int
  /// PEFT's line.
  package let trainableLine: String
  package let epochs: Double
  package let stepsPerEpoch: Int
  package let totalSteps: Int
  /// Tokens of all micro-batches of the stage, padding not counted.
  package let tokens: Int
  package let supervisedTokens: Int
  /// Positions computed: tokens and padding.
  package let positions: Int
  /// The (rows, length) of its programs.
  package let shapes: [ShapeFacts]
  /// Optimizer steps in which the learning rate rises.
  package let warmupSteps: Int
  /// The learning rate of each optimizer step.
  package let learningRates: [Double]
  package let floatingPointOperations: Int
  package let optimizer: String
  package let schedule: String
  package let batch: BatchFacts
  /// What of the model is dropped.
  package let dropout: DropoutFacts
  package let memory: StageMemory
}

/// The rows and length that one program is compiled for.
package struct ShapeFacts: Hashable, Sendable {
  package let rows: Int
  package let length: Int
  /// How many micro-batches of the stage have it.
  package let count: Int
}

/// How rows become optimizer steps.
package struct BatchFacts: Hashable, Sendable {
  package let size: Int
  package let accumulate: Int
  package let packing: Bool
  /// Which rows an epoch has, and in which order, in the pipeline's words.
  package let sampler: String
  /// The epoch of the sampler that the first step belongs to, from 0.
  package let startEpoch: Int
}

/// What the method adapts.
package enum MethodFacts: Hashable, Sendable {
  case full(FullFacts)
  case lora(LoRAFacts)
}

/// Which of the model's own weights are trained.
package struct FullFacts: Hashable, Sendable {
  /// Only the last blocks are trained, and the head; nil trains every block.
  package let trainLast: Int?
  /// The entries of `freeze`.
  package let freeze: [String]
  /// The numbers that stay as they are.
  package let frozenCount: Int
}

/// Which modules LoRA adapts.
package struct LoRAFacts: Hashable, Sendable {
  /// An entry of `target_modules` and how many modules it matched.
  package struct Entry: Hashable, Sendable {
    package let target: String
    package let count: Int
  }

  /// An adapted module.
  package struct Module: Hashable, Sendable {
    package let path: String
    package let rank: Int
    package let scaling: Double
    package let inputDimension: Int
    package let outputDimension: Int
  }

  package let usesDoRA: Bool
  package let usesRSLoRA: Bool
  /// Whether the second matrix of each update has a bias.
  package let hasBias: Bool
  /// `init_lora_weights`.
  package let start: String
  /// How many times as fast second matrices learn; nil where all learn alike.
  package let loraPlusRatio: Double?
  /// How many rows of which tables are trained by themselves.
  package let trainedRows: [Entry]
  package let entries: [Entry]
  package let modules: [Module]
  package let modulesToSave: [String]
  /// The layers that belong to an encoder, the first ones; 0 where there is none.
  package let encoderLayerCount: Int
  /// How many modules are adapted in each of the model's layers.
  package let modulesByLayer: [Int]

  /// Layers with at least one adapted module, of ``layerCount``.
  package var coveredLayers: Int { modulesByLayer.count { $0 > 0 } }
  package var layerCount: Int { modulesByLayer.count }
}

/// The memory of one stage's programs.
package struct StageMemory: Hashable, Sendable {
  package let trainableBytes: Int
  package let gradientBytes: Int
  package let optimizerBytes: Int
  /// What the arena needs beside the gradients that lie in it.
  package let activationBytes: Int
  package let workspaceBytes: Int
  package let cacheBytes: Int
}

/// What an `evaluate` stage will do.
package struct EvaluationPlan: Hashable, Sendable {
  package let data: String
  package let metrics: [String]
  package let rows: Int
  package let supervisedTokens: Int
  package let batches: Int
  package let floatingPointOperations: Int
  package let memory: StageMemory
}

/// What a `generate` stage will do.
package struct GenerationPlan: Hashable, Sendable {
  package let promptTokens: [Int]
  package let maxNewTokens: Int
  package let sampling: String
  /// Of as many new tokens as there may be.
  package let floatingPointOperations: Int
  package let memory: StageMemory
}

/// What an `export` stage will write.
package struct ExportPlan: Hashable, Sendable {
  package let kind: String
  package let path: String
  package let format: ExportStage.Format
  package let byteCount: Int
}
