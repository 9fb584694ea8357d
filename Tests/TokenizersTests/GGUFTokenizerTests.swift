import JSONSyntax
import Testing
import Tokenizers

/// The tokens and merges of a fixture as a GGUF file holds them.
private func tokenizer(
  _ fixture: String, _ preTokenizer: String, addBOS: Bool = false, addEOS: Bool = false
) throws -> Tokenizer {
  let json = try Fixtures.json("\(fixture).tokenizer.json")
  let vocabulary = try #require(json["model"]?["vocab"]?.object).members
  let tokens = vocabulary.sorted { ($0.value.integer ?? 0) < ($1.value.integer ?? 0) }.map(\.key)
  let merges = try #require(json["model"]?["merges"]?.array).map { merge in
    try Fixtures.strings(merge).joined(separator: " ")
  }
  return try Tokenizer(
    bytePairTokens: tokens, merges: merges, types: tokens.indices.map { $0 < 3 ? 3 : 1 },
    preTokenizer: preTokenizer, bosID: 0, eosID: 1, unknownID: nil, padID: 2, addBOS: addBOS,
    addEOS: addEOS, chatTemplate: "{{ messages }}")
}

/// The fixtures' added tokens beyond the vocabulary are not in a GGUF file.
private func texts() throws -> [String] {
  try Fixtures.strings(Fixtures.json("texts.json")).filter {
    !$0.contains("<mask>") && !$0.contains("<|pad|>") && !$0.lowercased().contains("<norm>")
  }
}

@Test(arguments: [
  ("gpt2", "gpt-2", false), ("llama3", "llama-bpe", true), ("qwen", "qwen2", false),
]) func `a GGUF file's tokenizer encodes as the one that it came from`(
  fixture: String, preTokenizer: String, addsBoth: Bool
) throws {
  let tokenizer = try tokenizer(fixture, preTokenizer, addBOS: addsBoth, addEOS: addsBoth)
  let original = try Tokenizer(
    tokenizerJSON: Fixtures.json("\(fixture).tokenizer.json"), configuration: nil)
  for text in try texts() {
    #expect(tokenizer.encode(text) == original.encode(text), "\(text.debugDescription)")
  }
  #expect(tokenizer.beginningID == 0)
  #expect(tokenizer.endID == 1)
  #expect(tokenizer.padID == 2)
  #expect(tokenizer.specialIDs == [0, 1, 2])
  let again = try Tokenizer(
    tokenizerJSON: JSONValue(parsing: tokenizer.tokenizerJSON().text()),
    configuration: tokenizer.configurationJSON())
  #expect(again.encodingIdentity == tokenizer.encodingIdentity)
  #expect(again.chatTemplate == tokenizer.chatTemplate)
}

@Test func `SmolLM2's digits stand alone and take no space`() throws {
  let tokenizer = try tokenizer("smollm", "smollm")
  let encoding = tokenizer.encode("in 1811")
  #expect(
    encoding.ids.suffix(5).compactMap { tokenizer.token(of: $0) } == ["Ġ", "1", "8", "1", "1"])
}

@Test func `GGUF metadata that does not fit is refused`() {
  func error(
    _ tokens: [String], _ merges: [String] = [], types: [Int32]? = nil, pre: String = "gpt-2",
    bosID: Int? = nil
  ) -> TokenizerError? {
    do {
      _ = try Tokenizer(
        bytePairTokens: tokens, merges: merges, types: types, preTokenizer: pre, bosID: bosID,
        eosID: nil, unknownID: nil, padID: nil, addBOS: false, addEOS: false, chatTemplate: nil)
      return nil
    } catch { return error }
  }
  #expect(error(["a"]) == nil)
  #expect(error(["a"], pre: "viking") == .unsupported(component: "pre-tokenizer", kind: "viking"))
  #expect(error(["a"], bosID: 1) == .invalidID(1, token: "beginning token"))
  #expect(error(["a"], bosID: -1) == .invalidID(-1, token: "beginning token"))
  #expect(error(["a", "a"]) == .invalidID(1, token: "a"))
  #expect(error(["a"], ["a b"]) == .unknownMerge(index: 0, token: "b"))
  #expect(
    error(["a"], ["ab"])
      == .malformed(member: "tokenizer.ggml.merges[0]", expected: "two tokens"))
  #expect(
    error(["a"], types: [])
      == .malformed(member: "tokenizer.ggml.token_type", expected: "one for each token"))
}
