import JSONSyntax
import Models
import Tensors
import Testing

/// Our models against transformers on tiny random ones.
struct LlamaFixtureTests {
  static let names = [
    "llama-gqa-tied", "llama-untied-llama3-rope", "llama-linear-rope", "mistral-gqa",
    "llama-biases",
  ]

  @Test(arguments: names)
  func theWeightsOfAModelAreThoseOfItsCheckpoint(name: String) throws {
    let description = try Fixture.description(name)
    let weights = try Fixture.weights(name)
    #expect(Set(description.storedParameters.map(\.name)) == Set(weights.keys))
    for parameter in description.storedParameters {
      #expect(weights[parameter.name]?.count == parameter.shape.count, "\(parameter.name)")
    }
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func logitsAreThoseOfTransformers(name: String, backend: BackendUnderTest) throws {
    let model = try ModelUnderTest(name, nil, on: backend)
    let batch = try TokenBatch(Fixture.json("\(name)/oracle.json"))
    let expected = try #require(Fixture.tensors("\(name)/oracle.safetensors")["logits"])
    #expect(try largestDifference(model.logits(batch), expected) <= 1e-4)
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func lossAndEveryGradientAreThoseOfTransformers(
    name: String, backend: BackendUnderTest
  ) throws {
    let oracle = try Fixture.json("\(name)/oracle.json")
    let tensors = try Fixture.tensors("\(name)/oracle.safetensors")
    let model = try ModelUnderTest(name, .full, on: backend)
    let batch = try TokenBatch(oracle)
    #expect(batch.supervisedTokens == oracle["supervised_tokens"]?.integer)
    let loss = try model.loss(
      batch, scale: 1 / Float(batch.supervisedTokens), model.lossRunner(batch))
    let expected = try #require(oracle["loss"]?.number)
    #expect(abs(Double(loss) - expected) <= 1e-5 * expected)
    let names = try #require(oracle["gradients"]).strings
    #expect(names == model.plan?.trainable.map(\.name))
    for name in names {
      let gradient = try model.trained.value(name, of: model.trained.gradients)
      let wanted = try #require(tensors["gradient/\(name)"])
      #expect(relativeDifference(gradient, wanted) <= 1e-4, "\(name)")
    }
  }

  /// The prompt goes in at once, the rest token by token; rows differ in length.
  @Test(arguments: names, BackendUnderTest.allCases)
  func decodingWithACacheGivesTheSameLogits(name: String, backend: BackendUnderTest) throws {
    let model = try ModelUnderTest(name, nil, on: backend)
    let batch = try TokenBatch(Fixture.json("\(name)/oracle.json"))
    let expected = try #require(Fixture.tensors("\(name)/oracle.safetensors")["logits"])
    let (rows, length, prompt, capacity) = (batch.batch, batch.length, 6, batch.length + 3)
    let width = model.description.vocabularySize
    let first = try model.runner(
      LanguageModelProgram.decoding(
        model.description, batch: rows, queryLength: prompt, capacity: capacity, rowCount: 1))
    #expect(
      first.program.values.count { if case .state = $0.role { true } else { false } }
        == 2 * model.description.layerCount)
    // One program over the caches does for prompt and rest when the query length is the same.
    for start in stride(from: 0, to: length - prompt + 1, by: prompt) {
      let places = (0..<rows).flatMap { row in (start..<start + prompt).map { (row, $0) } }
      try first.set("tokens", places.map { batch.tokens[$0.0 * length + $0.1] })
      try first.set("positions", places.map { Int32($0.1) })
      try first.set("slots", places.map { Int32($0.0 * capacity + $0.1) })
      try first.set("ranges", places.flatMap { [0, Int32($0.1 + 1)] })
      try first.set("rows", [Int32(prompt - 1)])
      try first.run()
      let at = (start + prompt - 1) * width
      #expect(
        try largestDifference(first.output("logits"), Array(expected[at..<at + width])) <= 1e-4)
    }
  }

  @Test(arguments: BackendUnderTest.allCases)
  func matricesCanBeKeptInBfloat16(backend: BackendUnderTest) throws {
    let model = try ModelUnderTest("llama-biases", nil, on: backend)
    let batch = try TokenBatch(Fixture.json("llama-biases/oracle.json"))
    let full = try model.logits(batch)
    let half = try model.logits(batch, weightType: .bfloat16)
    // Eight bits of every weight's fraction are left.
    let difference = relativeDifference(half, full)
    #expect(difference > 1e-5 && difference < 0.05)
  }
}
