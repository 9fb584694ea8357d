package import Diagnostics

/// One step of a pipeline, on the model that the one before left.
package struct Stage: Hashable, Sendable {
  /// What a stage does, by the key that begins it.
  package enum Kind: String, CaseIterable, Sendable { case train, evaluate, generate, export }

  /// A stage's settings, by its kind.
  package indirect enum Work: Hashable, Sendable {
    case train(TrainStage)
    case evaluate(EvaluateStage)
    case generate(GenerateStage)
    case export(ExportStage)

    package var kind: Kind {
      switch self {
      case .train: .train
      case .evaluate: .evaluate
      case .generate: .generate
      case .export: .export
      }
    }
  }

  /// The kind unless `name:` says otherwise; unique in the pipeline (`evaluate`, `evaluate-2`).
  package let name: Setting<String>
  package let work: Work
  package let span: SourceSpan?
  /// As `stages[0]`.
  package let path: String
}

/// `train`: which weights, on which rows, how long and how.
package struct TrainStage: Hashable, Sendable {
  /// A section's name, or `section.part`.
  package let data: Setting<String>
  package let method: Method
  package let length: Length
  /// The epoch of the sampler, from 0, that training begins with; `epochs` counts those before.
  package let startEpoch: Setting<Int>
  package let batch: BatchSection
  package let optimizer: OptimizerSection
  package let schedule: ScheduleSection
  /// Nil: gradients are not clipped.
  package let clipNorm: Setting<Double>?
  /// What the backward pass computes again in the place of keeping it.
  package let recompute: Setting<Recomputation>
  package let checkpoint: CheckpointSection?
  package let evaluate: TrainingEvaluation?

  /// What is computed again in the backward pass.
  package enum Recomputation: String, CaseIterable, Sendable { case none, attention, block }

  /// Which weights are trained.
  package indirect enum Method: Hashable, Sendable {
    case full(FullSection)
    case lora(LoRASection)
  }

  /// How long training goes on.
  package enum Length: Hashable, Sendable {
    case epochs(Setting<Double>)
    case maxSteps(Setting<Int>)
  }
}

/// `full`: the model's own weights.
package struct FullSection: Hashable, Sendable {
  /// Nil trains every block.
  package let trainLast: Setting<Int>?
  /// `list` or `pattern`; nil leaves nothing alone.
  package let freeze: LoRASection.Targets?
  package let span: SourceSpan?

  package init(
    trainLast: Setting<Int>? = nil, freeze: LoRASection.Targets? = nil, span: SourceSpan? = nil
  ) {
    self.trainLast = trainLast
    self.freeze = freeze
    self.span = span
  }
}

/// `lora`: PEFT's words.
package struct LoRASection: Hashable, Sendable {
  /// Which biases are trained beside the adapter.
  package enum Bias: String, CaseIterable, Sendable { case none, all, loraOnly = "lora_only" }

  /// Which modules are adapted.
  package enum Targets: Hashable, Sendable {
    case list([Setting<String>])
    /// A string: a regular expression that matches the whole module path.
    case pattern(Setting<String>)
    /// `all-linear`.
    case allLinear(Setting<String>)
    /// Left out: PEFT's default for the family.
    case familyDefault
  }

  /// Rows of a table that are trained by themselves; without a module, of the tokens' table.
  package struct TokenSelection: Hashable, Sendable {
    package let module: String?
    package let ids: Setting<[Int]>
  }

  /// How new updates begin.
  package enum Start: String, CaseIterable, Sendable {
    case kaimingUniform = "true"
    case gaussian, pissa, olora
  }

  /// Learning rates of their own for the matrices of the updates.
  package struct LoRAPlus: Hashable, Sendable {
    package let ratio: Setting<Double>
    /// The rate of embeddings' updates; nil is ``defaultEmbeddingRate``.
    package let embeddingRate: Setting<Double>?

    /// PEFT's.
    package static let defaultEmbeddingRate = 1e-6
  }

  /// One entry of `rank_pattern` or `alpha_pattern`.
  package struct PatternValue<Value: Hashable & Sendable>: Hashable, Sendable {
    package let pattern: String
    package let value: Setting<Value>
  }

  package let rank: Setting<Int>
  package let alpha: Setting<Double>
  package let dropout: Setting<Double>
  package let bias: Setting<Bias>
  package let targetModules: Targets
  /// `list` or `pattern`; nil excludes nothing.
  package let excludeModules: Targets?
  package let layersToTransform: Setting<[Int]>?
  /// In the order of the text.
  package let rankPattern: [PatternValue<Int>]
  package let alphaPattern: [PatternValue<Double>]
  package let modulesToSave: [Setting<String>]
  package let useRSLoRA: Setting<Bool>
  package let useDoRA: Setting<Bool>
  /// Whether the second matrix of each update has a bias.
  package let loraBias: Setting<Bool>
  /// Nil: one learning rate for all.
  package let loraPlus: LoRAPlus?
  package let start: Setting<Start>
  /// Rows of tables that are trained by themselves, in the order of the text.
  package let trainableTokens: [TokenSelection]
  /// The directory of an adapter to go on from; nil starts anew.
  package let initialAdapter: Setting<String>?
  package let span: SourceSpan?
}

/// `optimizer`.
package struct OptimizerSection: Hashable, Sendable {
  /// The update rule, with what only it takes.
  package enum Kind: Hashable, Sendable {
    case sgd(momentum: Setting<Double>, nesterov: Setting<Bool>)
    case adam(AdamSection)
    case adamw(AdamSection)
  }
  package let kind: Kind
  package let learningRate: Setting<Double>
  package let weightDecay: Setting<Double>

  /// What Adam and AdamW share.
  package struct AdamSection: Hashable, Sendable {
    package let beta1: Setting<Double>
    package let beta2: Setting<Double>
    package let epsilon: Setting<Double>
    package let amsgrad: Setting<Bool>
  }
}

/// `schedule`.
package struct ScheduleSection: Hashable, Sendable {
  /// How the learning rate goes, with what only that schedule takes.
  package enum Kind: Hashable, Sendable {
    case constant
    case linear
    case cosine(cycles: Setting<Double>)
    case polynomial(power: Setting<Double>, endLearningRate: Setting<Double>)
    case inverseSquareRoot(timescale: Setting<Int>?)
    case step(every: Setting<Cadence>, gamma: Setting<Double>)
  }
  package let kind: Kind
  package let warmup: Setting<Warmup>

  /// Steps, or a share of all steps (`10%`).
  package enum Warmup: Hashable, Sendable {
    case steps(Int)
    case fraction(Double)
  }
}

/// `100 steps`, `1 epoch`.
package struct Cadence: Hashable, Sendable {
  /// What is counted.
  package enum Unit: String, CaseIterable, Sendable { case step, epoch }
  package let count: Int
  package let unit: Unit

  package init(count: Int, unit: Unit) {
    self.count = count
    self.unit = unit
  }
}

/// `checkpoint`.
package struct CheckpointSection: Hashable, Sendable {
  package let every: Setting<Cadence>
  /// How many are kept, the newest.
  package let keep: Setting<Int>
}

/// `evaluate` inside `train`.
package struct TrainingEvaluation: Hashable, Sendable {
  package let data: Setting<String>
  package let every: Setting<Cadence>
  package let measurement: MeasurementSection
}

/// `evaluate`.
package struct EvaluateStage: Hashable, Sendable {
  package let data: Setting<String>
  package let measurement: MeasurementSection
  package let batchSize: Setting<Int>
}

/// `generate`: greedy unless a temperature is given.
package struct GenerateStage: Hashable, Sendable {
  package let prompts: [Setting<String>]
  package let maxNewTokens: Setting<Int>
  package let temperature: Setting<Double>
  package let topK: Setting<Int>?
  package let topP: Setting<Double>?
  /// How many continuations are kept beside each other; 1 is greedy.
  package let beams: Setting<Int>
  /// The power of the length that a beam's score is divided by.
  package let lengthPenalty: Setting<Double>
  /// Render each prompt as a user's turn through the chat template.
  package let chat: Setting<Bool>
}

/// `export`.
package enum ExportStage: Hashable, Sendable {
  /// How weights are written.
  package enum Format: String, CaseIterable, Sendable { case safetensors, torch }

  /// PEFT's layout.
  case adapter(Setting<String>)
  /// Hugging Face layout, the adapter merged into the weights.
  case merged(Setting<String>, format: Setting<Format>)
}
