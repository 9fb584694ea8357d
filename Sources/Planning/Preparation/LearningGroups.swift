import Models
import Pipelines
import Training

/// Which trained weights learn alike.
enum LearningGroups {
  /// One group, or with `loraPlus` those that PEFT's `create_loraplus_optimizer` makes; neighbours
  /// of one kind are one group.
  static func of(
    _ plan: AdaptationPlan, _ model: ModelDescription, _ loraPlus: LoRASection.LoRAPlus?,
    learningRate: Double
  ) -> [Optimizer.Group] {
    let layout = plan.layout
    guard let loraPlus else { return [Optimizer.Group(range: 0..<layout.count)] }
    let embeddingRate =
      loraPlus.embeddingRate?.value ?? LoRASection.LoRAPlus.defaultEmbeddingRate
    var groups: [Optimizer.Group] = []
    for (index, parameter) in plan.trainable.enumerated() {
      let (factor, decays): (Double, Bool) =
        switch plan.loraPlusRole(of: parameter, in: model) {
        case .first: (1, true)
        case .second(let decays): (loraPlus.ratio.value, decays)
        case .embedding: (embeddingRate / learningRate, true)
        }
      let start = layout.entries[index].offset
      let end =
        index + 1 < layout.entries.count ? layout.entries[index + 1].offset : layout.count
      if let last = groups.last, last.rateFactor == factor, last.decays == decays {
        groups[groups.count - 1] = Optimizer.Group(
          range: last.range.lowerBound..<end, rateFactor: factor, decays: decays)
      } else {
        groups.append(Optimizer.Group(range: start..<end, rateFactor: factor, decays: decays))
      }
    }
    return groups
  }
}

extension TrainStage.Method {
  /// The learning rates of the matrices, where they have their own.
  var loraPlus: LoRASection.LoRAPlus? {
    switch self {
    case .full: nil
    case .lora(let section): section.loraPlus
    }
  }
}
