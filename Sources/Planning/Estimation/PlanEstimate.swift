package import JSONSyntax

/// How long a plan takes, estimated from what the backend was measured to do.
///
/// Beside the plan, not in it: the same plan is the same bytes on a faster machine.
package struct PlanEstimate: Hashable, Sendable {
  /// One stage's share.
  package struct Stage: Hashable, Sendable {
    package let name: String
    package let seconds: Double
  }

  /// In the order of the plan's stages.
  package let stages: [Stage]

  /// All stages together.
  package var seconds: Double { stages.reduce(0) { $0 + $1.seconds } }

  /// Estimates `run` for a backend that was measured as `calibration` says.
  package init(_ run: PreparedRun, _ calibration: Calibration) {
    stages = run.stages.map {
      Stage(name: $0.name, seconds: calibration.seconds(for: $0.cost))
    }
  }

  /// The estimate as JSON.
  package var json: JSONValue {
    [
      "seconds": .number(seconds),
      "stages": .array(
        stages.map { ["name": .string($0.name), "seconds": .number($0.seconds)] }),
    ]
  }
}
