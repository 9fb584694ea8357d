import ArgumentParser
import Diagnostics
import Planning

/// What a plan may cost at most.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Refuse a plan that needs more memory at the peak, as 2GiB or 500MB.", valueName: "size"),
    transform: Self.bytes)
  var maxMemory: Int?

  @Option(
    help: ArgumentHelp(
      "Refuse a plan that takes longer by the estimate, as 90s, 30m, 2h or 1h30m.",
      valueName: "duration"),
    transform: Self.seconds)
  var maxTime: Double?

  private static func bytes(_ text: String) throws -> Int {
    guard let bytes = Quantities.bytes(parsing: text) else {
      throw ValidationError("`\(text)` is no size; write it as 2GiB, 1.5GiB, 500MB or 800000B")
    }
    return bytes
  }

  private static func seconds(_ text: String) throws -> Double {
    guard let seconds = Quantities.seconds(parsing: text) else {
      throw ValidationError("`\(text)` is no duration; write it as 90s, 30m, 2h, 1h30m or 1d")
    }
    return seconds
  }

  private var limits: PlanLimits { PlanLimits(memory: maxMemory, time: maxTime) }

  /// Whether nothing is limited.
  var isEmpty: Bool { limits.isEmpty }

  /// Prints what of `planned` is above a limit, and whether anything is.
  func exceeded(by planned: PlannedPipeline, _ terminal: Terminal) -> Bool {
    guard !limits.isEmpty else { return false }
    var found = DiagnosticBag()
    for entry in planned.cases {
      let calibration = maxTime == nil ? nil : MeasuredBackends.calibration(of: entry.backend)
      if maxTime != nil, calibration == nil {
        found.report(
          Diagnostic(
            .error, .timeAboveLimit,
            "the backend could not be measured, so nothing is known of the time",
            help: "leave `--max-time` out, or plan for another backend"))
      }
      for diagnostic in limits.diagnostics(of: entry.replanning(calibration)) {
        found.report(diagnostic)
      }
    }
    terminal.show(found.sorted, planned.sources)
    return found.hasErrors
  }
}
