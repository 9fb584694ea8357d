import Artifacts
import JSONSyntax
import Models
import Tensors
import Testing

/// The encoder–decoder families against transformers and PEFT on tiny random models.
struct SourceFixtureTests {
  static let names = ["bart", "bart-uneven", "mbart", "marian", "t5", "t5-gated", "t5-untied"]

  static func oracle(_ name: String) throws -> JSONValue {
    try Fixture.json("seq2seq/\(name)/oracle.json")
  }

  static func adapter(_ name: String) throws -> JSONValue {
    try Fixture.json("seq2seq/\(name)/adapter/oracle.json")
  }

  /// The model with the adapter that PEFT wrote, targets left out where PEFT chose them.
  static func adapted(_ name: String, on backend: BackendUnderTest) throws -> ModelUnderTest {
    let folder = "seq2seq/\(name)/adapter"
    var json = try #require(Fixture.json("\(folder)/adapter_config.json").object)
    #expect(json["task_type"] == "SEQ_2_SEQ_LM")
    for (key, value) in json.members where value.isNull { json[key] = nil }
    if try adapter(name)["default_targets"]?.bool == true { json["target_modules"] = nil }
    return try ModelUnderTest(
      "seq2seq/\(name)", .lora(MatchingTests.specification(.object(json))),
      adapter: Fixture.tensors("\(folder)/adapter_model.safetensors"), on: backend)
  }

  @Test(arguments: names)
  func modulesAndWeightsAreThoseOfTransformers(name: String) throws {
    let description = try Fixture.description("seq2seq/\(name)")
    let oracle = try Self.oracle(name)
    #expect(
      description.moduleTree.modules.map(\.path) == (try #require(oracle["modules"]).strings))
    #expect(
      description.trainableParameters.map(\.name)
        == (try #require(oracle["gradients"]).strings))
    let checkpoint = try Checkpoint.open(Fixture.path("seq2seq/\(name)"))
    #expect(Set(description.storedParameters.map(\.name)) == Set(checkpoint.tensors.keys))
    for parameter in description.storedParameters {
      #expect(checkpoint.tensors[parameter.name]?.shape == parameter.shape, "\(parameter.name)")
    }
    #expect(description.task == .seq2seqLM)
  }

  @Test(arguments: names)
  func decoderInputsAreTheShiftedLabelsOfTransformers(name: String) throws {
    let oracle = try Self.oracle(name)
    let shift = try #require(Fixture.description("seq2seq/\(name)").labelShift)
    let labels = try #require(oracle["labels"]).rows[0].filter { $0 >= 0 }
    let inputs = try #require(oracle["decoder_input_ids"]).rows[0]
    let found = shift.inputs(for: labels.map { Int32($0) })
    #expect(found.map(Int.init) == Array(inputs.prefix(labels.count)))
    // The second row's label without loss is padding among the inputs.
    #expect(
      try #require(oracle["decoder_input_ids"]).rows[1].contains(shift.paddingTokenID))
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func logitsAreThoseOfTransformers(name: String, backend: BackendUnderTest) throws {
    let model = try ModelUnderTest("seq2seq/\(name)", nil, on: backend)
    let expected = try #require(
      Fixture.tensors("seq2seq/\(name)/oracle.safetensors")["logits"])
    #expect(
      try largestDifference(model.logits(SourceBatch(Self.oracle(name))), expected) <= 1e-4)
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func lossAndEveryGradientAreThoseOfTransformers(
    name: String, backend: BackendUnderTest
  ) throws {
    let oracle = try Self.oracle(name)
    let tensors = try Fixture.tensors("seq2seq/\(name)/oracle.safetensors")
    let model = try ModelUnderTest("seq2seq/\(name)", .full, on: backend)
    #expect(
      try #require(oracle["gradients"]).strings == model.plan?.trainable.map(\.name))
    let batch = try SourceBatch(oracle)
    let loss = try model.loss(batch, model.lossRunner(batch))
    try model.checkLossAndGradients(loss, oracle) { key in
      (key, try #require(tensors["gradient/\(key)"]))
    }
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func adaptedLogitsLossAndGradientsAreThoseOfPEFT(
    name: String, backend: BackendUnderTest
  ) throws {
    let model = try Self.adapted(name, on: backend)
    let oracle = try Self.adapter(name)
    let tensors = try Fixture.tensors("seq2seq/\(name)/adapter/oracle.safetensors")
    let plan = try #require(model.plan)
    #expect(plan.count.line == oracle["trainable_line"]?.string)
    let expected = try #require(oracle["adapted"]?.array)
    #expect(plan.adapted.map(\.path) == expected.map { $0["name"]?.string })
    let file = try SafetensorsFile.open(
      Fixture.path("seq2seq/\(name)/adapter/adapter_model.safetensors"))
    #expect(Set(plan.trainable.compactMap(\.adapterKey)) == Set(file.tensors.map(\.name)))
    let batch = try SourceBatch(Self.oracle(name))
    #expect(try largestDifference(model.logits(batch), #require(tensors["logits"])) <= 1e-4)
    let loss = try model.loss(batch, model.lossRunner(batch))
    try model.checkLossAndGradients(loss, oracle) { key in
      let parameter = try #require(plan.parameter(forAdapterKey: key))
      return (parameter.name, try #require(tensors["gradient/\(key)"]))
    }
  }

  @Test(arguments: names)
  func mergedWeightsAreThoseOfPEFT(name: String) throws {
    try Self.adapted(name, on: .reference).checkMergedWeights(
      Fixture.tensors("seq2seq/\(name)/adapter/oracle.safetensors"))
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func tenLossesOfFullTrainingAreThoseOfTorch(name: String, backend: BackendUnderTest) throws {
    let model = try ModelUnderTest("seq2seq/\(name)", .full, on: backend)
    let batch = try SourceBatch(Self.oracle(name))
    let runner = try model.lossRunner(batch)
    try model.checkLosses(Self.oracle(name), rate: 5e-3) { try model.loss(batch, runner) }
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func tenLossesOfLoRAAreThoseOfPEFT(name: String, backend: BackendUnderTest) throws {
    let model = try Self.adapted(name, on: backend)
    let batch = try SourceBatch(Self.oracle(name))
    let runner = try model.lossRunner(batch)
    try model.checkLosses(Self.adapter(name), rate: 1e-2) { try model.loss(batch, runner) }
  }

  /// The source is read once, and its keys and values are kept.
  @Test(arguments: names, BackendUnderTest.allCases)
  func generationOverAKeptSourceIsWhatTransformersComputesAnew(
    name: String, backend: BackendUnderTest
  ) throws {
    let model = try ModelUnderTest("seq2seq/\(name)", nil, on: backend)
    let oracle = try Self.oracle(name)
    let batch = try SourceBatch(oracle)
    let (length, description) = (batch.sourceLength, model.description)
    var states: [String: AlignedBuffer] = [:]
    let encoder = try ProgramRunner(
      TaskProgram.encoding(description, batch: 1, sourceLength: length), on: model.backend,
      weights: model.weights, states: &states)
    try encoder.set("source.tokens", Array(batch.sourceTokens.prefix(length)))
    try encoder.set("source.positions", (0..<length).map { Int32($0) })
    try encoder.set("source.slots", (0..<length).map { Int32($0) })
    try encoder.set("source.ranges", (0..<length).flatMap { _ in [0, Int32(length)] })
    try encoder.run()
    let decoder = try ProgramRunner(
      TaskProgram.decoding(
        description, batch: 1, queryLength: 1, capacity: 20, sourceLength: length, rowCount: 1),
      on: model.backend, weights: model.weights, states: &states)
    let expected = try #require(oracle["generated"]).integers
    var last = Int32(try #require(oracle["generation_start"]?.integer))
    var generated: [Int] = []
    for place in 0..<Int32(expected.count) {
      try decoder.set("tokens", [last])
      try decoder.set("positions", [place])
      try decoder.set("slots", [place])
      try decoder.set("ranges", [0, place + 1])
      try decoder.set("cross.ranges", [0, Int32(length)])
      try decoder.set("rows", [0])
      try decoder.run()
      let logits = try decoder.output("logits")
      last = Int32(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
      generated.append(Int(last))
    }
    #expect(generated == expected)
  }

  @Test(arguments: names)
  func aConfigurationSurvivesBeingWritten(name: String) throws {
    let configuration = try ModelConfiguration(
      json: Fixture.json("seq2seq/\(name)/config.json"))
    let written = configuration.json(weightType: .bfloat16)
    #expect(try ModelConfiguration(json: written) == configuration)
    #expect(written["architectures"]?.array == [.string(configuration.family.architecture)])
  }

  @Test func bucketsOfDistancesAreThoseOfTransformers() throws {
    let cases = try #require(Fixture.json("seq2seq/buckets.json")["cases"]?.array)
    #expect(cases.count == 6)
    for json in cases {
      let relative = StackDescription.RelativePositions(
        buckets: try #require(json["buckets"]?.integer),
        longest: try #require(json["longest"]?.integer),
        isBidirectional: try #require(json["bidirectional"]?.bool as Bool?))
      let expected = try #require(json["by_distance"]).integers
      #expect(relative.bucketsByDistance.map(Int.init) == expected)
    }
  }

  @Test func aFamilyWithoutTheHeadOfATaskSaysSo() throws {
    let configuration = try Fixture.description("seq2seq/bart").configuration
    let description = ModelDescription(configuration, task: .maskedLM)
    let error = #expect(throws: ModelError.self) {
      try TaskProgram.training(description, batch: 1, length: 2, sourceLength: 2)
    }
    #expect(error == .unsupportedTask(task: "masked_lm", family: "bart"))
  }
}
