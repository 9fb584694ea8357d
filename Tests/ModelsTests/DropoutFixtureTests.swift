import JSONSyntax
import Models
import Testing

/// Training with dropout against transformers in training, whose masks are those of the same streams.
struct DropoutFixtureTests {
  static let names = [
    "bart", "mbart", "marian", "t5", "t5-gated", "gpt2", "gpt_neox", "qwen2", "gemma2", "phi3",
    "bert-single", "bert-tokens", "bert-masked", "roberta-single", "distilbert-single",
    "distilbert-tokens", "gpt2-tokens", "llama-tokens",
  ]

  static func oracle(_ name: String) throws -> JSONValue {
    let models = try #require(Fixture.json("dropout.json")["models"]?.array)
    return try #require(models.first { $0["name"]?.string == name })
  }

  static func model(_ name: String, on backend: BackendUnderTest) throws -> DroppedModel {
    let oracle = try oracle(name)
    return try DroppedModel(
      #require(oracle["folder"]?.string), settings: #require(oracle["config"]?.object),
      on: backend)
  }

  @Test func everyModelOfTheOracleIsHeldAgainstIt() throws {
    let models = try #require(Fixture.json("dropout.json")["models"]?.array)
    #expect(models.compactMap { $0["name"]?.string } == Self.names)
  }

  @Test(arguments: names, BackendUnderTest.allCases)
  func lossAndEveryGradientAreThoseOfTransformers(
    name: String, backend: BackendUnderTest
  ) throws {
    let oracle = try Self.oracle(name)
    let model = try Self.model(name, on: backend)
    let step = try #require(Fixture.json("dropout.json")["step"]?.integer)
    let loss = try model.loss(step: UInt64(step))
    let wanted = try #require(oracle["loss"]?.number)
    #expect(abs(loss - wanted) <= 1e-5 * wanted)
    let norms = try #require(oracle["gradient_norms"]?.object)
    for (parameter, found) in try model.gradientNorms() {
      // transformers 5 has another name for GPT-NeoX's head in memory.
      let inMemory = parameter.replacing("embed_out", with: "lm_head")
      let key = norms[parameter] == nil ? inMemory : parameter
      let norm = try #require(norms[key]?.number, "\(parameter)")
      // A key's bias moves all scores of a query alike: its gradient is zero but for rounding.
      #expect(abs(found - norm) <= 1e-4 * norm + 1e-6, "\(parameter)")
    }
  }

  /// Another step has other masks, and the same step the same.
  @Test(arguments: ["bart", "t5", "gpt2", "bert-single"])
  func theMaskIsAFunctionOfTheStep(name: String) throws {
    let model = try Self.model(name, on: .cpu)
    let (first, second, again) = try (
      model.loss(step: 1), model.loss(step: 2), model.loss(step: 1)
    )
    #expect(first == again)
    #expect(first != second)
  }

  /// Along the gradient the loss of a step rises by its length, masks held.
  @Test(arguments: ["bart", "t5", "gpt2", "bert-single"])
  func theGradientIsTheSlopeOfTheLossAtAStep(name: String) throws {
    let model = try Self.model(name, on: .reference)
    let weights = model.model.trained.weights.floats
    _ = try model.loss(step: 3)
    let gradient = Array(model.model.trained.gradients.floats)
    let length = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    let start = Array(weights)
    // Short, as T5's ReLUs have their kinks close by: twenty times as far its slope is 6 % off.
    let distance = 1e-4
    func loss(_ sign: Double) throws -> Double {
      for index in start.indices {
        weights[index] = start[index] + Float(sign * distance / length) * gradient[index]
      }
      return try model.loss(step: 3)
    }
    let slope = try (loss(1) - loss(-1)) / (2 * distance)
    // Central differences of a float32 loss: rounding, half a millionth, over the distance.
    #expect(abs(slope - length) <= 5e-3 * length)
  }
}
