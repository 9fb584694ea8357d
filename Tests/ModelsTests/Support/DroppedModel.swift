import JSONSyntax
import Models
import Testing

/// A model of the fixtures in training, all its weights trained, with the rows of its oracle.
struct DroppedModel {
  let model: ModelUnderTest
  private let runner: ProgramRunner
  private let write: (ProgramRunner) throws -> Void

  /// The model in `folder` with `settings` in its config.json.
  init(_ folder: String, settings: JSONObject, on backend: BackendUnderTest) throws {
    let oracle = try Fixture.json("\(folder)/oracle.json")
    let isOfHead = folder.hasPrefix("heads/")
    let task = isOfHead ? try HeadBatch.task(oracle) : nil
    let model = try ModelUnderTest(folder, .full, task: task, settings: settings, on: backend)
    let (batch, length, sourceLength): (Int, Int, Int)
    if isOfHead {
      let rows = try HeadBatch.read(oracle, isEncoder: model.description.family.isEncoder)
      (batch, length, sourceLength) = (rows.batch, rows.length, rows.sourceLength)
      write = { try rows.write(to: $0) }
    } else if folder.hasPrefix("seq2seq/") {
      let rows = try SourceBatch(oracle)
      (batch, length, sourceLength) = (rows.batch, rows.length, rows.sourceLength)
      write = {
        try rows.write(to: $0)
        try $0.set("targets", rows.targets)
        try $0.set("loss_scale", 1 / Float(rows.supervisedTokens))
      }
    } else {
      let rows = try TokenBatch(oracle)
      (batch, length, sourceLength) = (rows.batch, rows.length, 0)
      write = {
        try $0.set(rows)
        try $0.set("targets", rows.targets)
        try $0.set("loss_scale", 1 / Float(rows.supervisedTokens))
      }
    }
    self.model = model
    runner = try model.runner(
      TaskProgram.training(
        model.description, batch: batch, length: length, sourceLength: sourceLength, dropout: true),
      isTraining: true, backward: true)
  }

  /// The loss of random step `step`; gradients are those of this run alone.
  func loss(step: UInt64) throws -> Double {
    model.trained.clearGradients()
    try write(runner)
    try runner.run(step: step)
    return Double(try runner.output("loss")[0])
  }

  /// The length of the gradient of every trained weight.
  func gradientNorms() throws -> [String: Double] {
    var norms: [String: Double] = [:]
    for parameter in model.plan?.trainable ?? [] {
      let values = try model.trained.value(parameter.name, of: model.trained.gradients)
      norms[parameter.name] = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    return norms
  }
}
