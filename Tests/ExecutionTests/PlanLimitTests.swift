import Diagnostics
import Pipelines
import Planning
import Testing

/// Plans held against what they may cost.
struct PlanLimitTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func findings(
    _ limits: PlanLimits, _ text: String, secondsPerUnit: Double = 1e-9
  ) throws -> [Diagnostic] {
    limits.diagnostics(
      of: Replanning(
        try place.plan(text), backend: place.backend, honeVersion: "test",
        calibration: Calibration { _ in secondsPerUnit }))
  }

  private var text: String {
    place.text(
      Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj, v_proj]")
        .replacing("size: 2", with: "size: 8"))
  }

  @Test func aPlanBelowItsLimitsIsNothingToReport() throws {
    #expect(try findings(PlanLimits(memory: 1 << 40, time: 1e8), text).isEmpty)
    #expect(PlanLimits().isEmpty)
  }

  @Test func theHelpNamesABatchThatFitsWhenPlannedAgain() throws {
    let peak = try place.plan(text).plan.memory.peakBytes
    let smaller = try place.plan(text.replacing("size: 8", with: "size: 4, accumulate: 2")).plan
      .memory.peakBytes
    #expect(smaller < peak)
    let found = try findings(PlanLimits(memory: smaller), text)
    #expect(found.map(\.code) == [.memoryAboveLimit])
    #expect(found[0].path == "stages[0].train.batch.size", "\(found)")
    #expect(found[0].span?.start.line == 16)
    #expect(
      found[0].help
        == "`batch.size: 4` with `accumulate: 2` needs \(Quantities.bytes(smaller))")
  }

  @Test func whatNeverFitsSaysTheLeastThatIsNeeded() throws {
    let found = try findings(PlanLimits(memory: 1000), text)
    #expect(found[0].help?.hasPrefix("even `batch.size: 1` with `accumulate: 8`") == true)
    #expect(found[0].help?.hasSuffix("take a smaller model, or allow more") == true)
  }

  @Test func trainingAllWeightsIsGovernedByTheMethod() throws {
    let full = place.text(
      """
        - train:
            data: rows.train
            method: {full: {}}
            max_steps: 2
            batch: {size: 1}
            optimizer: {adamw: {learning_rate: 1e-2}}

      """)
    let found = try findings(PlanLimits(memory: 1000), full)
    #expect(found[0].path == "stages[0].train.method", "\(found)")
    #expect(found[0].message.contains("trained weights, gradients and the optimizer's state take"))
  }

  @Test func theHelpNamesALengthThatEndsInTime() throws {
    let calibration = Calibration { _ in 1e-9 }
    let whole = PlanEstimate(try place.plan(text), calibration).seconds
    let found = try findings(PlanLimits(time: whole / 2), text)
    #expect(found.map(\.code) == [.timeAboveLimit])
    #expect(found[0].path == "stages[0].train.epochs")
    let help = try #require(found[0].help)
    let value = try #require(help.split(separator: "`").first?.split(separator: " ").last)
    let epochs = try #require(Double(value))
    #expect(epochs > 0 && epochs < 3)
    let shorter = text.replacing("epochs: 3", with: "epochs: \(value)")
    #expect(PlanEstimate(try place.plan(shorter), calibration).seconds <= whole / 2)
  }

  @Test(arguments: [
    ("2GiB", 2 << 30), ("1.5GiB", 3 << 29), ("500MB", 500_000_000), ("500 MB", 500_000_000),
    ("10KiB", 10240), ("7B", 7), ("1TiB", 1 << 40), ("3KB", 3000), ("2GB", 2_000_000_000),
  ])
  func sizesAreRead(text: String, bytes: Int) {
    #expect(Quantities.bytes(parsing: text) == bytes)
  }

  @Test(arguments: [
    "", "2", "2G", "2gib", "GiB", "-1GiB", "1e3MB", "1.GiB", ".5GiB", "0B", "1,5GiB", "2 GiB ",
    "99999999999TiB", "0x10B", "٢GiB",
  ])
  func noSizeIsRefused(text: String) { #expect(Quantities.bytes(parsing: text) == nil) }

  @Test(arguments: [
    ("90s", 90.0), ("30m", 1800), ("2h", 7200), ("1h30m", 5400), ("1d", 86400), ("1.5h", 5400),
    ("1d2h3m4s", 93784),
  ])
  func durationsAreRead(text: String, seconds: Double) {
    #expect(Quantities.seconds(parsing: text) == seconds)
  }

  @Test(arguments: ["", "2", "2 h", "30m1h", "1h1h", "h", "-1h", "1H", "0s", "1w", "1h30", "٣m"])
  func noDurationIsRefused(text: String) { #expect(Quantities.seconds(parsing: text) == nil) }
}
