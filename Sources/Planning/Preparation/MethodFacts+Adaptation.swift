import Models

extension MethodFacts {
  /// What `plan` adapts of a model of `layerCount` layers.
  init(_ plan: AdaptationPlan, layerCount: Int) {
    switch plan.adaptation {
    case .full: self = .full
    case .lora:
      self = .lora(
        LoRAFacts(
          entries: Self.entries(of: plan), modules: plan.adapted.map(Self.module),
          modulesToSave: plan.savedModules,
          modulesByLayer: plan.adaptedModuleCounts(layerCount: layerCount)))
    }
  }

  private static func module(_ module: AdaptedModule) -> LoRAFacts.Module {
    let (inputs, outputs) =
      switch module.kind {
      case .linear(let inputs, let outputs, _): (inputs, outputs)
      case .embedding(let count, let dimension): (count, dimension)
      case .norm, .container, .function: (0, 0)
      }
    return LoRAFacts.Module(
      path: module.path, rank: module.rank, scaling: module.scaling, inputDimension: inputs,
      outputDimension: outputs)
  }

  /// What `target_modules` matched; `all-linear` by the last part of each module's path.
  private static func entries(of plan: AdaptationPlan) -> [LoRAFacts.Entry] {
    guard case .lora(let specification) = plan.adaptation, case .allLinear = specification.targets
    else { return plan.targets.map { LoRAFacts.Entry(target: $0.entry, count: $0.count) } }
    var counts: [String: Int] = [:]
    var order: [String] = []
    for module in plan.adapted {
      let name = module.path.split(separator: ".").last.map(String.init) ?? module.path
      if counts[name] == nil { order.append(name) }
      counts[name, default: 0] += 1
    }
    return order.map { LoRAFacts.Entry(target: $0, count: counts[$0] ?? 0) }
  }
}
