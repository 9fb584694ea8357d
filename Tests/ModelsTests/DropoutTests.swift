import JSONSyntax
import Models
import Tensors
import Testing

/// Which rates a config.json gives, and which programs they are in.
struct DropoutTests {
  private static let llama: [(String, JSONValue)] = [
    ("hidden_size", 32), ("intermediate_size", 48), ("num_attention_heads", 4),
    ("num_key_value_heads", 2), ("num_hidden_layers", 1), ("max_position_embeddings", 64),
    ("rms_norm_eps", 1e-5), ("vocab_size", 50),
  ]

  private static func configuration(
    _ type: String, _ settings: JSONObject
  ) throws(ModelError) -> ModelConfiguration {
    var object = JSONObject(["llama", "mistral"].contains(type) ? llama : [])
    object["model_type"] = .string(type)
    for (key, value) in settings.members { object[key] = value }
    return try ModelConfiguration(json: .object(object))
  }

  /// One rate behind the embeddings and both parts of a layer.
  private static func even(
    _ hidden: Double, attention: Double, activation: Double? = nil, states: Double? = nil,
    rows: Double? = nil, tokens: Double? = nil
  ) -> ModelDropout {
    var dropout: ModelDropout = [
      .embedding: hidden, .attention: attention, .attentionOutput: hidden, .feedForward: hidden,
    ]
    dropout[.activation] = activation
    dropout[.states] = states
    (dropout[.rowHead], dropout[.tokenHead]) = (rows, tokens)
    return dropout
  }

  /// What a config.json of a family gives.
  struct Rates: CustomTestStringConvertible, Sendable {
    let type: String
    let settings: JSONObject
    let expected: ModelDropout

    init(_ type: String, _ settings: KeyValuePairs<String, JSONValue>, _ expected: ModelDropout) {
      self.type = type
      self.settings = JSONObject(settings.map { ($0.key, $0.value) })
      self.expected = expected
    }

    var testDescription: String { type + " " + JSONValue.object(settings).text() }
  }

  private static let rates: [Rates] = [
    Rates("bart", [:], even(0.1, attention: 0, activation: 0)),
    Rates(
      "bart", ["dropout": 0.2, "attention_dropout": 0.3, "activation_dropout": 0.4],
      even(0.2, attention: 0.3, activation: 0.4)
    ),
    Rates("mbart", [:], even(0.1, attention: 0, activation: 0)),
    Rates("marian", ["dropout": 0], even(0, attention: 0, activation: 0)),
    Rates("t5", [:], even(0.1, attention: 0.1, activation: 0.1, states: 0.1)),
    Rates("t5", ["dropout_rate": 0.2], even(0.2, attention: 0.2, activation: 0.2, states: 0.2)),
    Rates("bert", [:], even(0.1, attention: 0.1, rows: 0.1, tokens: 0.1)),
    Rates(
      "bert",
      [
        "hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.3,
        "classifier_dropout": nil,
      ], even(0.2, attention: 0.3, rows: 0.2, tokens: 0.2)
    ),
    Rates(
      "roberta", ["classifier_dropout": 0.4],
      even(0.1, attention: 0.1, rows: 0.4, tokens: 0.4)
    ),
    Rates(
      "distilbert", [:],
      [.embedding: 0.1, .attention: 0.1, .feedForward: 0.1, .rowHead: 0.2, .tokenHead: 0.1]
    ),
    Rates(
      "distilbert", ["dropout": 0.3, "attention_dropout": 0.4, "seq_classif_dropout": 0.5],
      [.embedding: 0.3, .attention: 0.4, .feedForward: 0.3, .rowHead: 0.5, .tokenHead: 0.3]
    ),
    Rates("gpt2", [:], even(0.1, attention: 0.1, tokens: 0.1)),
    Rates(
      "gpt2", ["resid_pdrop": 0.2, "embd_pdrop": 0.3, "attn_pdrop": 0, "hidden_dropout": 0.4],
      [.embedding: 0.3, .attention: 0, .attentionOutput: 0.2, .feedForward: 0.2, .tokenHead: 0.4]
    ),
    Rates("gpt_neox", [:], even(0, attention: 0, tokens: 0.1)),
    Rates(
      "gpt_neox", ["hidden_dropout": 0.2, "attention_dropout": 0.3, "classifier_dropout": 0],
      even(0.2, attention: 0.3, tokens: 0)
    ),
    Rates("llama", [:], [.attention: 0, .tokenHead: 0.1]),
    Rates(
      "llama", ["attention_dropout": 0.2, "classifier_dropout": 0],
      [.attention: 0.2, .tokenHead: 0]
    ),
    Rates("mistral", ["attention_dropout": 0.2], [.attention: 0.2, .tokenHead: 0.1]),
    Rates("qwen2", [:], [.attention: 0, .tokenHead: 0.1]),
    Rates("qwen3", ["attention_dropout": 0.2], [.attention: 0.2, .tokenHead: 0.1]),
    Rates("gemma", ["attention_dropout": 0.2], [.attention: 0.2, .tokenHead: 0.1]),
    Rates("gemma2", [:], [.attention: 0, .tokenHead: 0.1]),
    Rates("gemma3_text", ["attention_dropout": 0.2], [.attention: 0.2]),
    Rates(
      "phi3", ["resid_pdrop": 0.2, "embd_pdrop": 0.3, "attention_dropout": 0.4],
      [.attention: 0.4, .attentionOutput: 0.2, .feedForward: 0.2, .tokenHead: 0.1]
    ),
  ]

  @Test(arguments: rates) func theRatesAreThoseOfTransformers(rates: Rates) throws {
    let configuration = try Self.configuration(rates.type, rates.settings)
    let expected = rates.expected
    #expect(configuration.stack.dropout == expected)
    if let encoder = configuration.encoder { #expect(encoder.dropout == expected) }
    let written = try ModelConfiguration(json: configuration.json(weightType: .float32))
    #expect(written.stack.dropout == expected, "what is written says the same")
  }

  @Test(
    arguments: [
      ("bart", "dropout"), ("bart", "attention_dropout"), ("bart", "activation_dropout"),
      ("t5", "dropout_rate"), ("bert", "hidden_dropout_prob"), ("bert", "classifier_dropout"),
      ("distilbert", "seq_classif_dropout"), ("gpt2", "embd_pdrop"), ("gpt2", "attn_pdrop"),
      ("gpt_neox", "hidden_dropout"), ("llama", "attention_dropout"), ("phi3", "resid_pdrop"),
    ], [1, -0.1, 1.5, 0.999_999_999_999, "0.1", true] as [JSONValue])
  func aRateThatIsNoneIsNamed(_ key: (type: String, name: String), value: JSONValue) {
    let error = #expect(throws: ModelError.self) {
      try Self.configuration(key.type, JSONObject([(key.name, value)]))
    }
    #expect(error?.message.contains("`\(key.name)`") ?? false)
  }

  @Test func oneRateTakesThePlaceOfAllThatTheFamilyHas() throws {
    let bart = ModelDescription(try Self.configuration("bart", JSONObject()), dropout: 0.3)
    let all = Self.even(0.3, attention: 0.3, activation: 0.3)
    #expect(bart.stack.dropout == all)
    #expect(bart.encoder?.dropout == all)
    let llama = ModelDescription(try Self.configuration("llama", JSONObject()), dropout: 0)
    #expect(llama.stack.dropout == [.attention: 0, .tokenHead: 0])
  }

  // MARK: Programs

  private static let models = [
    "seq2seq/bart", "seq2seq/marian", "seq2seq/t5", "families/gpt2", "families/gpt_neox",
    "families/phi3", "llama-biases", "heads/bert-single", "heads/roberta-single",
    "heads/distilbert-tokens",
  ]

  private static func description(_ name: String, dropout: Double) throws -> ModelDescription {
    let task =
      name.hasPrefix("heads/")
      ? try HeadBatch.task(Fixture.json("\(name)/oracle.json")) : nil
    return ModelDescription(
      try ModelConfiguration(json: Fixture.json("\(name)/config.json")), task: task,
      dropout: dropout)
  }

  private static func training(_ model: ModelDescription, dropout: Bool) throws -> Program {
    try TaskProgram.training(
      model, batch: 2, length: 4, sourceLength: model.encoder == nil ? 0 : 5, dropout: dropout)
  }

  /// The streams of random numbers that a program draws from, in the order of its operations.
  private static func streams(_ program: Program) -> [String] {
    program.operations.compactMap { operation in
      switch operation.kind {
      case .dropout(let rule): rule.stream
      case .attention(let rule): rule.dropout?.stream
      default: nil
      }
    }
  }

  @Test(arguments: models) func onlyTrainingDrops(name: String) throws {
    let model = try Self.description(name, dropout: 0.3)
    let training = Self.streams(try Self.training(model, dropout: true))
    #expect(!training.isEmpty)
    #expect(Set(training).count == training.count, "each place has a stream of its own")
    #expect(training.allSatisfy { $0.hasPrefix("model-dropout/") })
    let sourceLength = model.encoder == nil ? 0 : 5
    var programs = [
      try Self.training(model, dropout: false),
      try TaskProgram.training(
        model, batch: 2, length: 4, sourceLength: sourceLength, predictions: true),
      try TaskProgram.outputs(
        model, batch: 2, length: 4, sourceLength: sourceLength, rowCount: 3),
    ]
    if !name.hasPrefix("heads/") {
      programs.append(
        try TaskProgram.decoding(
          model, batch: 2, queryLength: 1, capacity: 8, sourceLength: sourceLength, rowCount: 2))
    }
    if model.encoder != nil {
      programs.append(try TaskProgram.encoding(model, batch: 2, sourceLength: 5))
    }
    for program in programs { #expect(Self.streams(program) == []) }
  }

  @Test(arguments: models) func aRateOfZeroLeavesTheProgramAsItIs(name: String) throws {
    let model = try Self.description(name, dropout: 0)
    let program = try Self.training(model, dropout: true)
    #expect(program == (try Self.training(model, dropout: false)))
  }

  // MARK: Attention

  /// Over many steps the mean of what dropout leaves is what there was.
  @Test func theMeanOfDroppedAttentionsIsTheWhole() throws {
    func output(_ dropout: Dropout?) throws -> ProgramRunner {
      let rule = Attention(
        batch: 2, heads: 2, keyValueHeads: 1, headDimension: 4, scale: 0.5, dropout: dropout)
      var builder = ProgramBuilder()
      let q = builder.value(.input("q"), ValueType(Shape(6, 8)))
      let k = builder.value(.input("k"), ValueType(Shape(10, 4)))
      let v = builder.value(.input("v"), ValueType(Shape(10, 4)))
      let ranges = builder.value(.input("ranges"), ValueType(Shape(6, 2), .int32))
      let out = try builder.append(.attention(rule), [q, k, v, ranges], label: "attention")[0]
      builder.output("out", out)
      return try ProgramRunner(
        builder.program, on: BackendUnderTest.cpu.backend, weights: [:])
    }
    func run(_ runner: ProgramRunner, step: UInt64) throws -> [Float] {
      try runner.set("q", floats: (0..<48).map { Float($0 % 7) / 3 - 1 })
      try runner.set("k", floats: (0..<40).map { Float($0 % 5) / 2 - 1 })
      try runner.set("v", floats: (0..<40).map { Float($0 % 9) / 4 - 1 })
      try runner.set("ranges", (0..<6).flatMap { [Int32($0 % 3), 5] })
      try runner.run(step: step)
      return try runner.output("out")
    }
    let whole = try run(output(nil), step: 0)
    let dropped = try output(Dropout(rate: 0.3, stream: "model-dropout/a"))
    let steps = 4000
    var mean = [Double](repeating: 0, count: whole.count)
    for step in 0..<UInt64(steps) {
      for (index, value) in try run(dropped, step: step).enumerated() {
        mean[index] += Double(value) / Double(steps)
      }
    }
    // A deviation of at most √(0.3 / 0.7) · max |v| a step, and five of them over the steps' root.
    let limit = 5 * 0.655 * 1 / Double(steps).squareRoot()
    for (found, expected) in zip(mean, whole) { #expect(abs(found - Double(expected)) <= limit) }
  }
}
