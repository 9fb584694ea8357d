import Diagnostics
import Models
import Pipelines

/// Two modules that share one weight are not trained apart unawares.
enum TiedTargets {
  static func findings(_ checked: CheckedAdaptation) -> [Diagnostic] {
    checked.model.parameters.flatMap { parameter -> [Diagnostic] in
      guard let tied = parameter.tiedTo, let stored = checked.model.parameter(tied) else {
        return []
      }
      return [(parameter.module, stored.module), (stored.module, parameter.module)]
        .compactMap { finding(of: $0.0, beside: $0.1, checked) }
    }
  }

  private static func finding(
    of module: String, beside other: String, _ checked: CheckedAdaptation
  ) -> Diagnostic? {
    let isSaved = checked.plan.savedModules.contains { module == $0 || module.hasPrefix($0 + ".") }
    guard isSaved || checked.plan.adaptedModule(module) != nil else { return nil }
    let section = checked.section
    let place =
      isSaved
      ? section.modulesToSave.first { module.hasSuffix($0.value) }.map { ($0.span, $0.path) }
      : section.targetModules.place(ofModule: module)
    return Diagnostic(
      .warning, .tiedWeights,
      "`\(module)` shares its weight with `\(other)`: trained here, the two become different",
      at: place?.0 ?? section.span, path: place?.1,
      help: "leave it out; a merged export writes both and sets `tie_word_embeddings` to false, "
        + "which other programs may not expect of this model")
  }
}

extension LoRASection.Targets {
  /// Where the entry stands that names `module`.
  fileprivate func place(ofModule module: String) -> (SourceSpan?, String)? {
    switch self {
    case .list(let entries):
      entries.first { module == $0.value || module.hasSuffix("." + $0.value) }
        .map { ($0.span, $0.path) }
    case .pattern(let setting), .allLinear(let setting): (setting.span, setting.path)
    case .familyDefault: nil
    }
  }
}
