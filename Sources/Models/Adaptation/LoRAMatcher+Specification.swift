import LinearAlgebra
import RegularExpressions

extension LoRAMatcher {
  /// Refuses numbers and combinations that PEFT's `LoraConfig` refuses.
  static func checkNumbers(_ specification: LoRASpecification) throws(ModelError) {
    let ranks =
      [("r", specification.rank)] + specification.rankPattern.map { ("rank_pattern", $0.value) }
    for (key, rank) in ranks where !(1...65_536).contains(rank) {
      throw .invalidSetting(key: key, found: String(rank), expected: "from 1 to 65536")
    }
    let alphas =
      [("alpha", specification.alpha)]
      + specification.alphaPattern.map { ("alpha_pattern", $0.value) }
    for (key, alpha) in alphas where !(alpha > 0 && Float(alpha).isFinite) {
      throw .invalidSetting(key: key, found: "\(alpha)", expected: "a number above 0")
    }
    if !(specification.dropout >= 0 && specification.dropout < 1) {
      throw .invalidSetting(
        key: "dropout", found: "\(specification.dropout)", expected: "from 0 up to but not 1")
    }
    if specification.loraBias, specification.useDoRA {
      throw .conflictingSettings("lora_bias", "`use_dora`")
    }
    if specification.loraBias, specification.start != .kaimingUniform {
      throw .conflictingSettings(
        "lora_bias", "`init_lora_weights: \(specification.start.rawValue)`")
    }
    let hasLayers = specification.layersToTransform != nil
    if !hasLayers, !specification.layersPattern.isEmpty {
      throw .conflictingSettings("layers_pattern", "`layers_to_transform` left out")
    }
    switch specification.targets {
    case .pattern where hasLayers, .allLinear where hasLayers:
      throw .conflictingSettings("layers_to_transform", "`target_modules` written as one string")
    case .list(let entries) where entries.isEmpty: throw .nothingTrainable
    case .list, .pattern, .allLinear, .familyDefault: break
    }
  }

  /// Whether the module's weight can lose a part to its update.
  func checkStart(of module: Module, rank: Int) throws(ModelError) {
    guard specification.start.changesBase,
      case .linear(let inputs, let outputs, _) = module.kind
    else { return }
    let start = specification.start.rawValue
    if rank > min(inputs, outputs) {
      throw .invalidSetting(
        key: "r", found: String(rank),
        expected: "at most \(min(inputs, outputs)) for `\(module.path)` with "
          + "`init_lora_weights: \(start)`")
    }
    if min(inputs, outputs) > Factorization.longestSide {
      throw .unsupportedTarget(
        module: module.path, reason: "it is too large for `init_lora_weights: \(start)`")
    }
    let isShared = model.parameters.contains {
      $0.tiedTo != nil && [$0.name, $0.tiedTo].contains(module.weight)
    }
    if isShared {
      throw .unsupportedTarget(
        module: module.path,
        reason: "`init_lora_weights: \(start)` changes its weight, which another module shares")
    }
  }

  /// What `target_modules` names; `all-linear` becomes the whole paths of the linear modules.
  static func selector(_ targets: LoRASpecification.Targets, _ model: ModelDescription)
    throws(ModelError) -> ModuleSelector
  {
    let key = "target_modules"
    switch targets {
    case .list(let entries): return try ModuleSelector(.list(entries), key: key)
    case .pattern(let pattern): return try ModuleSelector(.pattern(pattern), key: key)
    case .familyDefault:
      if model.family.defaultTargets.isEmpty {
        throw .invalidSetting(
          key: key, found: "nothing",
          expected: "named for `\(model.family.rawValue)`, for which PEFT has no default")
      }
      return try ModuleSelector(.list(model.family.defaultTargets), key: key)
    case .allLinear:
      let linear = model.moduleTree.modules.filter { module in
        switch module.kind {
        case .linear: !module.isOutputHead
        case .embedding, .norm, .container, .function: false
        }
      }
      return try ModuleSelector(.list(linear.map(\.path)), key: key)
    }
  }

  /// The pattern of an entry of `rank_pattern` or `alpha_pattern` over a whole path.
  static func ofModule(_ key: String) -> String { "(.*\\.)?(\(key))$" }

  static func compiled(
    _ entries: [String], key: String, _ pattern: (String) -> String
  ) throws(ModelError) -> [RegularExpression] {
    var result: [RegularExpression] = []
    for entry in entries {
      result.append(try ModuleSelector.compiled(pattern(entry), entry, key: key))
    }
    return result
  }
}
