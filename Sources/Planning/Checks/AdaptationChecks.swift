import Diagnostics
import Models
import Pipelines

/// What is held against an adapter's fall on a model, which its section and the headers tell.
struct CheckedAdaptation {
  let section: LoRASection
  let plan: AdaptationPlan
  let model: ModelDescription
}

/// The rules about what LoRA adapts, each in a file of its own.
enum AdaptationChecks {
  /// A rule: what it finds of one adapter.
  typealias Check = @Sendable (CheckedAdaptation) -> [Diagnostic]

  static let all: [Check] = [
    EntriesMatch.findings,
    RankWithinDimensions.findings,
    LowLayerCoverage.findings,
    TiedTargets.findings,
  ]
}

extension LoRASection {
  /// Warnings about how the section's adapter falls on `model`.
  func warnings(of plan: AdaptationPlan, on model: ModelDescription) -> [Diagnostic] {
    let checked = CheckedAdaptation(section: self, plan: plan, model: model)
    return AdaptationChecks.all.flatMap { $0(checked) }
  }
}
