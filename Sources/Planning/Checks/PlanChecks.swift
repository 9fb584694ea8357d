import Diagnostics
import Pipelines
import Tensors

/// What a pipeline amounts to, as far as its stages could be prepared.
struct CheckedStages {
  let pipeline: Pipeline
  let model: PreparedModel
  let data: PreparedData
  let backend: BackendCapabilities
  /// By name; a stage that could not be prepared is missing.
  let stages: [PreparedStage]

  /// The train stages that could be prepared, with their sections.
  var training: [(section: TrainStage, prepared: PreparedTraining)] {
    pipeline.stages.compactMap { stage in
      guard case .train(let section) = stage.work,
        case .train(let prepared)? = stages.first(where: { $0.name == stage.name.value })?.work
      else { return nil }
      return (section, prepared)
    }
  }
}

/// The rules that take the number of steps and the rows of stages, each in a file of its own.
enum PlanChecks {
  /// A rule: what it finds.
  typealias Check = @Sendable (CheckedStages) -> [Diagnostic]

  static let all: [Check] = [
    BackendKeepsType.findings,
    CadencesWithinRun.findings,
    RowsAreHeldOut.findings,
    RowsBeginOnce.findings,
  ]

  /// What all rules find.
  static func findings(_ stages: CheckedStages) -> [Diagnostic] { all.flatMap { $0(stages) } }
}
