import Glibc
import JSONSyntax
import Testing
import Tokenizers

private func tokenizer(_ changes: [(String, JSONValue)]) throws -> Tokenizer {
  var json = try #require(try Fixtures.json("gpt2.tokenizer.json").object)
  for (name, value) in changes { json[name] = value }
  return try Tokenizer(tokenizerJSON: .object(json), configuration: nil)
}

private func error(_ changes: [(String, JSONValue)]) -> TokenizerError? {
  do {
    _ = try tokenizer(changes)
    return nil
  } catch { return error as? TokenizerError }
}

@Test func `a component that is not known is named`() {
  #expect(
    error([("model", ["type": "Trigram"])])
      == .unsupported(component: "model", kind: "Trigram over bytes"))
  #expect(
    error([("normalizer", ["type": "Rot13"])])
      == .unsupported(component: "normalizer", kind: "Rot13"))
  #expect(
    error([("pre_tokenizer", ["type": "UnicodeScripts"])])
      == .unsupported(component: "pre-tokenizer", kind: "UnicodeScripts"))
  #expect(
    error([("post_processor", ["type": "MordorProcessing"])])
      == .unsupported(component: "post-processor", kind: "MordorProcessing"))
  #expect(
    error([("decoder", ["type": "CTC"])])
      == .unsupported(component: "decoder", kind: "CTC"))
  #expect(
    error([("model", ["type": "BPE", "dropout": 0.1, "vocab": [:], "merges": []])])
      == .unsupported(component: "model option", kind: "dropout"))
}

@Test(arguments: [
  "[a-z&&[^b]]", "[[:alpha:]]", "(?m:.)", "\\p{N}{3}+", "(", "[a", "\\", "\\bx", "\\p{Nonsense}",
  "(?<x>a)\\k<x>",
]) func `a pattern that would read differently is refused`(pattern: String) {
  let split: JSONValue = [
    "type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated",
  ]
  guard case .invalidPattern(pattern, _) = error([("pre_tokenizer", split)]) else {
    Issue.record("it was taken")
    return
  }
}

@Test func `a merge, an id or a token that cannot be is refused`() {
  let vocabulary: JSONValue = ["a": 0, "b": 1]
  func model(_ merges: JSONValue, _ vocabulary: JSONValue, unknown: JSONValue = nil) -> JSONValue {
    ["type": "BPE", "vocab": vocabulary, "merges": merges, "unk_token": unknown]
  }
  let none: (String, JSONValue) = ("added_tokens", [])
  #expect(
    error([none, ("model", model(["a b"], vocabulary))]) == .unknownMerge(index: 0, token: "ab"))
  #expect(
    error([none, ("model", model([["a", "c"]], vocabulary))])
      == .unknownMerge(index: 0, token: "c"))
  #expect(
    error([none, ("model", model(["a  b"], vocabulary))])
      == .malformed(member: "model.merges[0]", expected: "two tokens"))
  #expect(error([none, ("model", model([], ["a": -1]))]) == .invalidID(-1, token: "a"))
  #expect(error([none, ("model", model([], ["a": 0, "b": 0]))]) == .invalidID(0, token: "b"))
  #expect(
    error([none, ("model", model([], ["a": 9_007_199_254_740_993]))])
      == .invalidID(9_007_199_254_740_993, token: "a"))
  #expect(
    error([none, ("model", model([], vocabulary, unknown: "<unk>"))])
      == .unknownToken("<unk>", role: "unknown token"))
  #expect(
    error([
      ("model", model([], vocabulary)), ("added_tokens", [["id": 0, "content": "<x>"]]),
    ]) == .invalidID(0, token: "<x>"))
}

/// Every part of a tokenizer replaced by every kind of value: a finding or a tokenizer, no trap.
@Test(arguments: [
  "gpt2", "llama3", "llama2", "metaspace", "bert", "bert-cased", "t5", "marian", "word-level",
])
func `no malformed member stops the program`(name: String) throws {
  let json = try Fixtures.json("\(name).tokenizer.json")
  let values: [JSONValue] = [
    nil, true, -1, 1e300, "", "é", [], [:], [nil], ["type": "x"], ["a", 1],
  ]
  func mutants(of value: JSONValue, _ depth: Int) -> [JSONValue] {
    var result = values
    guard depth < 6 else { return result }
    switch value {
    case .object(let object):
      for (key, member) in object.members.prefix(12) {
        for mutant in mutants(of: member, depth + 1) {
          var changed = object
          changed[key] = mutant
          result.append(.object(changed))
        }
        var without = object
        without[key] = nil
        result.append(.object(without))
      }
    case .array(let elements):
      for (index, element) in elements.enumerated().prefix(2) {
        for mutant in mutants(of: element, depth + 1) {
          var changed = elements
          changed[index] = mutant
          result.append(.array(changed))
        }
      }
    case .null, .bool, .integer, .number, .string: break
    }
    return result
  }
  // The vocabulary is cut short so that many mutants are read quickly.
  var small = try #require(json.object)
  var model = try #require(json["model"]?.object)
  if let vocabulary = model["vocab"]?.array {
    model["vocab"] = .array(Array(vocabulary.prefix(40)))
  } else {
    model["vocab"] = .object(
      JSONObject(
        try #require(model["vocab"]?.object).members.prefix(40)
          .map { ($0.key, $0.value) }))
    model["merges"] = []
  }
  small["model"] = .object(model)
  small["added_tokens"] = .array(Array(try #require(json["added_tokens"]?.array).prefix(2)))
  var findings = 0
  for mutant in mutants(of: .object(small), 0) {
    do {
      let tokenizer = try Tokenizer(tokenizerJSON: mutant, configuration: mutant)
      let ids = tokenizer.encode("the <s> é 12\u{0301}").ids
      _ = tokenizer.decode(ids, skipSpecialTokens: false)
    } catch {
      findings += 1
      #expect(error.diagnostic.help?.isEmpty == false)
    }
  }
  #expect(findings > 100)
}

@Test func `a directory's tokenizer has its roles and its chat template`() throws {
  var template = Array("/tmp/hone-tokenizer-XXXXXX".utf8CString)
  _ = try #require(mkdtemp(&template))
  let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  func write(_ name: String, _ text: String) throws {
    let file = try #require(fopen(directory + "/" + name, "w"))
    fputs(text, file)
    fclose(file)
  }
  #expect(throws: TokenizerError.unreadable(file: directory + "/tokenizer.json")) {
    try Tokenizer.load(directory: directory)
  }
  try write("tokenizer.json", try Fixtures.json("llama3.tokenizer.json").text())
  try write(
    "tokenizer_config.json",
    #"{"bos_token": {"content": "<s>"}, "eos_token": "</s>", "chat_template": "old"}"#)
  try write("special_tokens_map.json", #"{"pad_token": "<|pad|>", "eos_token": "<s>"}"#)
  try write("chat_template.jinja", "new")
  let tokenizer = try Tokenizer.load(directory: directory)
  #expect(tokenizer.beginningID == tokenizer.id(of: "<s>"))
  #expect(tokenizer.endID == tokenizer.id(of: "</s>"))
  #expect(tokenizer.padID == tokenizer.id(of: "<|pad|>"))
  #expect(tokenizer.chatTemplate?.source == "new")
  #expect(tokenizer.configurationJSON()["chat_template"] == "new")
  #expect(tokenizer.encode("a").ids.first == tokenizer.beginningID)
  #expect(tokenizer.encode("a", addSpecialTokens: false).ids == [tokenizer.id(of: "a")])
  try write("tokenizer_config.json", "{\"bos_token\":\n ")
  do {
    _ = try Tokenizer.load(directory: directory)
    Issue.record("half a file was read")
  } catch {
    #expect(error.diagnostic.code == .invalidJSON)
    #expect(error.diagnostic.span?.start.line == 2)
  }
  for name in [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja",
  ] { unlink(directory + "/" + name) }
  rmdir(directory)
}

@Test func `tokens that String takes for equal are different tokens`() throws {
  let tokenizer = try Tokenizer(
    tokenizerJSON: [
      "model": [
        "type": "BPE", "vocab": ["e": 0, "\u{0301}": 1, "e\u{0301}": 2, "\u{E9}": 3],
        "merges": [["e", "\u{0301}"]],
      ]
    ], configuration: nil)
  #expect(tokenizer.encode("\u{E9}").ids == [3])
  #expect(tokenizer.encode("e\u{0301}").ids == [2])
  #expect(tokenizer.id(of: "e\u{0301}") == 2)
}

@Test func `a map of characters of any bytes changes texts or is refused`() throws {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  var state: UInt64 = 9
  func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
  var taken = 0
  for round in 0..<300 {
    // A trie of few units, most of them random, before texts that are no UTF-8.
    let start = round % 3 == 0 ? "" : ["EAAAA", "IAAAA", "AAEAA"][next(3)]
    let map = start + String((0..<next(90)).map { _ in digits[next(digits.count)] })
    do {
      let tokenizer = try Tokenizer(
        tokenizerJSON: [
          "normalizer": ["type": "Precompiled", "precompiled_charsmap": .string(map)],
          "model": ["type": "BPE", "vocab": ["a": 0], "merges": []],
        ], configuration: nil)
      taken += 1
      _ = tokenizer.encode("the ｶﾞ e\u{301} \0 abcdefghijklmnopqrstuvwxyz")
    } catch {
      #expect(
        error
          == .malformed(
            member: "normalizer.precompiled_charsmap", expected: "a map of characters in Base64"))
    }
  }
  #expect(taken > 10)
}

@Test func `texts of a single long word are encoded whole`() throws {
  let tokenizer = try Tokenizer(
    tokenizerJSON: Fixtures.json("llama2.tokenizer.json"), configuration: nil)
  let text = String(repeating: "thethe aaaa é ", count: 3_000)
  let encoding = tokenizer.encode(text, addSpecialTokens: false)
  #expect(tokenizer.decode(encoding.ids, skipSpecialTokens: true) == text)
  #expect(encoding.spans.last?.upperBound == text.utf8.count)
}

@Test func `tokenizers encode alike from many threads`() async throws {
  let tokenizer = try tokenizer([])
  let texts = try Fixtures.strings(Fixtures.json("texts.json"))
  let expected = texts.map { tokenizer.encode($0) }
  await withTaskGroup(of: [Encoding].self) { group in
    for _ in 0..<4 { group.addTask { texts.map { tokenizer.encode($0) } } }
    for await encodings in group { #expect(encodings == expected) }
  }
}
