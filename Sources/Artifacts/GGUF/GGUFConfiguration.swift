package import JSONSyntax
import Glibc
import Tensors

extension GGUFFile {
  /// The model's `config.json`, as transformers would have it.
  ///
  /// - Throws: ``ArtifactError/unknownArchitecture(path:name:)`` for anything but a llama model,
  ///   ``ArtifactError/gguf(path:_:)`` if a key that is needed is missing or has no usable value.
  package func configuration() throws(ArtifactError) -> JSONValue {
    let architecture = values["general.architecture"]?.string ?? "unknown"
    let experts = values["llama.expert_count"]?.integer ?? 0
    guard architecture == "llama", experts == 0 else {
      let name = experts == 0 ? architecture : "\(architecture) with experts"
      throw .unknownArchitecture(path: file.path, name: name)
    }
    do throws(GGUFFlaw) {
      return .object(try llamaConfiguration())
    } catch { throw .gguf(path: file.path, error) }
  }

  private func llamaConfiguration() throws(GGUFFlaw) -> JSONObject {
    let names = Set(tensors.map(\.name))
    let heads = try needed("llama.attention.head_count", headCount("llama.attention.head_count"))
    let hidden = try positive("llama.embedding_length")
    var configuration = JSONObject()
    configuration["architectures"] = ["LlamaForCausalLM"]
    configuration["attention_bias"] = .bool(
      names.contains("model.layers.0.self_attn.q_proj.bias"))
    configuration["bos_token_id"] = tokenID("bos_token_id")
    configuration["eos_token_id"] = tokenID("eos_token_id")
    configuration["head_dim"] = try headDimension(heads: heads, hidden: hidden)
    configuration["hidden_act"] = "silu"
    configuration["hidden_size"] = .integer(hidden)
    configuration["intermediate_size"] = .integer(try positive("llama.feed_forward_length"))
    configuration["max_position_embeddings"] = .integer(try positive("llama.context_length"))
    configuration["mlp_bias"] = .bool(names.contains("model.layers.0.mlp.up_proj.bias"))
    configuration["model_type"] = "llama"
    configuration["num_attention_heads"] = .integer(Int64(heads))
    configuration["num_hidden_layers"] = .integer(try positive("llama.block_count"))
    configuration["num_key_value_heads"] = .integer(
      Int64(try headCount("llama.attention.head_count_kv") ?? heads))
    configuration["pad_token_id"] = tokenID("padding_token_id")
    configuration["rms_norm_eps"] = .number(
      try number("llama.attention.layer_norm_rms_epsilon") ?? 1e-6)
    configuration["rope_scaling"] = try ropeScaling()
    configuration["rope_theta"] = .number(try number("llama.rope.freq_base") ?? 10_000)
    configuration["tie_word_embeddings"] = .bool(!names.contains("lm_head.weight"))
    configuration["vocab_size"] = .integer(try vocabularySize())
    return configuration
  }

  private func headCount(_ key: String) throws(GGUFFlaw) -> Int? {
    try GGUFHeadCount(key, values).count
  }

  /// The head's dimension where the file gives one, and the rest of the file agrees with it.
  private func headDimension(heads: Int, hidden: Int64) throws(GGUFFlaw) -> JSONValue? {
    let given =
      values["llama.attention.key_length"] == nil
      ? nil : try positive("llama.attention.key_length")
    let dimension = given ?? hidden / Int64(heads)
    for key in ["llama.attention.value_length", "llama.rope.dimension_count"]
    where values[key] != nil {
      guard try positive(key) == dimension else {
        throw .badValue(key: key, expected: "the dimension of a head, \(dimension)")
      }
    }
    return given.map { .integer($0) }
  }

  private func vocabularySize() throws(GGUFFlaw) -> Int64 {
    if let embedding = tensors.first(where: { $0.name == "model.embed_tokens.weight" }),
      embedding.shape.rank == 2
    {
      return Int64(embedding.shape.rows)
    }
    return try positive("llama.vocab_size")
  }

  private func tokenID(_ name: String) -> JSONValue? {
    values["tokenizer.ggml." + name]?.integer.map { .integer(Int64($0)) }
  }

  private func ropeScaling() throws(GGUFFlaw) -> JSONValue? {
    let prefix = "llama.rope.scaling."
    if let ropeFactors { return try llama3Scaling(ropeFactors) }
    let kind = try value(prefix + "type", "a string") { $0.string } ?? "none"
    guard kind != "none" else { return nil }
    guard kind == "linear" || kind == "yarn" else {
      throw .badValue(key: prefix + "type", expected: "`none`, `linear` or `yarn`")
    }
    var scaling = JSONObject()
    scaling["rope_type"] = .string(kind)
    scaling["factor"] = .number(try needed(prefix + "factor", number(prefix + "factor")))
    scaling["original_max_position_embeddings"] = try value(
      prefix + "original_context_length", "an integer"
    ) { $0.integer }.map { .integer(Int64($0)) }
    return .object(scaling)
  }

  /// Llama 3's scaling, found again from the divisors that the converter computed with it.
  private func llama3Scaling(_ tensor: StoredTensor) throws(GGUFFlaw) -> JSONValue {
    var divisors = [Float](repeating: 0, count: tensor.shape.count)
    divisors.withUnsafeMutableBufferPointer { tensor.readFloat32(into: $0) }
    let theta = try number("llama.rope.freq_base") ?? 10_000
    let factor = Double(divisors.max() ?? 1)
    let (low, high, original) = (1.0, 4.0, 8192.0)
    for (index, divisor) in divisors.enumerated() {
      let frequency = 1 / pow(theta, Double(index) / Double(divisors.count))
      let wavelength = 2 * Double.pi / frequency
      let smooth = (original / wavelength - low) / (high - low)
      let blended = 1 / ((1 - smooth) / factor + smooth)
      let expected = smooth >= 1 ? 1 : smooth <= 0 ? factor : blended
      // The converter computes in float32.
      guard abs(Double(divisor) - expected) <= 1e-3 * expected else {
        throw .badValue(key: GGUFNames.ropeFactors, expected: "what Llama 3's scaling gives")
      }
    }
    return [
      "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": .number(low),
      "high_freq_factor": .number(high),
      "original_max_position_embeddings": .integer(Int64(original)),
    ]
  }

  private func number(_ key: String) throws(GGUFFlaw) -> Double? {
    try value(key, "a positive number") { value in
      value.number.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }
  }

  private func positive(_ key: String) throws(GGUFFlaw) -> Int64 {
    let integer = try value(key, "a positive integer") { value in
      value.integer.flatMap { $0 > 0 ? Int64($0) : nil }
    }
    return try needed(key, integer)
  }

  private func needed<Value>(_ key: String, _ value: Value?) throws(GGUFFlaw) -> Value {
    guard let value else { throw .missingKey(key) }
    return value
  }
}
