import JSONSyntax
import Testing
import Tokenizers

/// A byte-level tokenizer whose only merges make `th` and `the`.
private func smallTokenizer() throws -> Tokenizer {
  var vocabulary = JSONObject()
  let ascii = (UInt8(0x21)...0x7E).map { String(Unicode.Scalar($0)) }
  let characters = ascii + ["Ġ", "Ã", "©", "th", "the"]
  for (id, token) in characters.enumerated() { vocabulary[token] = .integer(Int64(id)) }
  return try Tokenizer(
    tokenizerJSON: [
      "added_tokens": [["id": 500, "content": "<end>", "special": true, "normalized": false]],
      "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
      "decoder": ["type": "ByteLevel"],
      "model": [
        "type": "BPE", "vocab": .object(vocabulary), "merges": [["t", "h"], "th e"],
      ],
    ], configuration: ["eos_token": "<end>"])
}

@Test func `a text decodes to itself and every span holds its token's bytes`() throws {
  let tokenizer = try smallTokenizer()
  let text = "the thé<end>!"
  let encoding = tokenizer.encode(text)
  #expect(
    encoding.ids.compactMap { tokenizer.token(of: $0) } == [
      "the", "Ġ", "th", "Ã", "©", "<end>", "!",
    ])
  #expect(encoding.spans == [0..<3, 3..<4, 4..<6, 6..<7, 7..<8, 8..<13, 13..<14])
  #expect(tokenizer.decode(encoding.ids, skipSpecialTokens: false) == text)
  #expect(tokenizer.decode(encoding.ids, skipSpecialTokens: true) == "the thé!")
  #expect(tokenizer.endID == 500)
  #expect(tokenizer.vocabularySize == 501)
}

@Test func `half a character decodes to its bytes or to a replacement character`() throws {
  let tokenizer = try smallTokenizer()
  let half = Array(tokenizer.encode("é").ids.prefix(1))
  #expect(tokenizer.decodeBytes(half, skipSpecialTokens: true) == [0xC3])
  #expect(tokenizer.decode(half, skipSpecialTokens: true) == "\u{FFFD}")
}
