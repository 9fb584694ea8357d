import Models
import Pipelines

extension MethodFacts {
  /// What `plan` adapts of `model`; nil where the model is not known yet.
  init(_ plan: AdaptationPlan, _ loraPlus: LoRASection.LoRAPlus?, _ model: ModelDescription?) {
    switch plan.adaptation {
    case .full: self = .full(FullFacts(trainLast: nil, freeze: [], frozenCount: 0))
    case .partial(let selection):
      let entries =
        switch selection.freeze {
        case .list(let entries)?: entries
        case .pattern(let pattern)?: [pattern]
        case nil: [String]()
        }
      self = .full(
        FullFacts(
          trainLast: selection.trainLast, freeze: entries,
          frozenCount: plan.count.all - plan.count.trainable))
    case .lora(let specification):
      self = .lora(
        LoRAFacts(
          usesDoRA: specification.useDoRA, usesRSLoRA: specification.useRSLoRA,
          hasBias: specification.loraBias, start: specification.start.rawValue,
          loraPlusRatio: loraPlus?.ratio.value,
          trainedRows: plan.trainedRows.map {
            LoRAFacts.Entry(target: $0.path, count: $0.ids.count)
          },
          entries: Self.entries(of: plan), modules: plan.adapted.map(Self.module),
          modulesToSave: plan.savedModules,
          encoderLayerCount: model?.encoderLayerCount ?? 0,
          modulesByLayer: model.map { plan.adaptedModuleCounts(in: $0) } ?? []))
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
