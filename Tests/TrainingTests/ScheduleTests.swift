import JSONSyntax
import Testing
import Training

struct ScheduleTests {
  /// The kind that a case of schedules.json names.
  private func kind(_ entry: JSONValue) throws -> LearningRateSchedule.Kind {
    let gamma = entry["gamma"]?.number ?? 0
    switch try #require(entry["kind"]?.string) {
    case "constant": return .constant
    case "linear": return .linear
    case "cosine": return .cosine(cycles: try #require(entry["cycles"]?.number))
    case "polynomial":
      return .polynomial(
        power: try #require(entry["power"]?.number),
        endLearningRate: try #require(entry["end"]?.number))
    case "inverse_sqrt": return .inverseSquareRoot(timescale: entry["timescale"]?.integer)
    case "step":
      if let epochs = entry["epochs"]?.integer {
        return .step(every: epochs, unit: .epoch, gamma: gamma)
      }
      return .step(every: try #require(entry["steps"]?.integer), unit: .step, gamma: gamma)
    case let other:
      Issue.record("unknown schedule \(other)")
      return .constant
    }
  }

  @Test func everyScheduleGivesTheRatesOfTransformersAndTorch() throws {
    let table = try fixture("schedules.json")
    let rate = try #require(table["learning_rate"]?.number)
    let cases = try #require(table["cases"]?.array)
    #expect(cases.count > 40)
    for entry in cases {
      let schedule = try LearningRateSchedule(
        kind(entry), learningRate: rate, warmupSteps: entry["warmup"]?.integer ?? 0,
        totalSteps: entry["total"]?.integer ?? 50,
        stepsPerEpoch: entry["steps_per_epoch"]?.integer ?? 1)
      let expected = try #require(entry["rates"]).numbers
      #expect(expected.count == 50)
      for (step, value) in expected.enumerated() {
        let found = schedule.learningRate(atStep: step)
        #expect(
          abs(found - value) <= 1e-12 * rate,
          "\(schedule.kind), warm-up \(schedule.warmupSteps), step \(step)")
      }
    }
  }

  @Test func aWarmupMultipliesWhatAScheduleByEpochsHasReached() throws {
    let schedule = try LearningRateSchedule(
      .step(every: 1, unit: .epoch, gamma: 0.5), learningRate: 1, warmupSteps: 4, totalSteps: 8,
      stepsPerEpoch: 2)
    let rates = (0..<8).map { schedule.learningRate(atStep: $0) }
    #expect(rates == [0, 0.25, 0.25, 0.375, 0.25, 0.25, 0.125, 0.125])
  }

  @Test func numbersThatMakeNoScheduleAreRefused() {
    #expect(throws: LearningRateSchedule.ScheduleError.warmupExceedsSteps(warmup: 9, steps: 8)) {
      try LearningRateSchedule(.linear, learningRate: 1, warmupSteps: 9, totalSteps: 8)
    }
    #expect(throws: LearningRateSchedule.ScheduleError.endAboveStart(end: 2, start: 1)) {
      try LearningRateSchedule(
        .polynomial(power: 1, endLearningRate: 2), learningRate: 1, totalSteps: 8)
    }
    #expect(throws: LearningRateSchedule.ScheduleError.intervalBelowOne(0)) {
      try LearningRateSchedule(
        .step(every: 0, unit: .step, gamma: 0.5), learningRate: 1, totalSteps: 8)
    }
    #expect(throws: LearningRateSchedule.ScheduleError.timescaleBelowOne(0)) {
      try LearningRateSchedule(
        .inverseSquareRoot(timescale: 0), learningRate: 1, totalSteps: 8)
    }
  }
}
