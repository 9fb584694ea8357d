import Diagnostics
import Models
import Pipelines

/// At least half of the layers are adapted, unless `layers_to_transform` says which ones.
enum LowLayerCoverage {
  static func findings(_ checked: CheckedAdaptation) -> [Diagnostic] {
    let (plan, section) = (checked.plan, checked.section)
    let (adapted, all) = (plan.adaptedLayers.count, checked.model.layerCount)
    guard section.layersToTransform == nil, 2 * adapted < all else { return [] }
    let place =
      isNarrowedByExclusion(plan, all)
      ? section.excludeModules?.place : section.targetModules.place
    let layers = plan.adaptedLayers.map(String.init).joined(separator: ", ")
    let isList =
      switch section.targetModules {
      case .list, .familyDefault: true
      case .pattern, .allLinear: false
      }
    let wayOut =
      isList && adapted > 0
      ? "name modules of all layers, or say which are meant: `layers_to_transform: [\(layers)]`"
      : "name modules of all layers, as `target_modules: all-linear`"
    return [
      Diagnostic(
        .warning, .lowCoverage,
        "\(adapted) of \(all) layers \(adapted == 1 ? "is" : "are") adapted"
          + (adapted == 0 ? "" : ": \(layers)"),
        at: place?.span ?? section.span, path: place?.path, help: wayOut)
    ]
  }

  /// Whether the layers would do if nothing were excluded.
  private static func isNarrowedByExclusion(_ plan: AdaptationPlan, _ all: Int) -> Bool {
    guard !plan.excluded.isEmpty else { return false }
    let excluded = plan.excluded.compactMap(ModelDescription.layer(ofModule:))
    return 2 * Set(plan.adaptedLayers + excluded).count >= all
  }
}

extension LoRASection.Targets {
  /// Where the targets stand; of a list its first entry.
  fileprivate var place: (span: SourceSpan?, path: String)? {
    switch self {
    case .list(let entries): entries.first.map { ($0.span, $0.path) }
    case .pattern(let setting), .allLinear(let setting): (setting.span, setting.path)
    case .familyDefault: nil
    }
  }
}
