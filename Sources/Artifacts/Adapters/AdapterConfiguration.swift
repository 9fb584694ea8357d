package import JSONSyntax

/// What `adapter_config.json` of a LoRA adapter says, in PEFT's terms.
///
/// Names, defaults and meaning are those of PEFT 0.21's `LoraConfig`; only what Hone has is here.
package struct AdapterConfiguration: Hashable, Sendable {
  /// Which modules are meant: by name, or by a regular expression over whole paths.
  package enum Targets: Hashable, Sendable {
    case names([String])
    /// A regular expression, or `all-linear`.
    case pattern(String)
  }

  /// Which biases are trained.
  package enum Bias: String, CaseIterable, Hashable, Sendable {
    case none
    case all
    case loraOnly = "lora_only"
  }

  /// How the low-rank matrices start.
  package enum Initialization: Hashable, Sendable {
    /// `true`: A uniform as a linear layer's weight, B zero.
    case kaimingUniform
    /// `false`: both as a linear layer's weight.
    case linearDefault
    /// `"gaussian"`: A normal, B zero.
    case gaussian
    /// `"orthogonal"`: both orthogonal.
    case orthogonal
  }

  /// Rows of a table that are trained by themselves; without a module, of the tokens' table.
  package struct TokenSelection: Hashable, Sendable {
    package let module: String?
    package let ids: [Int]

    package init(module: String? = nil, ids: [Int]) {
      self.module = module
      self.ids = ids
    }
  }

  /// An entry of `rank_pattern` or `alpha_pattern`; the first that matches a module counts.
  package struct Override<Value: Hashable & Sendable>: Hashable, Sendable {
    package let pattern: String
    package let value: Value

    package init(_ pattern: String, _ value: Value) {
      self.pattern = pattern
      self.value = value
    }
  }

  package var rank = 8
  package var targetModules: Targets
  package var excludeModules: Targets?
  package var alpha: Double = 8
  package var dropout: Double = 0
  package var fanInFanOut = false
  package var bias = Bias.none
  package var usesRankStabilizedScaling = false
  /// `lora_bias`.
  package var hasBias = false
  /// `use_dora`.
  package var isDecomposed = false
  package var modulesToSave: [String]?
  /// `trainable_token_indices`.
  package var trainableTokens: [TokenSelection] = []
  package var initialization = Initialization.kaimingUniform
  package var layersToTransform: [Int]?
  package var layersPattern: [String]?
  package var rankPattern: [Override<Int>] = []
  package var alphaPattern: [Override<Double>] = []
  package var taskType: String?
  package var baseModel: String?
  package var revision: String?
  package var autoMapping: JSONValue = .null
  /// Keys of the file that are neither known nor used, in its order; PEFT too goes on with them.
  package var ignoredKeys: [String] = []

  /// Doubles every rank at the same scales, for an adapter whose matrices stand beside those that it
  /// began as.
  package mutating func doubleRanks() {
    let factor = usesRankStabilizedScaling ? 2.0.squareRoot() : 2
    rank *= 2
    alpha *= factor
    rankPattern = rankPattern.map { Override($0.pattern, 2 * $0.value) }
    alphaPattern = alphaPattern.map { Override($0.pattern, factor * $0.value) }
  }

  /// Starts from PEFT's defaults.
  package init(targetModules: Targets) { self.targetModules = targetModules }
}
