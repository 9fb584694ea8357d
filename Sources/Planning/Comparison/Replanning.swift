import Diagnostics
import Pipelines
package import Tensors

/// Plans pipelines that are like one that is planned already: what they share is not read again.
package struct Replanning: Sendable {
  /// The plan as it was said.
  package let run: PreparedRun
  private let backend: any ComputeBackend
  private let honeVersion: String
  /// What the backend was measured to do; nil where it was not.
  let calibration: Calibration?

  /// Plans what is like `run`, for the same backend.
  package init(
    _ run: PreparedRun, backend: any ComputeBackend, honeVersion: String,
    calibration: Calibration? = nil
  ) {
    self.run = run
    self.backend = backend
    self.honeVersion = honeVersion
    self.calibration = calibration
  }

  /// The run of `pipeline`, and what is wrong with it where there is none.
  func plan(
    _ pipeline: Pipeline
  ) -> (run: PreparedRun?, problems: [Diagnostic]) {
    let (run, diagnostics) = Planner(pipeline, backend: backend, honeVersion: honeVersion)
      .prepare(after: run)
    return (run, diagnostics.filter { $0.severity == .error })
  }

  /// The types in which the backend can keep frozen weights.
  var weightTypes: [DType] { backend.capabilities.weightTypes }

  /// How long `run` takes; nil where the backend was not measured.
  func seconds(of run: PreparedRun) -> Double? {
    calibration.map { PlanEstimate(run, $0).seconds }
  }
}
