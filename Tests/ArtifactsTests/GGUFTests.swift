import Artifacts
import JSONSyntax
import Tensors
import Testing

struct GGUFTests {
  @Test func dequantizesAsGGUFPythonDoes() throws {
    let file = try GGUFFile.open(Fixture.path("quantizations.gguf"))
    let expected = try Fixture.json("quantizations.json")
    #expect(file.tensors.map(\.type) == [.float32, .float16, .bfloat16, .q40, .q41, .q80])
    for tensor in file.tensors {
      let value = try #require(expected[tensor.name])
      #expect(tensor.shape == [3, 64])
      #expect(same(tensor.float32Bits, value["bits"]?.bits ?? []), "\(tensor.name)")
    }
  }

  @Test func roundsQuantizedElementsToBFloat16() throws {
    for tensor in try GGUFFile.open(Fixture.path("quantizations.gguf")).tensors {
      #expect(tensor.roundsWithinHalfAStep, "\(tensor.name)")
    }
  }

  @Test func namesAndOrdersALlamaModelAsHuggingFaceDoes() throws {
    let file = try GGUFFile.open(Fixture.path("llama.gguf"))
    let expected = try #require(try Fixture.json("llama.json").object)
    #expect(Set(file.tensors.map(\.name)) == Set(expected.members.map(\.key)))
    for tensor in file.tensors {
      let value = try #require(expected[tensor.name])
      #expect(tensor.shape.dimensions == value["shape"]?.integers, "\(tensor.name)")
      #expect(same(tensor.float32Bits, value["bits"]?.bits ?? []), "\(tensor.name)")
      let isPermuted = tensor.name.contains("q_proj") || tensor.name.contains("k_proj")
      #expect((tensor.rowPermutation != nil) == isPermuted)
      #expect(tensor.roundsWithinHalfAStep, "\(tensor.name)")
    }
  }

  @Test func readsEveryKindOfMetadata() throws {
    let file = try GGUFFile.open(Fixture.path("llama.gguf"))
    #expect(file.version == 3)
    #expect(file["test.uint8"] == .integer(200))
    #expect(file["test.int8"] == .integer(-100))
    #expect(file["test.uint16"] == .integer(60000))
    #expect(file["test.int16"] == .integer(-30000))
    #expect(file["test.uint32"] == .integer(4_000_000_000))
    #expect(file["test.int32"] == .integer(-2_000_000_000))
    #expect(file["test.uint64"] == .unsigned(1 << 63 + 1))
    #expect(file["test.uint64"]?.integer == nil)
    #expect(file["test.int64"] == .integer(-(1 << 62)))
    #expect(file["test.float32"] == .float(0.25))
    #expect(file["test.float64"] == .double(0.1))
    #expect(file["test.bool"] == .bool(true))
    #expect(file["test.strings"] == .strings(["one", "two"]))
    #expect(file["test.nested"] == .arrays([.integers([1, 2]), .integers([3])]))
    #expect(file["nothing"] == nil)
  }

  @Test func makesTheConfigurationThatTransformersWouldHave() throws {
    let configuration = try GGUFFile.open(Fixture.path("llama.gguf")).configuration()
    #expect(
      configuration == [
        "architectures": ["LlamaForCausalLM"], "attention_bias": true, "bos_token_id": 1,
        "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 32, "intermediate_size": 64,
        "max_position_embeddings": 64, "mlp_bias": false, "model_type": "llama",
        "num_attention_heads": 4, "num_hidden_layers": 1, "num_key_value_heads": 2,
        "pad_token_id": 2, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "tie_word_embeddings": true, "vocab_size": 6,
      ])
  }

  @Test func handsOverTheTokenizer() throws {
    let tokenizer = try #require(try GGUFFile.open(Fixture.path("llama.gguf")).tokenizer())
    #expect(tokenizer.model == "gpt2")
    #expect(tokenizer.pre == "smollm")
    #expect(tokenizer.tokens == ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "a", "Ġb", "Ġba"])
    #expect(tokenizer.types == [3, 3, 3, 1, 1, 1])
    #expect(tokenizer.merges == ["Ġb a"])
    #expect(tokenizer.scores.isEmpty)
    #expect(tokenizer.beginningID == 1)
    #expect(tokenizer.endID == 2)
    #expect(tokenizer.unknownID == 0)
    #expect(tokenizer.paddingID == 2)
    #expect(tokenizer.addsBeginning == false)
    #expect(tokenizer.addsEnd == nil)
    #expect(tokenizer.chatTemplate?.hasPrefix("{% for") == true)
  }

  @Test func readsVersionTwoAsItReadsVersionThree() throws {
    let directory = try TemporaryDirectory()
    var bytes = try Fixture.bytes("llama.gguf")
    bytes[4] = 2
    let file = try GGUFFile.open(directory.file("two.gguf", bytes))
    #expect(file.version == 2)
    #expect(file.tensors.count == 12)
  }

  @Test func namesATypeThatItDoesNotRead() throws {
    let path = Fixture.path("unsupported.gguf")
    let error = ArtifactError.unsupportedTensorType(
      path: path, tensor: "blk.0.attn_v.weight", type: "q6_K")
    #expect(throws: error) { try GGUFFile.open(path) }
    #expect(error.diagnostic.code == .unsupportedTensorType)
    #expect(error.diagnostic.message.contains("`blk.0.attn_v.weight`"))
  }

  @Test func findsLlama3ScalingInItsDivisors() throws {
    let directory = try TemporaryDirectory()
    // Head dimension 8 of theta 500000: the divisors that transformers 5.24 computes for factor 8.
    let builder = GGUFBuilder(
      keys: llamaKeys + [("llama.rope.freq_base", .float(500_000))],
      tensors: [("rope_freqs.weight", [4], [1, 1, 1.3905463, 8])])
    var divisors: [Float] = []
    for index in 0..<4 { divisors.append(llama3Divisor(index, of: 4, theta: 500_000, factor: 8)) }
    var right = builder
    right.tensors[0].values = divisors
    let configuration = try GGUFFile.open(directory.file("a.gguf", right.bytes)).configuration()
    #expect(configuration["rope_scaling"]?["rope_type"] == "llama3")
    #expect(configuration["rope_scaling"]?["factor"] == 8.0)
    #expect(configuration["rope_scaling"]?["original_max_position_embeddings"] == 8192)
    var wrong = right
    wrong.tensors[0].values[1] = 3
    let path = try directory.file("b.gguf", wrong.bytes)
    #expect(throws: ArtifactError.self) { try GGUFFile.open(path).configuration() }
  }

  @Test func readsRopeScalingOfItsKeys() throws {
    let directory = try TemporaryDirectory()
    let builder = GGUFBuilder(
      keys: llamaKeys + [
        ("llama.rope.scaling.type", .string("linear")), ("llama.rope.scaling.factor", .float(2)),
        ("llama.attention.key_length", .uint32(16)), ("llama.rope.dimension_count", .uint32(16)),
      ], tensors: [])
    let configuration = try GGUFFile.open(directory.file("a.gguf", builder.bytes)).configuration()
    #expect(configuration["rope_scaling"] == ["rope_type": "linear", "factor": 2.0])
    #expect(configuration["head_dim"] == 16)
  }

  @Test(arguments: [
    ("general.architecture", GGUFBuilder.Value.string("gpt2")),
    ("llama.expert_count", .uint32(8)),
    ("llama.attention.head_count", .uint32(0)),
    ("llama.attention.head_count", .string("four")),
    ("llama.embedding_length", .float(32)),
    ("llama.rope.dimension_count", .uint32(4)),
    ("llama.rope.freq_base", .float(.nan)),
    ("llama.rope.scaling.type", .string("longrope")),
    ("llama.attention.value_length", .uint32(4)),
  ])
  func refusesAConfigurationThatItCannotFollow(key: String, value: GGUFBuilder.Value) throws {
    let directory = try TemporaryDirectory()
    let keys = llamaKeys.filter { $0.0 != key } + [(key, value)]
    let path = try directory.file("a.gguf", GGUFBuilder(keys: keys, tensors: []).bytes)
    #expect(throws: ArtifactError.self) { try GGUFFile.open(path).configuration() }
  }
}

extension StoredTensor {
  /// Whether each element as bfloat16 is near that as float32.
  ///
  /// bfloat16 has 8 significant bits: |error| ≤ 2⁻⁸ · |x|
  fileprivate var roundsWithinHalfAStep: Bool {
    zip(bfloat16Bits, float32Bits).allSatisfy { short, full in
      let value = Float(bitPattern: full)
      return abs(Float(bitPattern: UInt32(short) << 16) - value) <= abs(value) / 256
    }
  }
}

/// Llama 3's divisor of frequency `index`, as its reference code has it.
private func llama3Divisor(_ index: Int, of count: Int, theta: Double, factor: Double) -> Float {
  var frequency = 1.0
  // theta^(−index/count) for count 4, by square roots alone.
  let root = theta.squareRoot().squareRoot()
  for _ in 0..<index { frequency /= root }
  let wavelength = 2 * Double.pi / frequency
  if wavelength < 8192 / 4 { return 1 }
  if wavelength > 8192 { return Float(factor) }
  let smooth = (8192 / wavelength - 1) / 3
  return Float(1 / ((1 - smooth) / factor + smooth))
}

/// The keys that a llama model needs, for heads of 8.
let llamaKeys: [(String, GGUFBuilder.Value)] = [
  ("general.architecture", .string("llama")), ("llama.block_count", .uint32(1)),
  ("llama.context_length", .uint32(64)), ("llama.embedding_length", .uint32(32)),
  ("llama.feed_forward_length", .uint32(64)), ("llama.attention.head_count", .uint32(4)),
  ("llama.attention.layer_norm_rms_epsilon", .float(1e-5)), ("llama.vocab_size", .uint32(6)),
]

/// Makes the bytes of small GGUF files of float32 tensors.
struct GGUFBuilder {
  enum Value: Sendable {
    case uint32(UInt32)
    case float(Float)
    case string(String)
    /// A type number and bytes as they are.
    case raw(UInt32, [UInt8])
  }

  var keys: [(String, Value)]
  var tensors: [(name: String, dimensions: [Int], values: [Float])]

  var bytes: [UInt8] {
    var bytes = Array("GGUF".utf8) + little(UInt32(3))
    bytes += little(UInt64(tensors.count)) + little(UInt64(keys.count))
    for (key, value) in keys {
      bytes += text(key)
      switch value {
      case .uint32(let number): bytes += little(UInt32(4)) + little(number)
      case .float(let number): bytes += little(UInt32(6)) + little(number.bitPattern)
      case .string(let string): bytes += little(UInt32(8)) + text(string)
      case .raw(let type, let raw): bytes += little(type) + raw
      }
    }
    var data: [UInt8] = []
    for tensor in tensors {
      bytes += text(tensor.name) + little(UInt32(tensor.dimensions.count))
      for dimension in tensor.dimensions.reversed() { bytes += little(UInt64(dimension)) }
      bytes += little(UInt32(0)) + little(UInt64(data.count))
      data += tensor.values.flatMap { little($0.bitPattern) }
      data += [UInt8](repeating: 0, count: (32 - data.count % 32) % 32)
    }
    bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
    return bytes + data
  }

  private func text(_ string: String) -> [UInt8] {
    little(UInt64(string.utf8.count)) + Array(string.utf8)
  }
}

/// The bytes of an integer, lowest first.
func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
