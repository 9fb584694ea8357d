/// The tensor names of a llama model in GGUF and in Hugging Face's layout.
struct GGUFNames {
  /// The tensor of frequency divisors, which Hugging Face models compute.
  static let ropeFactors = "rope_freqs.weight"

  /// What a llama model's file says of heads; nil for another architecture.
  private let heads: (query: GGUFHeadCount, key: GGUFHeadCount)?

  init(_ values: [String: GGUFValue]) throws(GGUFFlaw) {
    guard values["general.architecture"]?.string == "llama" else {
      heads = nil
      return
    }
    let query = try GGUFHeadCount("llama.attention.head_count", values)
    let key = try GGUFHeadCount("llama.attention.head_count_kv", values)
    heads = (query, key.count == nil ? query : key)
  }

  /// The name that Hugging Face's layout has for the tensor `name`.
  func huggingFaceName(_ name: String) -> String {
    guard heads != nil else { return name }
    switch name {
    case "token_embd.weight": return "model.embed_tokens.weight"
    case "output_norm.weight": return "model.norm.weight"
    case "output.weight": return "lm_head.weight"
    default: break
    }
    guard let part = BlockPart(name), let module = Self.modules[part.module] else { return name }
    return "model.layers.\(part.block).\(module).\(part.parameter)"
  }

  /// How the rows of the tensor `name` were permuted; nil where they were not.
  func rowPermutation(
    _ name: String, _ type: StoredType, _ dimensions: [Int]
  ) throws(GGUFFlaw) -> RowPermutation? {
    guard let heads, let part = BlockPart(name) else { return nil }
    let count: GGUFHeadCount
    switch part.module {
    case "attn_q": count = heads.query
    case "attn_k": count = heads.key
    default: return nil
    }
    guard let headCount = count.count else { throw .missingKey(count.key) }
    let permutation = RowPermutation(heads: headCount)
    guard permutation.divides(rows: dimensions.first ?? 0),
      type.blockElements == 1 || dimensions.count > 1
    else {
      throw .badValue(key: count.key, expected: "a number of heads that divides `\(name)` evenly")
    }
    return permutation
  }

  private static let modules = [
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_norm": "input_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    "ffn_norm": "post_attention_layernorm",
  ]

  /// A name of the form `blk.<block>.<module>.<parameter>`.
  private struct BlockPart {
    let block: Int
    let module: String
    let parameter: String

    init?(_ name: String) {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[0] == "blk", let block = Int(parts[1]), block >= 0,
        String(block) == parts[1], parts[3] == "weight" || parts[3] == "bias"
      else { return nil }
      self.block = block
      module = String(parts[2])
      parameter = String(parts[3])
    }
  }
}

/// A number of heads that holds for all layers.
struct GGUFHeadCount {
  let key: String
  /// The number, or nil where the file does not say.
  let count: Int?

  init(_ key: String, _ values: [String: GGUFValue]) throws(GGUFFlaw) {
    self.key = key
    guard let value = values[key] else {
      count = nil
      return
    }
    // Some converters write one number a layer.
    let each = value.integer.map { [$0] } ?? value.integers ?? []
    guard let first = each.first, first > 0, each.allSatisfy({ $0 == first }) else {
      throw .badValue(key: key, expected: "one positive number for all layers")
    }
    count = first
  }
}
