package import JSONSyntax

extension AdapterConfiguration {
  /// Reads what the file at `path` says in `json`.
  ///
  /// A key that is not known is kept in ``ignoredKeys``; a feature that Hone does not have and
  /// that is on is refused, since an adapter without it is another model.
  ///
  /// - Throws: ``ArtifactError/adapter(path:_:)``.
  package init(_ json: JSONValue, path: String) throws(ArtifactError) {
    do throws(AdapterFlaw) {
      self = try AdapterConfigurationReader(object: json.object ?? JSONObject()).read()
    } catch { throw .adapter(path: path, error) }
  }
}

/// Reads keys one by one; a key that is missing or null has PEFT's default.
private struct AdapterConfigurationReader {
  let object: JSONObject

  /// Features that Hone does not have; null, false and empty are off.
  static let refusedFeatures = [
    "alora_invocation_tokens", "arrow_config", "corda_config", "ensure_weight_tying", "eva_config",
    "kasa_config", "layer_replication", "loftq_config", "lora_ga_config",
    "megatron_config", "monteclora_config", "target_parameters",
    "use_bdlora", "use_qalora", "velora_config",
  ]

  /// Keys that say nothing about what the adapter computes.
  static let harmlessKeys: Set<String> = [
    "inference_mode", "megatron_core", "peft_version", "qalora_group_size", "runtime_config",
  ]

  static let usedKeys: Set<String> = [
    "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "exclude_modules",
    "fan_in_fan_out", "init_lora_weights", "layers_pattern", "layers_to_transform", "lora_alpha",
    "lora_bias", "lora_dropout", "modules_to_save", "peft_type", "r", "rank_pattern", "revision",
    "target_modules", "task_type", "trainable_token_indices", "use_dora", "use_rslora",
  ]

  func read() throws(AdapterFlaw) -> AdapterConfiguration {
    guard let kind = try text("peft_type") else { throw .missingKey("peft_type") }
    guard kind == "LORA" else { throw .unsupportedKind(kind) }
    for key in Self.refusedFeatures {
      guard let value = object[key] else { continue }
      guard Self.isOff(value) else {
        throw .unsupportedFeature(key: key, value: String(value.text(.spaced).prefix(80)))
      }
    }
    guard let targets = try targets("target_modules") else { throw .missingKey("target_modules") }
    var configuration = AdapterConfiguration(targetModules: targets)
    configuration.excludeModules = try self.targets("exclude_modules")
    configuration.rank = try value("r", "a positive integer", Self.rank) ?? 8
    configuration.alpha = try value("lora_alpha", "a number", Self.finite) ?? 8
    configuration.dropout =
      try value("lora_dropout", "a number from 0 to below 1") { value in
        value.number.flatMap { (0..<1).contains($0) ? $0 : nil }
      } ?? 0
    configuration.fanInFanOut = try truth("fan_in_fan_out")
    configuration.bias =
      try value("bias", "`none`, `all` or `lora_only`") { value in
        value.string.flatMap(AdapterConfiguration.Bias.init)
      } ?? .none
    configuration.usesRankStabilizedScaling = try truth("use_rslora")
    configuration.trainableTokens = try tokens()
    configuration.hasBias = try truth("lora_bias")
    configuration.isDecomposed = try truth("use_dora")
    configuration.modulesToSave = try texts("modules_to_save")
    configuration.initialization = try initialization()
    configuration.layersToTransform = try value("layers_to_transform", "a list of integers") {
      $0.integer.map { [$0] } ?? Self.list($0, \.integer)
    }
    configuration.layersPattern = try texts("layers_pattern")
    configuration.rankPattern = try overrides("rank_pattern", "positive integers", Self.rank)
    configuration.alphaPattern = try overrides("alpha_pattern", "numbers", Self.finite)
    configuration.taskType = try text("task_type")
    configuration.baseModel = try text("base_model_name_or_path")
    configuration.revision = try text("revision")
    configuration.autoMapping = object["auto_mapping"] ?? .null
    let known = Self.usedKeys.union(Self.harmlessKeys).union(Self.refusedFeatures)
    configuration.ignoredKeys = object.members.map(\.key).filter { !known.contains($0) }
    try check(configuration)
    return configuration
  }

  /// The rules between keys that PEFT's configuration has.
  private func check(_ configuration: AdapterConfiguration) throws(AdapterFlaw) {
    if case .pattern = configuration.targetModules {
      if configuration.layersToTransform != nil {
        throw .conflictingKeys("layers_to_transform", "target_modules")
      }
      if configuration.layersPattern != nil {
        throw .conflictingKeys("layers_pattern", "target_modules")
      }
    }
    if configuration.layersPattern?.isEmpty == false, configuration.layersToTransform == nil {
      throw .needsKey("layers_to_transform", because: "layers_pattern")
    }
    if configuration.hasBias, configuration.isDecomposed {
      throw .conflictingKeys("lora_bias", "use_dora")
    }
  }

  private func tokens() throws(AdapterFlaw) -> [AdapterConfiguration.TokenSelection] {
    try value(
      "trainable_token_indices", "a list of token ids, or an object of such lists by module"
    ) { value in
      if let ids = Self.list(value, Self.token) { return ids.isEmpty ? [] : [.init(ids: ids)] }
      guard let members = value.object?.members else { return nil }
      let selections = members.compactMap { member in
        Self.list(member.value, Self.token).map {
          AdapterConfiguration.TokenSelection(module: member.key, ids: $0)
        }
      }
      return selections.count == members.count ? selections : nil
    } ?? []
  }

  private static func token(_ value: JSONValue) -> Int? {
    value.integer.flatMap { (0...Int(Int32.max)).contains($0) ? $0 : nil }
  }

  private func initialization() throws(AdapterFlaw) -> AdapterConfiguration.Initialization {
    switch object["init_lora_weights"] ?? true {
    case .bool(true), .null: return .kaimingUniform
    case .bool(false): return .linearDefault
    case .string("gaussian"): return .gaussian
    case .string("orthogonal"): return .orthogonal
    case let other:
      // The others change the base model's weights, or need data to start from.
      throw .unsupportedFeature(
        key: "init_lora_weights", value: String(other.text(.spaced).prefix(80)))
    }
  }

  private func value<Value>(
    _ key: String, _ expected: String, _ convert: (JSONValue) -> Value?
  ) throws(AdapterFlaw) -> Value? {
    guard let value = object[key], !value.isNull else { return nil }
    guard let converted = convert(value) else { throw .badValue(key: key, expected: expected) }
    return converted
  }

  private func text(_ key: String) throws(AdapterFlaw) -> String? {
    try value(key, "a string") { $0.string }
  }

  private func truth(_ key: String) throws(AdapterFlaw) -> Bool {
    try value(key, "`true` or `false`") { $0.bool } ?? false
  }

  private func texts(_ key: String) throws(AdapterFlaw) -> [String]? {
    try value(key, "a list of strings") { $0.string.map { [$0] } ?? Self.list($0, \.string) }
  }

  private func targets(_ key: String) throws(AdapterFlaw) -> AdapterConfiguration.Targets? {
    try value(key, "a string or a list of strings") { value in
      value.string.map { .pattern($0) } ?? Self.list(value, \.string).map { .names($0) }
    }
  }

  private func overrides<Value: Hashable & Sendable>(
    _ key: String, _ kind: String, _ convert: (JSONValue) -> Value?
  ) throws(AdapterFlaw) -> [AdapterConfiguration.Override<Value>] {
    try value(key, "an object of \(kind)") { value in
      guard let members = value.object?.members else { return nil }
      let overrides = members.compactMap { member in
        convert(member.value).map { AdapterConfiguration.Override(member.key, $0) }
      }
      return overrides.count == members.count ? overrides : nil
    } ?? []
  }

  private static func rank(_ value: JSONValue) -> Int? {
    value.integer.flatMap { (1...1_000_000).contains($0) ? $0 : nil }
  }

  private static func finite(_ value: JSONValue) -> Double? {
    value.number.flatMap { $0.isFinite ? $0 : nil }
  }

  private static func list<Element>(
    _ value: JSONValue, _ convert: (JSONValue) -> Element?
  ) -> [Element]? {
    guard let elements = value.array else { return nil }
    let converted = elements.compactMap(convert)
    return converted.count == elements.count ? converted : nil
  }

  private static func isOff(_ value: JSONValue) -> Bool {
    switch value {
    case .null, .bool(false): true
    case .array(let elements): elements.isEmpty
    case .object(let object): object.members.isEmpty
    case .bool, .integer, .number, .string: false
    }
  }
}
