import Artifacts
import Planning

/// The configuration of an adapter, in PEFT's words.
enum AdapterInspection {
  /// A line for each setting that is not PEFT's default.
  static func lines(_ configuration: AdapterConfiguration) -> [String] {
    var lines = [
      "LoRA adapter of \(configuration.baseModel ?? "an unnamed model")",
      "  r \(configuration.rank), alpha \(Quantities.compact(configuration.alpha)), "
        + "dropout \(Quantities.compact(configuration.dropout)), "
        + "bias \(configuration.bias.rawValue)",
      "  target_modules \(text(configuration.targetModules))",
    ]
    if let exclude = configuration.excludeModules {
      lines.append("  exclude_modules \(text(exclude))")
    }
    if let layers = configuration.layersToTransform {
      lines.append("  layers_to_transform \(layers.map(String.init).joined(separator: ", "))")
    }
    for entry in configuration.rankPattern {
      lines.append("  rank_pattern \(entry.pattern): \(entry.value)")
    }
    for entry in configuration.alphaPattern {
      lines.append("  alpha_pattern \(entry.pattern): \(Quantities.compact(entry.value))")
    }
    if let saved = configuration.modulesToSave, !saved.isEmpty {
      lines.append("  modules_to_save \(saved.joined(separator: ", "))")
    }
    if configuration.usesRankStabilizedScaling { lines.append("  use_rslora true") }
    if configuration.isDecomposed { lines.append("  use_dora true") }
    if configuration.hasBias { lines.append("  lora_bias true") }
    if !configuration.ignoredKeys.isEmpty {
      lines.append("  not used here: \(configuration.ignoredKeys.joined(separator: ", "))")
    }
    return lines
  }

  private static func text(_ targets: AdapterConfiguration.Targets) -> String {
    switch targets {
    case .names(let names): names.joined(separator: ", ")
    case .pattern(let pattern): "\"\(pattern)\""
    }
  }
}
