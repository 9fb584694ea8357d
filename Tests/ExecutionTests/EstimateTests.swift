import Artifacts
import CPUBackend
import JSONSyntax
import Planning
import ReferenceBackend
import Tensors
import Testing

/// A clock that goes on by a thousandth of a second whenever it is asked.
private final class CountingClock {
  private var count = 0

  func now() -> Double {
    count += 1
    return Double(count) / 1000
  }
}

/// A clock whose steps grow from one question to the next and begin anew after sixteen.
private final class UnsteadyClock {
  private var count = 0
  private var time = 0.0

  func now() -> Double {
    count += 1
    time += Double(1 + count % 16) / 4000
    return time
  }
}

struct EstimateTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private let calibration = Calibration { _ in 1e-9 }

  private func seconds(_ stages: String) throws -> [Double] {
    PlanEstimate(try place.plan(place.text(stages)), calibration).stages.map(\.seconds)
  }

  @Test func twiceTheStepsTakeTwiceTheTime() throws {
    let once = try #require(try seconds(Workplace.lora(length: "epochs: 2")).first)
    let twice = try #require(try seconds(Workplace.lora(length: "epochs: 4")).first)
    #expect(once > 0)
    // Shuffled rows fall into other shapes in each epoch: no more than a fifth.
    #expect(abs(twice / once - 2) < 0.4)
  }

  @Test func trainingTakesMoreThanMeasuringTheSameRows() throws {
    let times = try seconds(
      Workplace.lora(length: "epochs: 1")
        + "  - evaluate: {data: rows.train, batch_size: 2}\n"
        + place.export("adapter", "adapter"))
    #expect(times[0] > 1.5 * times[1])
    #expect(times[2] == 0)
  }

  @Test func evaluationOnTheWayTakesTime() throws {
    let without = try #require(try seconds(Workplace.lora()).first)
    let with = try #require(
      try seconds(Workplace.lora(rest: "evaluate: {data: rows.eval, every: 1 step}")).first)
    #expect(with > without)
  }

  @Test func moreNewTokensTakeLonger() throws {
    func time(_ count: Int) throws -> Double {
      try #require(
        try seconds("  - generate: {prompts: [\"the cat\"], max_new_tokens: \(count)}\n").first)
    }
    #expect(try time(40) > 3 * time(4))
  }

  @Test func aBackendIsMeasuredByItsOwnPrograms() throws {
    let clock = CountingClock()
    let measured = try Calibration.measuring(CPUBackend(threads: 1), now: clock.now)
    for kind in StageCost.Kind.allCases {
      #expect(measured.seconds(perUnitOf: kind) > 0, "\(kind)")
    }
    #expect(Calibration(json: try JSONValue(parsing: measured.json.text())) == measured)
  }

  @Test func aSlowBackendIsMeasuredByTheSmallProgramsAlone() throws {
    // With a clock of its own, nothing but the number of questions counts: it ends.
    let measured = try Calibration.measuring(ReferenceBackend(), now: CountingClock().now)
    #expect(measured.seconds(perUnitOf: .products) > 0)
  }

  @Test func whatWasMeasuredOnceIsReadTheNextTime() throws {
    let backend = CPUBackend(threads: 1)
    let cache = CalibrationCache(
      directory: place.path("cache"), machine: "here", honeVersion: "test")
    #expect(cache.known(for: backend.capabilities) == nil)
    let first = try #require(cache.calibration(of: backend, now: CountingClock().now))
    let slow = CountingClock()
    let second = cache.calibration(of: backend) { slow.now() * 50 }
    #expect(second == first)
    #expect(cache.known(for: backend.capabilities) == first)
    let elsewhere = CalibrationCache(
      directory: place.path("cache"), machine: "there", honeVersion: "test")
    #expect(elsewhere.known(for: backend.capabilities) == nil)
    #expect(
      cache.known(for: BackendCapabilities(name: "cpu", weightTypes: [], threads: 7)) == nil)
  }

  @Test func whatWasMeasuredOnABusyMachineIsMeasuredAgain() throws {
    let backend = CPUBackend(threads: 1)
    let cache = CalibrationCache(
      directory: place.path("cache"), machine: "here", honeVersion: "test")
    #expect(cache.improved(of: backend, now: CountingClock().now) == nil, "nothing is known yet")
    // Of the runs of a probe most take twice as long as the fastest.
    let busy = UnsteadyClock()
    let first = try #require(cache.calibration(of: backend, now: busy.now))
    #expect(!first.isSteady)
    #expect(cache.calibration(of: backend, now: CountingClock().now) == first, "plans say it twice")
    let second = try #require(cache.improved(of: backend, now: CountingClock().now))
    #expect(second.isSteady)
    #expect(second.measurements == 2)
    for kind in StageCost.Kind.allCases {
      #expect(second.seconds(perUnitOf: kind) <= first.seconds(perUnitOf: kind))
    }
    #expect(cache.improved(of: backend, now: busy.now) == second, "at rest once is enough")
  }

  @Test func aMachineThatNeverRestsIsNotMeasuredForEver() throws {
    let backend = CPUBackend(threads: 1)
    let cache = CalibrationCache(
      directory: place.path("cache"), machine: "here", honeVersion: "test")
    let busy = UnsteadyClock()
    #expect(cache.calibration(of: backend, now: busy.now)?.measurements == 1)
    for count in 2...5 {
      #expect(cache.improved(of: backend, now: busy.now)?.measurements == count)
    }
    #expect(cache.improved(of: backend, now: busy.now)?.measurements == 5)
  }

  @Test(arguments: ["", "{", "[]", #"{"format": 2, "backends": 3}"#, #"{"format": 9}"#])
  func aBrokenCacheIsNoCache(text: String) throws {
    try place.write("cache/calibration.json", text)
    let cache = CalibrationCache(
      directory: place.path("cache"), machine: "here", honeVersion: "test")
    let backend = CPUBackend(threads: 1)
    #expect(cache.known(for: backend.capabilities) == nil)
    #expect(cache.calibration(of: backend, now: CountingClock().now) != nil)
    #expect(cache.known(for: backend.capabilities) != nil)
  }

  @Test func aCacheThatCannotBeWrittenIsDoneWithout() throws {
    try place.write("file", "no directory")
    for directory in [place.path("file"), nil] {
      let cache = CalibrationCache(directory: directory, machine: "here", honeVersion: "test")
      #expect(cache.calibration(of: CPUBackend(threads: 1), now: CountingClock().now) != nil)
    }
  }

  @Test(arguments: [#"{"products": 1}"#, #"{"products": -1}"#, "3"])
  func aTimeThatIsNoneIsRefused(text: String) throws {
    #expect(Calibration(json: try JSONValue(parsing: text)) == nil)
  }

  @Test func theTimeStandsBesideThePlanAndNotInIt() throws {
    let run = try place.plan(place.text(Workplace.lora()))
    let fast = PlanEstimate(run, Calibration { _ in 1e-12 })
    let slow = PlanEstimate(run, Calibration { _ in 1e-6 })
    #expect(fast.seconds < slow.seconds)
    #expect(run.plan.text(estimate: slow) != run.plan.text(estimate: fast))
    #expect(!run.plan.text().contains("about"))
    #expect(slow.json["seconds"]?.number == slow.seconds)
  }
}
