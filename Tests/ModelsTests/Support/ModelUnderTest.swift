import JSONSyntax
import Models
import Tensors
import Testing

/// A model of the fixtures, its weights, and an adaptation of it.
struct ModelUnderTest {
  let description: ModelDescription
  let weights: [String: [Float]]
  let plan: AdaptationPlan?
  let trained: TrainedWeights
  let backend: any ComputeBackend

  /// Loads the fixture `name`; `adapter` gives an adapter's tensors by their names in its file.
  init(
    _ name: String, _ adaptation: Adaptation?, task: ModelTask? = nil,
    settings: JSONObject = JSONObject(), adapter: [String: [Float]] = [:],
    weights changed: [String: [Float]]? = nil,
    on backend: BackendUnderTest
  ) throws {
    let description = try Fixture.description(name, task: task, settings: settings)
    let weights = try changed ?? Fixture.weights(name)
    self.description = description
    self.weights = weights
    self.backend = backend.backend
    plan = try adaptation?.plan(for: description)
    trained = try TrainedWeights(plan) { parameter in
      if let key = parameter.adapterKey {
        return parameter.inMemory(try #require(adapter[key], "\(key)"))
      }
      guard case .base(let name) = parameter.source else { return [] }
      return try #require(weights[name], "\(name)")
    }
  }

  /// `program` with the adaptation, compiled.
  func runner(_ program: Program, isTraining: Bool = false, backward: Bool = false) throws
    -> ProgramRunner
  {
    var program = program
    if let plan {
      program = try plan.adapting(program, of: description, isTraining: isTraining)
    }
    if backward { program = try Differentiation.backward(of: program, from: "loss") }
    return try ProgramRunner(program, on: backend, weights: weights, trained: trained)
  }

  /// Logits of every token that is no padding, as `(B, T, V)` with zeros for the padding.
  func logits(_ batch: TokenBatch, weightType: DType = .float32) throws -> [Float] {
    let rows = batch.realTokens
    let runner = try runner(
      LanguageModelProgram.logits(
        description, batch: batch.batch, length: batch.length, rowCount: rows.count,
        weightType: weightType))
    try runner.set(batch)
    try runner.set("rows", rows)
    try runner.run()
    let found = try runner.output("logits")
    let width = description.vocabularySize
    var all = [Float](repeating: 0, count: batch.tokens.count * width)
    for (index, row) in rows.enumerated() {
      let start = Int(row) * width
      all.replaceSubrange(start..<start + width, with: found[index * width..<(index + 1) * width])
    }
    return all
  }

  /// The forward and backward program of the loss for the shape of `batch`.
  func lossRunner(_ batch: TokenBatch, backward: Bool = true) throws -> ProgramRunner {
    try runner(
      LanguageModelProgram.training(description, batch: batch.batch, length: batch.length),
      isTraining: true, backward: backward)
  }

  /// The scaled loss of `batch`; gradients are added to what is there.
  func loss(_ batch: TokenBatch, scale: Float, _ runner: ProgramRunner) throws -> Float {
    try runner.set(batch)
    try runner.set("targets", batch.targets)
    try runner.set("loss_scale", scale)
    try runner.run()
    return try runner.output("loss")[0]
  }
}
