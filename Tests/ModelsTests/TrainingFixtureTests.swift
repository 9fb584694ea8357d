import JSONSyntax
import Models
import Tensors
import Testing
import Training

/// Twenty optimizer steps against hand-written loops over transformers and PEFT.
struct TrainingFixtureTests {
  /// One run of the table.
  struct Run: CustomTestStringConvertible, Sendable {
    let index: Int
    let testDescription: String
  }

  static let runs: [Run] = {
    guard let table = try? Fixture.json("training/oracle.json"), let cases = table["cases"]?.array
    else { return [] }
    return cases.enumerated().map { index, entry in
      let words = ["method", "recipe", "layout"].compactMap { entry[$0]?.string }
      return Run(
        index: index,
        testDescription: words.joined(separator: " ") + " ×\(entry["accumulation"]?.integer ?? 0)")
    }
  }()

  private func optimizer(_ json: JSONValue) throws -> Optimizer {
    let kind: OptimizerKind
    switch json["kind"]?.string {
    case "sgd":
      kind = .sgd(momentum: try #require(json["momentum"]?.number), nesterov: false)
    case "adam": kind = .adam(.init(amsgrad: json["amsgrad"]?.bool ?? false))
    default: kind = .adamw(.init())
    }
    return Optimizer(kind, weightDecay: try #require(json["weight_decay"]?.number))
  }

  private func schedule(_ json: JSONValue, rate: Double) throws -> LearningRateSchedule {
    let kind: LearningRateSchedule.Kind
    switch json["kind"]?.string {
    case "step":
      kind = .step(
        every: try #require(json["steps"]?.integer), unit: .step,
        gamma: try #require(json["gamma"]?.number))
    case "cosine": kind = .cosine(cycles: 0.5)
    default: kind = .linear
    }
    return try LearningRateSchedule(
      kind, learningRate: rate, warmupSteps: json["warmup"]?.integer ?? 0, totalSteps: 20)
  }

  private func model(_ method: String, on backend: BackendUnderTest) throws -> ModelUnderTest {
    if method == "full" { return try ModelUnderTest("llama-gqa-tied", .full, on: backend) }
    return try LoRAFixtureTests.model("qv", on: backend).0
  }

  @Test func allRunsOfTheTableAreThere() { #expect(Self.runs.count == 24) }

  @Test(arguments: runs, BackendUnderTest.allCases)
  func everyLossIsThatOfTheLoop(run: Run, backend: BackendUnderTest) throws {
    let table = try Fixture.json("training/oracle.json")
    let entry = try #require(table["cases"]?.array?[run.index])
    let layout = try #require(entry["layout"]?.string)
    let batches = try #require(Fixture.json("training/batches.json")[layout]?.array)
    let accumulation = try #require(entry["accumulation"]?.integer)
    let method = try #require(entry["method"]?.string)
    let optimizer = try optimizer(#require(entry["optimizer"]))
    let rate = try #require(entry["optimizer"]?["learning_rate"]?.number)
    let schedule = try schedule(#require(entry["schedule"]), rate: rate)
    let model = try model(method, on: backend)
    let trained = model.trained
    let count = trained.layout.count
    let states = try (0..<optimizer.kind.stateCount).map { _ in
      try AlignedBuffer(byteCount: count * 4)
    }
    let weights = try #require(trained.weights.floats.baseAddress)
    let gradients = try #require(trained.gradients.floats.baseAddress)
    var runners: [[Int]: ProgramRunner] = [:]

    for step in 0..<20 {
      let micro = try (0..<accumulation).map { try TokenBatch(batches[step * accumulation + $0]) }
      let supervised = micro.reduce(0) { $0 + $1.supervisedTokens }
      trained.clearGradients()
      var loss: Float = 0
      for batch in micro {
        let shape = [batch.batch, batch.length]
        let runner = try runners[shape] ?? model.lossRunner(batch)
        runners[shape] = runner
        loss += try model.loss(batch, scale: 1 / Float(supervised), runner)
      }
      let expected = try #require(entry["losses"]?.numbers[step])
      #expect(abs(Double(loss) - expected) <= 1e-4 * expected, "step \(step)")

      let norm = GradientNorm.sumOfSquares(gradients, count: count).squareRoot()
      let expectedNorm = try #require(entry["gradient_norms"]?.numbers[step])
      #expect(abs(norm - expectedNorm) <= 1e-3 * expectedNorm, "step \(step)")
      let stepRate = schedule.learningRate(atStep: step)
      #expect(
        abs(stepRate - (try #require(entry["learning_rates"]?.numbers[step]))) <= 1e-12,
        "step \(step)")
      optimizer.update(
        0..<count, parameters: weights, gradients: gradients,
        states: states.compactMap(\.floats.baseAddress),
        step: .init(
          number: step + 1, learningRate: stepRate,
          gradientScale: GradientNorm.clipCoefficient(norm: norm, limit: 1)))
    }

    let final = try Fixture.tensors("training/\(#require(entry["final"]?.string))")
    let parameters = try #require(model.plan?.trainable)
    #expect(parameters.count == final.count)
    for parameter in parameters {
      let wanted = try #require(final[parameter.adapterKey ?? parameter.name])
      let found = try trained.value(parameter.name, of: trained.weights)
      #expect(relativeDifference(found, wanted) <= 1e-3, "\(parameter.name)")
    }
  }
}
