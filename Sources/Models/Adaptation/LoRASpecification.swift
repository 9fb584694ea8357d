/// Which weights of a model are trained.
package enum Adaptation: Hashable, Sendable {
  /// All of them.
  case full
  /// Some of them, chosen by where they stand; the others stay as they are.
  case partial(WeightSelection)
  /// Low-rank updates beside chosen modules; the base stays as it is.
  case lora(LoRASpecification)
}

/// A LoRA configuration in PEFT's words.
///
/// Source: Hu et al. 2021, arXiv 2106.09685; PEFT's `LoraConfig`.
package struct LoRASpecification: Hashable, Sendable {
  /// Which biases are trained beside the updates.
  package enum Bias: String, CaseIterable, Sendable { case none, all, loraOnly = "lora_only" }

  /// A choice of modules by name.
  package enum Selection: Hashable, Sendable {
    /// Whole paths, or ends of paths that begin after a dot.
    case list([String])
    /// A regular expression that matches the whole path.
    case pattern(String)
  }

  /// `target_modules`.
  package enum Targets: Hashable, Sendable {
    case list([String])
    case pattern(String)
    /// Every linear module but the output head.
    case allLinear
    /// PEFT's choice for the family.
    case familyDefault
  }

  /// Rows of a table that are trained by themselves: `trainable_token_indices`.
  package struct TokenSelection: Hashable, Sendable {
    /// The table's module, by its path or the end of it; nil is the table of the model's tokens.
    package let module: String?
    package let ids: [Int]

    package init(module: String? = nil, ids: [Int]) {
      self.module = module
      self.ids = ids
    }
  }

  /// How the updates begin: `init_lora_weights`.
  package enum Start: String, CaseIterable, Sendable {
    /// A uniform as a linear layer's weight, B zero: PEFT's `true`.
    case kaimingUniform = "true"
    /// A normal of deviation 1 / r, B zero.
    case gaussian
    /// The largest singular vectors of the weight, which keeps the rest (arXiv 2404.02948).
    case pissa
    /// The first columns of the weight's QR decomposition; it keeps the rest (arXiv 2406.01775).
    case olora

    /// Whether the update begins as a part of the weight, which loses it.
    package var changesBase: Bool {
      switch self {
      case .kaimingUniform, .gaussian: false
      case .pissa, .olora: true
      }
    }
  }

  /// One entry of `rank_pattern` or `alpha_pattern`; of those that match a module the first counts.
  package struct PatternValue<Value: Hashable & Sendable>: Hashable, Sendable {
    package let pattern: String
    package let value: Value

    package init(_ pattern: String, _ value: Value) {
      self.pattern = pattern
      self.value = value
    }
  }

  package var rank: Int
  package var alpha: Double
  package var dropout: Double
  package var bias: Bias
  package var targets: Targets
  package var exclude: Selection?
  /// Nil or empty: all layers.
  package var layersToTransform: [Int]?
  /// What stands before a layer's number in a path; empty takes the first number.
  package var layersPattern: [String]
  package var rankPattern: [PatternValue<Int>]
  package var alphaPattern: [PatternValue<Double>]
  package var modulesToSave: [String]
  package var useRSLoRA: Bool
  /// Whether B has a bias.
  package var loraBias: Bool
  /// Whether the updates turn weights and a trained vector gives their lengths.
  package var useDoRA: Bool
  package var start: Start
  package var trainableTokens: [TokenSelection]

  package init(
    rank: Int, alpha: Double, dropout: Double = 0, bias: Bias = .none,
    targets: Targets = .familyDefault, exclude: Selection? = nil, layersToTransform: [Int]? = nil,
    layersPattern: [String] = [], rankPattern: [PatternValue<Int>] = [],
    alphaPattern: [PatternValue<Double>] = [], modulesToSave: [String] = [],
    useRSLoRA: Bool = false, loraBias: Bool = false, useDoRA: Bool = false,
    start: Start = .kaimingUniform, trainableTokens: [TokenSelection] = []
  ) {
    self.rank = rank
    self.alpha = alpha
    self.dropout = dropout
    self.bias = bias
    self.targets = targets
    self.exclude = exclude
    self.layersToTransform = layersToTransform
    self.layersPattern = layersPattern
    self.rankPattern = rankPattern
    self.alphaPattern = alphaPattern
    self.modulesToSave = modulesToSave
    self.useRSLoRA = useRSLoRA
    self.loraBias = loraBias
    self.useDoRA = useDoRA
    self.start = start
    self.trainableTokens = trainableTokens
  }
}
