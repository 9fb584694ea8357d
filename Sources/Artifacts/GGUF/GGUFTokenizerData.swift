/// The tokenizer in a GGUF file's metadata, as plain values.
package struct GGUFTokenizerData: Hashable, Sendable {
  /// `gpt2` for byte-level BPE, `llama` for SentencePiece.
  package let model: String
  /// The name of the pre-tokenizer, such as `smollm`.
  package let pre: String?
  /// The tokens, by id.
  package let tokens: [String]
  /// The tokens' scores, by id; empty where the file has none.
  package let scores: [Float]
  /// 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; empty where the file has none.
  package let types: [Int]
  /// The merges in order of rank, two tokens with a space between; empty where the file has none.
  package let merges: [String]
  package let beginningID: Int?
  package let endID: Int?
  package let unknownID: Int?
  package let paddingID: Int?
  /// Whether a beginning token is put first; nil where the file does not say.
  package let addsBeginning: Bool?
  /// Whether an end token is put last; nil where the file does not say.
  package let addsEnd: Bool?
  /// Whether a space is put before the text; nil where the file does not say.
  package let addsSpacePrefix: Bool?
  package let chatTemplate: String?
}

extension GGUFFile {
  /// The tokenizer, or nil if the file has none.
  ///
  /// - Throws: ``ArtifactError/gguf(path:_:)`` if a key holds something else than it should.
  package func tokenizer() throws(ArtifactError) -> GGUFTokenizerData? {
    guard values["tokenizer.ggml.model"] != nil else { return nil }
    do throws(GGUFFlaw) {
      return try readTokenizer()
    } catch { throw .gguf(path: file.path, error) }
  }

  private func readTokenizer() throws(GGUFFlaw) -> GGUFTokenizerData {
    let text = "a string"
    let tokens = try ggml("tokens", "an array of strings") { $0.strings } ?? []
    func id(_ name: String) throws(GGUFFlaw) -> Int? {
      try ggml(name, "the id of a token") { value in
        value.integer.flatMap { tokens.indices.contains($0) ? $0 : nil }
      }
    }
    func perToken<Value>(_ name: String, _ values: [Value]?) throws(GGUFFlaw) -> [Value] {
      guard let values else { return [] }
      guard values.count == tokens.count else {
        throw .badValue(key: Self.ggmlKey(name), expected: "as long as `tokenizer.ggml.tokens`")
      }
      return values
    }
    return GGUFTokenizerData(
      model: try ggml("model", text) { $0.string } ?? "",
      pre: try ggml("pre", text) { $0.string },
      tokens: tokens,
      scores: try perToken("scores", ggml("scores", "an array of float32") { $0.floats }),
      types: try perToken("token_type", ggml("token_type", "an array of integers") { $0.integers }),
      merges: try ggml("merges", "an array of strings") { $0.strings } ?? [],
      beginningID: try id("bos_token_id"), endID: try id("eos_token_id"),
      unknownID: try id("unknown_token_id"), paddingID: try id("padding_token_id"),
      addsBeginning: try ggml("add_bos_token", "a boolean") { $0.bool },
      addsEnd: try ggml("add_eos_token", "a boolean") { $0.bool },
      addsSpacePrefix: try ggml("add_space_prefix", "a boolean") { $0.bool },
      chatTemplate: try value("tokenizer.chat_template", text) { $0.string })
  }

  private static func ggmlKey(_ name: String) -> String { "tokenizer.ggml." + name }

  private func ggml<Value>(
    _ name: String, _ expected: String, _ convert: (GGUFValue) -> Value?
  ) throws(GGUFFlaw) -> Value? {
    try value(Self.ggmlKey(name), expected, convert)
  }

  /// The converted value of `key`, nil where the file does not have it.
  func value<Value>(
    _ key: String, _ expected: String, _ convert: (GGUFValue) -> Value?
  ) throws(GGUFFlaw) -> Value? {
    guard let value = values[key] else { return nil }
    guard let converted = convert(value) else { throw .badValue(key: key, expected: expected) }
    return converted
  }
}
