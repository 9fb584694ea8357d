import JSONSyntax
import Testing
import Tokenizers

/// The tokenizers that Tests/Oracles/make_subword_fixtures.py trains, and those that Hone made.
private let names = [
  "bert", "bert-cased", "t5", "marian", "word-level", "roberta", "made-character",
  "made-character-cut", "made-bpe",
]

/// A tokenizer, the 2,000 texts and what Hugging Face `tokenizers` makes of them.
private struct Oracle {
  let tokenizer: Tokenizer
  let texts: [String]
  let expected: JSONValue

  init(_ name: String) throws {
    if name == "roberta" {
      var json = try #require(Fixtures.json("gpt2.tokenizer.json").object)
      let plain = try Tokenizer(tokenizerJSON: .object(json), configuration: nil)
      json["post_processor"] = [
        "type": "RobertaProcessing",
        "sep": ["</s>", .integer(Int64(try #require(plain.id(of: "</s>"))))],
        "cls": ["<s>", .integer(Int64(try #require(plain.id(of: "<s>"))))],
        "trim_offsets": true, "add_prefix_space": false,
      ]
      tokenizer = try Tokenizer(tokenizerJSON: .object(json), configuration: nil)
    } else {
      tokenizer = try Tokenizer(
        tokenizerJSON: Fixtures.json("\(name).tokenizer.json"), configuration: nil)
    }
    texts = try SubwordTexts.all
    expected = try Fixtures.json("\(name).expected.json")
  }

  /// The hashes of a member, one for each text.
  func hashes(_ member: String) throws -> [String] {
    try SubwordTexts.hashes(expected[member])
  }
}

@Test(arguments: names) func `2,000 generated texts become Hugging Face's ids, and these its texts`(
  name: String
) throws {
  let oracle = try Oracle(name)
  let encodings = oracle.texts.map { oracle.tokenizer.encode($0).ids }
  let listed = try #require(oracle.expected["ids"]?.array)
  #expect(listed.count == 200)
  for (place, ids) in listed.enumerated() {
    #expect(try encodings[place] == Fixtures.ids(ids), "\(oracle.texts[place].debugDescription)")
  }
  let hashes = try oracle.hashes("hashes")
  let decoded = try oracle.hashes("decoded")
  #expect(hashes.count == 2000 && decoded.count == 2000)
  for (place, ids) in encodings.enumerated() {
    let text = oracle.tokenizer.decode(ids, skipSpecialTokens: true)
    #expect(SubwordTexts.hash(ids) == hashes[place], "\(oracle.texts[place].debugDescription)")
    #expect(
      SubwordTexts.hash(text.utf8) == decoded[place], "\(oracle.texts[place].debugDescription)")
  }
}

@Test(arguments: names) func `500 pairs have the ids and type ids that Hugging Face gives`(
  name: String
) throws {
  let oracle = try Oracle(name)
  for (index, expected) in try oracle.hashes("pairs").enumerated() {
    let pair = oracle.tokenizer.encode(
      oracle.texts[index], pair: oracle.texts[(index + 1) % oracle.texts.count])
    #expect(
      SubwordTexts.hash(pair.ids + pair.typeIDs) == expected,
      "\(oracle.texts[index].debugDescription)")
  }
  for (index, expected) in try oracle.hashes("plain_pairs").enumerated() {
    let pair = oracle.tokenizer.encode(
      oracle.texts[index], pair: oracle.texts[index + 1], addSpecialTokens: false)
    #expect(SubwordTexts.hash(pair.ids + pair.typeIDs) == expected)
    #expect(pair.sources.count == pair.ids.count && pair.spans.count == pair.ids.count)
  }
}

@Test(arguments: names) func `pairs that are too long lose what Hugging Face cuts`(
  name: String
) throws {
  let oracle = try Oracle(name)
  for (index, expected) in try oracle.hashes("cut_pairs").enumerated() {
    let text = index % 50
    let pair = oracle.tokenizer.encode(
      oracle.texts[text], pair: oracle.texts[text + 1], maxLength: [7, 12, 13, 30][index / 50])
    #expect(SubwordTexts.hash(pair.ids + pair.typeIDs) == expected)
  }
}

/// Hugging Face lets a word's `▁` hold the word's first character, ours holds nothing.
@Test(arguments: ["bert", "bert-cased"]) func `pieces stand where Hugging Face says`(
  name: String
) throws {
  let oracle = try Oracle(name)
  for (text, expected) in zip(oracle.texts, try oracle.hashes("offsets")) {
    let bytes = Array(text.utf8)
    let offsets = oracle.tokenizer.encode(text).spans.flatMap { span -> [Int32] in
      if span.isEmpty { return [0, 0] }
      var (start, end) = (span.lowerBound, span.upperBound)
      while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
      while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
      return [Int32(start), Int32(end)]
    }
    #expect(SubwordTexts.hash(offsets) == expected, "\(text.debugDescription) \(offsets)")
  }
}

@Test(arguments: names) func `subwords decoded in parts give the bytes of the whole`(
  name: String
) throws {
  let oracle = try Oracle(name)
  for text in oracle.texts.prefix(300) {
    let ids = oracle.tokenizer.encode(text).ids
    var parts: [UInt8] = []
    for (index, id) in ids.enumerated() {
      parts += oracle.tokenizer.decodeBytes([id], skipSpecialTokens: false, continuing: index > 0)
    }
    #expect(parts == oracle.tokenizer.decodeBytes(ids, skipSpecialTokens: false))
  }
}
