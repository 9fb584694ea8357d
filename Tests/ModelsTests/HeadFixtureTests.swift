import Artifacts
import JSONSyntax
import Models
import Tensors
import Testing
import Training

/// Encoders, and heads on encoders and decoders, against transformers and PEFT on tiny random models.
struct HeadFixtureTests {
  static let names = [
    "bert-single", "bert-multi", "bert-regression", "bert-tokens", "bert-masked", "roberta-single",
    "roberta-multi", "roberta-regression", "roberta-tokens", "roberta-masked",
    "distilbert-single", "distilbert-multi", "distilbert-regression", "distilbert-tokens",
    "distilbert-masked", "llama-single", "llama-tokens", "qwen2-regression", "gemma-multi",
    "gpt2-single", "gpt2-tokens", "gpt_neox-tokens",
  ]

  /// Models of numbers: Hone's heads on transformers' layers.
  static let valueNames = ["bart-values", "bert-values"]

  static func oracle(_ name: String) throws -> JSONValue {
    try Fixture.json("heads/\(name)/oracle.json")
  }

  static func model(
    _ name: String, _ adaptation: Adaptation?, adapter: [String: [Float]] = [:],
    on backend: BackendUnderTest
  ) throws -> (ModelUnderTest, HeadBatch) {
    let oracle = try oracle(name)
    let model = try ModelUnderTest(
      "heads/\(name)", adaptation, task: HeadBatch.task(oracle), adapter: adapter, on: backend)
    return (model, try HeadBatch.read(oracle, isEncoder: model.description.family.isEncoder))
  }

  /// The model with the adapter that PEFT wrote; the head is named by its task alone.
  static func adapted(_ name: String, on backend: BackendUnderTest) throws -> (
    ModelUnderTest, HeadBatch
  ) {
    let folder = "heads/\(name)/adapter"
    var json = try #require(Fixture.json("\(folder)/adapter_config.json").object)
    for (key, value) in json.members where value.isNull { json[key] = nil }
    json["modules_to_save"] = nil
    if try Fixture.json("\(folder)/oracle.json")["default_targets"]?.bool == true {
      json["target_modules"] = nil
    }
    return try model(
      name, .lora(MatchingTests.specification(.object(json))),
      adapter: Fixture.tensors("\(folder)/adapter_model.safetensors"), on: backend)
  }

  @Test(arguments: names)
  func modulesAndWeightsAreThoseOfTransformers(name: String) throws {
    let oracle = try Self.oracle(name)
    let description = try Fixture.description("heads/\(name)", task: HeadBatch.task(oracle))
    let modules = try #require(oracle["modules"]).strings
    #expect(description.moduleTree.modules.map(\.path) == modules)
    let names = try #require(oracle["gradients"]).strings
    #expect(description.storedParameters.map(\.name).sorted() == names.sorted())
    let checkpoint = try Checkpoint.open(Fixture.path("heads/\(name)"))
    #expect(Set(description.storedParameters.map(\.name)) == Set(checkpoint.tensors.keys))
    for parameter in description.storedParameters {
      #expect(checkpoint.tensors[parameter.name]?.shape == parameter.shape, "\(parameter.name)")
    }
  }

  @Test(arguments: valueNames)
  func modelsOfNumbersAreWhatTheirConfigurationSays(name: String) throws {
    let oracle = try Self.oracle(name)
    let description = try Fixture.description("heads/\(name)")
    #expect(try description.task == HeadBatch.task(oracle))
    #expect(description.readsValues)
    let modules = try #require(oracle["modules"]).strings
    #expect(description.moduleTree.modules.map(\.path).sorted() == modules.sorted())
    let checkpoint = try Checkpoint.open(Fixture.path("heads/\(name)"))
    #expect(Set(description.storedParameters.map(\.name)) == Set(checkpoint.tensors.keys))
    for parameter in description.storedParameters {
      #expect(checkpoint.tensors[parameter.name]?.shape == parameter.shape, "\(parameter.name)")
    }
    let again = ModelDescription(
      try ModelConfiguration(json: description.json(weightType: .float32)))
    #expect(again.task == description.task)
    #expect(again.parameters == description.parameters)
  }

  @Test func aBodyWithoutAHeadLacksOnlyWhatBeginsAnew() throws {
    let description = try Fixture.description(
      "heads/bert-masked", task: .sequenceClassification(labels: 3, multiLabel: false))
    let checkpoint = try Checkpoint.open(Fixture.path("heads/bert-masked"))
    let names = Set(checkpoint.tensors.keys)
    let new = ["bert.pooler.dense", "classifier"].flatMap { [$0 + ".weight", $0 + ".bias"] }
    #expect(description.newParameters(besides: names).map(\.name) == new)
    let missing = description.storedParameters.filter { !names.contains($0.name) }
    #expect(missing.map(\.name) == new)
    let bare = Set(names.map { String($0.dropFirst("bert.".count)) })
    #expect(description.newParameters(besides: bare).map(\.name) == new)
    #expect(
      description.namesInCheckpoints(of: "bert.embeddings.LayerNorm.weight").last
        == "embeddings.LayerNorm.gamma")
  }

  @Test(arguments: names)
  func theConfigurationIsThatOfTransformers(name: String) throws {
    let oracle = try Self.oracle(name)
    let description = try Fixture.description("heads/\(name)", task: HeadBatch.task(oracle))
    let original = try #require(Fixture.json("heads/\(name)/config.json").object)
    let labels = ModelDescription.labels(in: .object(original))
    let written = try #require(description.json(weightType: .float32, labels: labels).object)
    for key in ["architectures", "id2label", "label2id", "problem_type", "model_type"] {
      #expect(written[key] == original[key], "\(key)")
    }
  }

  /// Columns go by their names, so names that are wrong must not be passed over.
  @Test(arguments: [["a"], ["a", "a"], nil] as [[String]?])
  func namesOfColumnsAreAsManyAsThereAreColumns(names: [String]?) throws {
    var object = try #require(Fixture.json("heads/bert-values/config.json").object)
    let count = try #require(object["num_inputs"]?.integer)
    let given = names ?? (0..<count).map { "column \($0)" }
    object["input_names"] = .array(given.map { .string($0) })
    if names == nil {
      #expect(try ModelConfiguration(json: .object(object)).stack.readsValues)
    } else {
      let error = #expect(throws: ModelError.self) { try ModelConfiguration(json: .object(object)) }
      #expect(error?.category == .invalidModelConfiguration)
    }
  }

  @Test(arguments: names + valueNames, BackendUnderTest.allCases)
  func logitsAreThoseOfTransformers(name: String, backend: BackendUnderTest) throws {
    let (model, batch) = try Self.model(name, nil, on: backend)
    let expected = try #require(Fixture.tensors("heads/\(name)/oracle.safetensors")["logits"])
    #expect(try largestDifference(model.outputs(batch), expected) <= 1e-4)
  }

  @Test(arguments: names + valueNames, BackendUnderTest.allCases)
  func lossAndEveryGradientAreThoseOfTransformers(
    name: String, backend: BackendUnderTest
  ) throws {
    let tensors = try Fixture.tensors("heads/\(name)/oracle.safetensors")
    let (model, batch) = try Self.model(name, .full, on: backend)
    try checkGradients(of: model, Self.oracle(name), batch) { key in
      (key, try #require(tensors["gradient/\(key)"]))
    }
  }

  @Test(arguments: names + valueNames, BackendUnderTest.allCases)
  func adaptedLogitsLossAndGradientsAreThoseOfPEFT(
    name: String, backend: BackendUnderTest
  ) throws {
    let (model, batch) = try Self.adapted(name, on: backend)
    let oracle = try Fixture.json("heads/\(name)/adapter/oracle.json")
    let tensors = try Fixture.tensors("heads/\(name)/adapter/oracle.safetensors")
    let plan = try #require(model.plan)
    #expect(plan.count.line == oracle["trainable_line"]?.string)
    #expect(plan.unmatched.isEmpty)
    let expected = try #require(oracle["adapted"]?.array)
    #expect(plan.adapted.map(\.path) == expected.map { $0["name"]?.string })
    let file = try SafetensorsFile.open(
      Fixture.path("heads/\(name)/adapter/adapter_model.safetensors"))
    #expect(Set(plan.trainable.compactMap(\.adapterKey)) == Set(file.tensors.map(\.name)))
    #expect(
      try largestDifference(model.outputs(batch), #require(tensors["logits"])) <= 1e-4)
    try checkGradients(of: model, oracle, batch) { key in
      let parameter = try #require(plan.parameter(forAdapterKey: key))
      return (parameter.name, try #require(tensors["gradient/\(key)"]))
    }
  }

  @Test(arguments: names + valueNames, BackendUnderTest.allCases)
  func tenStepsOfFullTrainingHaveTheLossesOfPyTorch(
    name: String, backend: BackendUnderTest
  ) throws {
    let (model, batch) = try Self.model(name, .full, on: backend)
    try checkLosses(of: model, Self.oracle(name), batch, rate: 5e-3)
  }

  @Test(arguments: names + valueNames, BackendUnderTest.allCases)
  func tenStepsOfLoRAHaveTheLossesOfPEFT(name: String, backend: BackendUnderTest) throws {
    let (model, batch) = try Self.adapted(name, on: backend)
    try checkLosses(
      of: model, Fixture.json("heads/\(name)/adapter/oracle.json"), batch, rate: 1e-2)
  }

  private func checkGradients(
    of model: ModelUnderTest, _ oracle: JSONValue, _ batch: HeadBatch,
    _ expected: (String) throws -> (name: String, values: [Float])
  ) throws {
    let runner = try model.lossRunner(batch)
    try batch.write(to: runner)
    try runner.run()
    let wanted = try #require(oracle["loss"]?.number)
    #expect(try abs(Double(runner.output("loss")[0]) - wanted) <= 1e-5 * wanted)
    let keys = try #require(oracle["gradients"]).strings
    #expect(keys.count == model.plan?.trainable.count)
    for key in keys {
      let (name, values) = try expected(key)
      let gradient = try model.trained.value(name, of: model.trained.gradients)
      // A key's bias moves all scores of a query alike: its gradient is zero but for rounding.
      let isZero = values.allSatisfy { abs($0) < 1e-6 }
      #expect(
        isZero
          ? gradient.allSatisfy { abs($0) < 1e-6 } : relativeDifference(gradient, values) <= 1e-4,
        "\(key)")
    }
  }

  private func checkLosses(
    of model: ModelUnderTest, _ oracle: JSONValue, _ batch: HeadBatch, rate: Double
  ) throws {
    let trained = model.trained
    let optimizer = Optimizer(.adamw(.init()), weightDecay: 0.01)
    let states = try (0..<optimizer.kind.stateCount).map { _ in
      try AlignedBuffer(byteCount: trained.layout.count * 4)
    }
    let weights = try #require(trained.weights.floats.baseAddress)
    let gradients = try #require(trained.gradients.floats.baseAddress)
    let runner = try model.lossRunner(batch)
    let expected = try #require(oracle["losses"]).numbers
    #expect(expected.count == 10)
    for (step, wanted) in expected.enumerated() {
      trained.clearGradients()
      try batch.write(to: runner)
      try runner.run()
      let loss = try Double(runner.output("loss")[0])
      #expect(abs(loss - wanted) <= 1e-4 * wanted, "step \(step)")
      optimizer.update(
        0..<trained.layout.count, parameters: weights, gradients: gradients,
        states: states.compactMap(\.floats.baseAddress),
        step: .init(number: step + 1, learningRate: rate, gradientScale: 1))
    }
  }
}

extension ModelUnderTest {
  /// What the head says of `batch`, zero for padding.
  func outputs(_ batch: HeadBatch) throws -> [Float] {
    let runner = try runner(
      TaskProgram.outputs(
        description, batch: batch.batch, length: batch.length, sourceLength: batch.sourceLength,
        rowCount: batch.realTokens.count))
    try batch.write(to: runner)
    try runner.run()
    return batch.padded(try runner.output(try #require(runner.program.outputs.first).name))
  }

  /// The forward and backward program of the loss for the shape of `batch`.
  func lossRunner(_ batch: HeadBatch) throws -> ProgramRunner {
    try runner(
      TaskProgram.training(
        description, batch: batch.batch, length: batch.length, sourceLength: batch.sourceLength),
      isTraining: true, backward: true)
  }
}
