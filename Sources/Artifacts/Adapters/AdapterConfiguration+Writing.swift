package import JSONSyntax

extension AdapterConfiguration {
  /// The version of PEFT whose form is written.
  package static let peftVersion = "0.21.2"

  /// The text of `adapter_config.json` as PEFT writes it: all keys, sorted, indented by two.
  ///
  /// One thing differs from PEFT: the patterns keep their order, as the first match counts.
  package var text: String { json.text(.indented) }

  /// The value of `adapter_config.json`, keys sorted.
  package var json: JSONValue {
    let patterns = JSONObject(rankPattern.map { ($0.pattern, .integer(Int64($0.value))) })
    let alphas = JSONObject(alphaPattern.map { ($0.pattern, Self.whole($0.value)) })
    return [
      "alora_invocation_tokens": nil,
      "alpha_pattern": .object(alphas),
      "arrow_config": nil,
      "auto_mapping": autoMapping,
      "base_model_name_or_path": Self.text(baseModel),
      "bias": .string(bias.rawValue),
      "corda_config": nil,
      "ensure_weight_tying": false,
      "eva_config": nil,
      "exclude_modules": excludeModules.map(Self.targets) ?? nil,
      "fan_in_fan_out": .bool(fanInFanOut),
      "inference_mode": true,
      "init_lora_weights": initializationValue,
      "kasa_config": nil,
      "layer_replication": nil,
      "layers_pattern": Self.texts(layersPattern),
      "layers_to_transform": layersToTransform.map { .array($0.map { .integer(Int64($0)) }) }
        ?? nil,
      "loftq_config": [:],
      "lora_alpha": Self.whole(alpha),
      "lora_bias": .bool(hasBias),
      "lora_dropout": .number(dropout),
      "lora_ga_config": nil,
      "megatron_config": nil,
      "megatron_core": "megatron.core",
      "modules_to_save": Self.texts(modulesToSave),
      "monteclora_config": nil,
      "peft_type": "LORA",
      "peft_version": .string(Self.peftVersion),
      "qalora_group_size": 16,
      "r": .integer(Int64(rank)),
      "rank_pattern": .object(patterns),
      "revision": Self.text(revision),
      "target_modules": Self.targets(targetModules),
      "target_parameters": nil,
      "task_type": Self.text(taskType),
      "trainable_token_indices": tokenIndices,
      "use_bdlora": nil,
      "use_dora": .bool(isDecomposed),
      "use_qalora": false,
      "use_rslora": .bool(usesRankStabilizedScaling),
      "velora_config": nil,
    ]
  }

  /// A list for the tokens' table, or an object of lists by module.
  private var tokenIndices: JSONValue {
    func list(_ ids: [Int]) -> JSONValue { .array(ids.map { .integer(Int64($0)) }) }
    if trainableTokens.isEmpty { return .null }
    if trainableTokens.count == 1, let only = trainableTokens.first, only.module == nil {
      return list(only.ids)
    }
    return .object(
      JSONObject(trainableTokens.map { ($0.module ?? "embed_tokens", list($0.ids)) }))
  }

  private var initializationValue: JSONValue {
    switch initialization {
    case .kaimingUniform: true
    case .linearDefault: false
    case .gaussian: "gaussian"
    case .orthogonal: "orthogonal"
    }
  }

  private static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

  private static func texts(_ values: [String]?) -> JSONValue {
    values.map { .array($0.map { .string($0) }) } ?? .null
  }

  /// PEFT keeps a set here, which has no order.
  private static func targets(_ targets: Targets) -> JSONValue {
    switch targets {
    case .names(let names):
      texts(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    case .pattern(let pattern): .string(pattern)
    }
  }

  /// A whole number without a fraction, as Python writes an `int`.
  private static func whole(_ value: Double) -> JSONValue {
    Int64(exactly: value).map { .integer($0) } ?? .number(value)
  }
}
