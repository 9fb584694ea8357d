import Diagnostics

/// `layers_to_transform` narrows a list of names, as in PEFT.
enum LayersNeedTargetList {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      guard case .lora(let lora) = train.method, let layers = lora.layersToTransform,
        findings.isSound(layers)
      else { continue }
      let text: Setting<String>
      switch lora.targetModules {
      case .pattern(let pattern), .allLinear(let pattern): text = pattern
      case .list, .familyDefault: continue
      }
      findings.report(
        .conflictingKeys,
        "`layers_to_transform` has no place beside a text in `target_modules`", at: layers.span,
        layers.path,
        help: "make `target_modules` a list, or put the layers into the regular expression",
        notes: [Diagnostic.Note("`target_modules` is a text here", at: text.span)])
    }
  }
}
