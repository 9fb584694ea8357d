import JSONSyntax
import Models
import Testing

struct ConfigurationTests {
  private func base() throws -> JSONObject {
    try #require(Fixture.json("llama-gqa-tied/config.json").object)
  }

  private func read(_ object: JSONObject) throws(ModelError) -> LlamaConfiguration {
    try LlamaConfiguration(json: .object(object))
  }

  @Test(arguments: [
    "hidden_size", "intermediate_size", "max_position_embeddings", "model_type",
    "num_attention_heads", "num_hidden_layers", "rms_norm_eps", "vocab_size",
  ])
  func aMissingKeyIsNamed(key: String) throws {
    var object = try base()
    object[key] = nil
    #expect(throws: ModelError.missingKey(key)) { try read(object) }
    object[key] = .null
    #expect(throws: ModelError.missingKey(key)) { try read(object) }
  }

  @Test(
    arguments: [
      ("hidden_size", "a"), ("hidden_size", 0), ("hidden_size", -4), ("hidden_size", 2.5),
      ("hidden_size", 9_223_372_036_854_775_807), ("vocab_size", 1_000_000_000_000),
      ("num_hidden_layers", [1]), ("num_key_value_heads", 3), ("num_key_value_heads", true),
      ("head_dim", 7), ("rms_norm_eps", 0), ("rms_norm_eps", "1e-5"), ("rope_theta", -1),
      ("tie_word_embeddings", "yes"), ("attention_bias", 1), ("hidden_act", 3),
      ("eos_token_id", "end"), ("eos_token_id", [1, nil]), ("initializer_range", 0),
      ("rope_parameters", 3), ("rope_parameters", ["rope_type": "linear", "factor": "four"]),
    ] as [(String, JSONValue)])
  func anOddValueIsNamed(key: String, value: JSONValue) throws {
    var object = try base()
    object[key] = value
    let error = #expect(throws: ModelError.self) { try read(object) }
    #expect(error?.category == .invalidModelConfiguration)
    #expect(error?.message.contains("`\(key)") ?? false)
    #expect(error?.help != nil)
  }

  @Test(
    arguments: [
      ("hidden_act", "mish"), ("quantization_config", ["bits": 4]), ("partial_rotary_factor", 0.5),
      ("rope_parameters", ["rope_type": "dynamic", "factor": 2.0]),
      ("rope_parameters", ["rope_type": "yarn", "factor": 2.0]),
    ] as [(String, JSONValue)])
  func whatIsNotBuiltIsRefused(key: String, value: JSONValue) throws {
    var object = try base()
    object[key] = value
    let error = #expect(throws: ModelError.self) { try read(object) }
    guard case .unsupportedValue = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.help?.hasPrefix("supported: ") ?? false)
  }

  @Test func anUnknownArchitectureListsTheKnownOnes() throws {
    var object = try base()
    object["model_type"] = "mamba"
    let error = #expect(throws: ModelError.unknownArchitecture("mamba")) { try read(object) }
    let names = ModelFamily.allCases.map { "`\($0.rawValue)`" }
    #expect(error?.help == "supported model types: " + names.joined(separator: ", "))
    #expect(names.count == 17)
  }

  @Test func aConfigurationThatIsNoObjectIsRefused() {
    #expect(throws: ModelError.self) { try ModelConfiguration(json: [1, 2]) }
    #expect(throws: ModelError.self) { try ModelConfiguration(json: nil) }
  }

  @Test func llama3ScalingNeedsItsNumbers() throws {
    var object = try base()
    object["rope_parameters"] = ["rope_type": "llama3", "factor": 8.0]
    #expect(throws: ModelError.missingKey("rope_parameters.low_freq_factor")) { try read(object) }
    object["rope_parameters"] = [
      "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4.0, "high_freq_factor": 1.0,
      "original_max_position_embeddings": 64,
    ]
    let error = #expect(throws: ModelError.self) { try read(object) }
    #expect(error?.message.contains("`rope_parameters.high_freq_factor`") ?? false)
  }

  /// Both forms that transformers has written, and our own.
  @Test(arguments: LlamaFixtureTests.names)
  func aConfigurationSurvivesBeingWritten(name: String) throws {
    let configuration = try ModelConfiguration(json: Fixture.json("\(name)/config.json"))
    let written = configuration.json(weightType: .bfloat16)
    #expect(try ModelConfiguration(json: written) == configuration)
    #expect(written["torch_dtype"] == "bfloat16")
    #expect(written["architectures"]?[0] == .string(configuration.family.architecture))
  }

  @Test func aSlidingWindowIsRead() throws {
    var object = try #require(Fixture.json("mistral-gqa/config.json").object)
    object["sliding_window"] = 16
    let configuration = try ModelConfiguration(json: .object(object))
    #expect(ModelDescription(configuration).slidingWindow == 16)
    #expect(try ModelConfiguration(json: configuration.json(weightType: .float32)) == configuration)
  }

  @Test func aCreatedConfigurationIsHeldToTheSameRanges() throws {
    let error = #expect(throws: ModelError.self) {
      try LlamaConfiguration(
        vocabularySize: 100, hiddenSize: 30, intermediateSize: 8, layerCount: 1, headCount: 4)
    }
    #expect(error?.message.contains("`num_attention_heads`") ?? false)
    let small = try LlamaConfiguration(
      vocabularySize: 100, hiddenSize: 32, intermediateSize: 8, layerCount: 1, headCount: 4,
      tiesEmbeddings: true)
    let description = ModelDescription(.llama(small))
    // 100·32 embeddings, 4·32·32 attention, 3·32·8 MLP, 3·32 norms; the tied head adds none.
    #expect(description.parameterCount == 3200 + 4096 + 768 + 96)
    #expect(description.parameter("lm_head.weight")?.tiedTo == "model.embed_tokens.weight")
  }
}

extension JSONValue {
  fileprivate subscript(index: Int) -> JSONValue? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }
}
