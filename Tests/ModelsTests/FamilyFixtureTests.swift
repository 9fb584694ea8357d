import Artifacts
import JSONSyntax
import Models
import Tensors
import Testing
import Training

/// The decoder families against transformers and PEFT on tiny random models.
struct FamilyFixtureTests {
  static let names = [
    "mistral-window", "qwen2", "qwen2-window", "qwen3", "gpt2", "gpt2-square", "gemma", "gemma2",
    "gemma3", "phi3", "gpt_neox", "gpt_neox-sequential",
  ]

  static func oracle(_ name: String) throws -> JSONValue {
    try Fixture.json("families/\(name)/oracle.json")
  }

  static func adapter(_ name: String) throws -> JSONValue {
    try Fixture.json("families/\(name)/adapter/oracle.json")
  }

  /// The model with the adapter that PEFT wrote, targets left out where PEFT chose them.
  static func adapted(_ name: String, on backend: BackendUnderTest) throws -> ModelUnderTest {
    let folder = "families/\(name)/adapter"
    var json = try #require(Fixture.json("\(folder)/adapter_config.json").object)
    for (key, value) in json.members where value.isNull { json[key] = nil }
    if try adapter(name)["default_targets"]?.bool == true { json["target_modules"] = nil }
    return try ModelUnderTest(
      "families/\(name)", .lora(MatchingTests.specification(.object(json))),
      adapter: Fixture.tensors("\(folder)/adapter_model.safetensors"), on: backend)
  }

  /// The name that checkpoints have: transformers 5 calls GPT-NeoX's head `lm_head` in memory, and
  /// saves it as `embed_out`.
  private static func nameInFile(_ name: String, _ model: String) -> String {
    guard model.hasPrefix("gpt_neox"), name.hasPrefix("lm_head") else { return name }
    return "embed_out" + name.dropFirst("lm_head".count)
  }

  @Test(arguments: names)
  func modulesAndWeightsAreThoseOfTransformers(name: String) throws {
    let description = try Fixture.description("families/\(name)")
    let oracle = try Self.oracle(name)
    let modules = try #require(oracle["modules"]).strings
    #expect(description.moduleTree.modules.map(\.path) == modules.map { Self.nameInFile($0, name) })
    let names = try #require(oracle["gradients"]).strings.map { Self.nameInFile($0, name) }
    #expect(description.storedParameters.map(\.name) == names)
    let weights = try Fixture.weights("families/\(name)")
    #expect(Set(description.storedParameters.map(\.name)) == Set(weights.keys))
    let checkpoint = try Checkpoint.open(Fixture.path("families/\(name)"))
    for parameter in description.storedParameters {
      #expect(checkpoint.tensors[parameter.name]?.shape == parameter.shape, "\(parameter.name)")
    }
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func logitsAreThoseOfTransformers(name: String, backend: BackendUnderTest) throws {
    let model = try ModelUnderTest("families/\(name)", nil, on: backend)
    let batch = try TokenBatch(Self.oracle(name))
    let expected = try #require(
      Fixture.tensors("families/\(name)/oracle.safetensors")["logits"])
    #expect(try largestDifference(model.logits(batch), expected) <= 1e-4)
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func lossAndEveryGradientAreThoseOfTransformers(
    name: String, backend: BackendUnderTest
  ) throws {
    let oracle = try Self.oracle(name)
    let tensors = try Fixture.tensors("families/\(name)/oracle.safetensors")
    let model = try ModelUnderTest("families/\(name)", .full, on: backend)
    let names = try #require(oracle["gradients"]).strings
    #expect(names.map { Self.nameInFile($0, name) } == model.plan?.trainable.map(\.name))
    try checkGradients(of: model, oracle, TokenBatch(oracle)) { key in
      (Self.nameInFile(key, name), try #require(tensors["gradient/\(key)"]))
    }
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func adaptedLogitsLossAndGradientsAreThoseOfPEFT(
    name: String, backend: BackendUnderTest
  ) throws {
    let model = try Self.adapted(name, on: backend)
    let oracle = try Self.adapter(name)
    let tensors = try Fixture.tensors("families/\(name)/adapter/oracle.safetensors")
    let plan = try #require(model.plan)
    #expect(plan.count.line == oracle["trainable_line"]?.string)
    let expected = try #require(oracle["adapted"]?.array)
    #expect(plan.adapted.map(\.path) == expected.map { $0["name"]?.string })
    let file = try SafetensorsFile.open(
      Fixture.path("families/\(name)/adapter/adapter_model.safetensors"))
    #expect(Set(plan.trainable.compactMap(\.adapterKey)) == Set(file.tensors.map(\.name)))
    for tensor in file.tensors {
      let parameter = try #require(plan.parameter(forAdapterKey: tensor.name))
      #expect(parameter.fileShape == tensor.shape, "\(tensor.name)")
    }
    let isTransposed = try Fixture.json("families/\(name)/adapter/adapter_config.json")[
      "fan_in_fan_out"]?.bool
    #expect(plan.storesInputsFirst == isTransposed)
    let batch = try TokenBatch(Self.oracle(name))
    #expect(
      try largestDifference(model.logits(batch), #require(tensors["logits"])) <= 1e-4)
    try checkGradients(of: model, oracle, batch) { key in
      let parameter = try #require(plan.parameter(forAdapterKey: key))
      return (parameter.name, try #require(tensors["gradient/\(key)"]))
    }
  }

  @Test(arguments: names)
  func mergedWeightsAreThoseOfPEFT(name: String) throws {
    let model = try Self.adapted(name, on: .reference)
    let plan = try #require(model.plan)
    let tensors = try Fixture.tensors("families/\(name)/adapter/oracle.safetensors")
    var found = 0
    for tensor in plan.mergedTensors(of: model.description) {
      guard let update = tensor.update else { continue }
      var values = try #require(model.weights[tensor.name])
      let rows = try model.trained.value(update.rowFactor, of: model.trained.weights)
      let columns = try model.trained.value(update.columnFactor, of: model.trained.weights)
      values.withUnsafeMutableBufferPointer { target in
        guard let start = target.baseAddress else { return }
        update.add(rowFactor: rows, columnFactor: columns, to: start)
      }
      let expected = try #require(tensors["merged/\(tensor.name)"])
      #expect(largestDifference(values, expected) <= 1e-6, "\(tensor.name)")
      found += 1
    }
    #expect(found == plan.adapted.count)
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func tenLossesOfFullTrainingAreThoseOfTorch(name: String, backend: BackendUnderTest) throws {
    let model = try ModelUnderTest("families/\(name)", .full, on: backend)
    try checkLosses(of: model, Self.oracle(name), TokenBatch(Self.oracle(name)), rate: 5e-3)
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func tenLossesOfLoRAAreThoseOfPEFT(name: String, backend: BackendUnderTest) throws {
    let model = try Self.adapted(name, on: backend)
    try checkLosses(of: model, Self.adapter(name), TokenBatch(Self.oracle(name)), rate: 1e-2)
  }

  /// The prompt goes in at once, then token by token.
  @Test(arguments: names, BackendUnderTest.allCases)
  func generationWithACacheIsWhatTransformersComputesAnew(
    name: String, backend: BackendUnderTest
  ) throws {
    let model = try ModelUnderTest("families/\(name)", nil, on: backend)
    let oracle = try Self.oracle(name)
    let prompt = try TokenBatch(oracle).tokens.prefix(5)
    let expected = try #require(oracle["generated"]).integers.map(Int32.init)
    let capacity = 24
    var states: [String: AlignedBuffer] = [:]
    func runner(_ length: Int) throws -> ProgramRunner {
      try ProgramRunner(
        LanguageModelProgram.decoding(
          model.description, batch: 1, queryLength: length, capacity: capacity, rowCount: 1),
        on: model.backend, weights: model.weights, states: &states)
    }
    func next(_ tokens: [Int32], from start: Int, _ runner: ProgramRunner) throws -> Int32 {
      let places = tokens.indices.map { Int32(start + $0) }
      try runner.set("tokens", tokens)
      try runner.set("positions", places)
      try runner.set("slots", places)
      try runner.set("ranges", places.flatMap { [0, $0 + 1] })
      try runner.set("rows", [Int32(tokens.count - 1)])
      try runner.run()
      let logits = try runner.output("logits")
      return Int32(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
    }
    var generated = [try next(Array(prompt), from: 0, runner(5))]
    let one = try runner(1)
    while generated.count < expected.count {
      let last = try #require(generated.last)
      generated.append(try next([last], from: 4 + generated.count, one))
    }
    #expect(generated == expected)
  }

  @Test(arguments: names)
  func aConfigurationSurvivesBeingWritten(name: String) throws {
    let configuration = try ModelConfiguration(
      json: Fixture.json("families/\(name)/config.json"))
    let written = configuration.json(weightType: .bfloat16)
    #expect(try ModelConfiguration(json: written) == configuration)
    #expect(written["torch_dtype"] == "bfloat16")
    #expect(written["architectures"]?.array == [.string(configuration.family.architecture)])
  }

  private func checkGradients(
    of model: ModelUnderTest, _ oracle: JSONValue, _ batch: TokenBatch,
    _ expected: (String) throws -> (name: String, values: [Float])
  ) throws {
    let loss = try model.loss(
      batch, scale: 1 / Float(batch.supervisedTokens), model.lossRunner(batch))
    let wanted = try #require(oracle["loss"]?.number)
    #expect(abs(Double(loss) - wanted) <= 1e-5 * wanted)
    for key in try #require(oracle["gradients"]).strings {
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
    of model: ModelUnderTest, _ oracle: JSONValue, _ batch: TokenBatch, rate: Double
  ) throws {
    let trained = model.trained
    let count = trained.layout.count
    let optimizer = Optimizer(.adamw(.init()), weightDecay: 0.01)
    let states = try (0..<optimizer.kind.stateCount).map { _ in
      try AlignedBuffer(byteCount: count * 4)
    }
    let weights = try #require(trained.weights.floats.baseAddress)
    let gradients = try #require(trained.gradients.floats.baseAddress)
    let runner = try model.lossRunner(batch)
    let expected = try #require(oracle["losses"]).numbers
    #expect(expected.count == 10)
    for (step, wanted) in expected.enumerated() {
      trained.clearGradients()
      let loss = try model.loss(batch, scale: 1 / Float(batch.supervisedTokens), runner)
      #expect(abs(Double(loss) - wanted) <= 1e-4 * wanted, "step \(step)")
      optimizer.update(
        0..<count, parameters: weights, gradients: gradients,
        states: states.compactMap(\.floats.baseAddress),
        step: .init(number: step + 1, learningRate: rate, gradientScale: 1))
    }
  }
}
