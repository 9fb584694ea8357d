import Diagnostics
import Pipelines

/// What happens every so often happens within the stage, whose rows tell its number of steps.
///
/// Cadences in the unit of the stage's own length are compared when the pipeline is read.
enum CadencesWithinRun {
  static func findings(_ stages: CheckedStages) -> [Diagnostic] {
    stages.training.flatMap { section, prepared in
      section.cadences.compactMap { cadence -> Diagnostic? in
        let every = cadence.every.value
        guard !section.tellsWhether(cadence),
          section.isTooLong(
            cadence, steps: every.steps(stepsPerEpoch: prepared.planner.stepsPerEpoch),
            warmupSteps: section.schedule.warmupSteps(of: prepared.totalSteps),
            totalSteps: prepared.totalSteps)
        else { return nil }
        let length = "\(Quantities.grouped(prepared.totalSteps)) steps"
        return Diagnostic(
          .warning, .cadenceExceedsRun, cadence.message(length: length), at: cadence.every.span,
          path: cadence.every.path, help: StageCadence.help)
      }
    }
  }
}
