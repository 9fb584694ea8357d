import Artifacts
import JSONSyntax
import Models
import Tensors
import Testing

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
    try model.checkMergedWeights(
      Fixture.tensors("families/\(name)/adapter/oracle.safetensors"))
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
    let runner = try model.lossRunner(batch)
    let loss = try model.loss(batch, scale: 1 / Float(batch.supervisedTokens), runner)
    try model.checkLossAndGradients(loss, oracle, expected)
  }

  private func checkLosses(
    of model: ModelUnderTest, _ oracle: JSONValue, _ batch: TokenBatch, rate: Double
  ) throws {
    let runner = try model.lossRunner(batch)
    try model.checkLosses(oracle, rate: rate) {
      try model.loss(batch, scale: 1 / Float(batch.supervisedTokens), runner)
    }
  }
}
