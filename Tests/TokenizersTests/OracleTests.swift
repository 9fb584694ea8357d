import JSONSyntax
import Testing
import Tokenizers

/// The tokenizers that Tests/Oracles/make_tokenizer_fixtures.py trains.
private let names = ["gpt2", "smollm", "llama3", "qwen", "llama2", "metaspace"]

/// A fixture's tokenizer and what Hugging Face `tokenizers` makes of the texts.
private struct Oracle {
  let tokenizer: Tokenizer
  let texts: [String]
  let expected: JSONValue

  init(_ name: String) throws {
    tokenizer = try Tokenizer(
      tokenizerJSON: Fixtures.json("\(name).tokenizer.json"), configuration: nil)
    texts = try Fixtures.strings(Fixtures.json("texts.json"))
    expected = try Fixtures.json("\(name).expected.json")
  }
}

/// `range` widened to whole characters of `text`.
private func wholeCharacters(_ range: Range<Int>, of text: [UInt8]) -> [Int] {
  var start = range.lowerBound
  var end = range.upperBound
  while start > 0, start < text.count, text[start] & 0xC0 == 0x80 { start -= 1 }
  while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
  return [start, end]
}

@Test(arguments: names) func `400 texts become the ids that Hugging Face gives`(
  name: String
) throws {
  let oracle = try Oracle(name)
  let expected = try #require(oracle.expected["ids"]?.array)
  #expect(oracle.texts.count == 400)
  for (text, ids) in zip(oracle.texts, expected) {
    #expect(try oracle.tokenizer.encode(text).ids == Fixtures.ids(ids), "\(text.debugDescription)")
  }
}

@Test(arguments: names) func `ids decode to the texts that Hugging Face gives`(
  name: String
) throws {
  let oracle = try Oracle(name)
  for (index, text) in oracle.texts.enumerated() {
    let ids = oracle.tokenizer.encode(text).ids
    let decoded = oracle.tokenizer.decode(ids, skipSpecialTokens: true)
    let expected = oracle.expected["decoded"]?[String(index)]?.string ?? text
    #expect(
      decoded.unicodeScalars.elementsEqual(expected.unicodeScalars), "\(text.debugDescription)")
  }
}

@Test(arguments: names) func `arbitrary ids decode to the texts that Hugging Face gives`(
  name: String
) throws {
  let oracle = try Oracle(name)
  let noise = try #require(oracle.expected["noise"]?.array)
  let expected = try Fixtures.strings(oracle.expected["noise_decoded"])
  for (ids, text) in zip(noise, expected) {
    let decoded = oracle.tokenizer.decode(try Fixtures.ids(ids), skipSpecialTokens: false)
    #expect(decoded.unicodeScalars.elementsEqual(text.unicodeScalars), "\(ids)")
  }
}

/// Where NFC composes characters, Hugging Face's offsets hold the first of them alone.
@Test(arguments: ["gpt2", "smollm", "llama3", "llama2"])
func `tokens stand where Hugging Face says`(name: String) throws {
  let oracle = try Oracle(name)
  let expected = try #require(oracle.expected["offsets"]?.array)
  for (text, offsets) in zip(oracle.texts, expected) {
    let encoding = oracle.tokenizer.encode(text)
    let bytes = Array(text.utf8)
    for (span, offset) in zip(encoding.spans, try #require(offsets.array)) {
      let expected = try #require(offset.array).compactMap(\.integer)
      if span.isEmpty { continue }
      #expect(wholeCharacters(span, of: bytes) == expected, "\(text.debugDescription)")
    }
  }
}

@Test(arguments: ["gpt2", "llama3"]) func `the spans of a text's tokens are the text`(
  name: String
) throws {
  let oracle = try Oracle(name)
  for text in oracle.texts {
    var end = 0
    for span in oracle.tokenizer.encode(text, addSpecialTokens: false).spans {
      #expect(span.lowerBound == end, "\(text.debugDescription)")
      end = span.upperBound
    }
    #expect(end == text.utf8.count)
  }
}

@Test(arguments: names) func `decoding in parts gives the bytes of the whole`(
  name: String
) throws {
  let oracle = try Oracle(name)
  for text in oracle.texts {
    let ids = oracle.tokenizer.encode(text).ids
    let whole = oracle.tokenizer.decodeBytes(ids, skipSpecialTokens: false)
    var parts: [UInt8] = []
    for (index, id) in ids.enumerated() {
      parts += oracle.tokenizer.decodeBytes([id], skipSpecialTokens: false, continuing: index > 0)
    }
    #expect(parts == whole, "\(text.debugDescription)")
  }
}

@Test func `every pre-tokenizer cuts texts as Hugging Face does`() throws {
  let fixture = try Fixtures.json("pieces.json")
  let texts = try Fixtures.strings(fixture["texts"])
  for entry in try #require(fixture["cases"]?.array) {
    let name = try #require(entry["name"]?.string)
    let expected = try #require(entry["pieces"]?.array)
    for (text, pieces) in zip(texts, expected) {
      let pieces = try Fixtures.strings(pieces)
      // Each piece is a token of its own, since the model takes whole words before merging.
      var vocabulary = JSONObject()
      for piece in pieces {
        vocabulary[piece] = vocabulary[piece] ?? .integer(Int64(vocabulary.members.count))
      }
      let tokenizer = try Tokenizer(
        tokenizerJSON: [
          "pre_tokenizer": try #require(entry["pre_tokenizer"]),
          "model": [
            "type": "BPE", "vocab": .object(vocabulary), "merges": [], "ignore_merges": true,
          ],
        ], configuration: nil)
      let found = tokenizer.encode(text).ids.compactMap { tokenizer.token(of: $0) }
      #expect(found == pieces, "\(name): \(text.debugDescription)")
    }
  }
}

@Test(arguments: names) func `a tokenizer written and read again is the same`(name: String) throws {
  let oracle = try Oracle(name)
  let text = oracle.tokenizer.tokenizerJSON().text()
  let again = try Tokenizer(
    tokenizerJSON: JSONValue(parsing: text),
    configuration: oracle.tokenizer.configurationJSON())
  #expect(again.encodingIdentity == oracle.tokenizer.encodingIdentity)
  #expect(again.chatTemplate == oracle.tokenizer.chatTemplate)
  for text in oracle.texts { #expect(again.encode(text) == oracle.tokenizer.encode(text)) }
}
