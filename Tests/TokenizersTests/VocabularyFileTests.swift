import Glibc
import JSONSyntax
import Testing
import Tokenizers

/// A directory of files that goes when it is no longer needed.
private final class Directory {
  let path: String
  private var names: Set<String> = []

  init() throws {
    var template = Array("/tmp/hone-vocabulary-XXXXXX".utf8CString)
    _ = try #require(mkdtemp(&template))
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in names { unlink(path + "/" + name) }
    rmdir(path)
  }

  func write(_ name: String, _ text: String) throws {
    names.insert(name)
    let file = try #require(fopen(path + "/" + name, "w"))
    fputs(text, file)
    fclose(file)
  }
}

@Test func `directories with vocabulary files are read as transformers reads them`() throws {
  let fixture = try Fixtures.json("vocabulary-files.json")
  let texts = try SubwordTexts.all
  let cases = try #require(fixture["cases"]?.array)
  #expect(cases.count == 7)
  for entry in cases {
    let name = try #require(entry["name"]?.string)
    let directory = try Directory()
    for file in try Fixtures.strings(entry["files"]) {
      try directory.write(file, try #require(fixture["files"]?[file]?.string))
    }
    try directory.write(
      "tokenizer_config.json", try #require(entry["configuration"]).text())
    let tokenizer = try Tokenizer.load(directory: directory.path)
    for (text, expected) in zip(texts, try SubwordTexts.hashes(entry["ids"])) {
      #expect(
        SubwordTexts.hash(tokenizer.encode(text).ids) == expected,
        "\(name) \(text.debugDescription)")
    }
    for (place, expected) in try SubwordTexts.hashes(entry["pairs"]).enumerated() {
      let pair = tokenizer.encode(texts[place], pair: texts[place + 1])
      #expect(SubwordTexts.hash(pair.ids + pair.typeIDs) == expected, "\(name) \(place)")
    }
    let roles: [(String, Int32?)] = [
      ("bos", tokenizer.beginningID), ("eos", tokenizer.endID), ("pad", tokenizer.padID),
      ("unk", tokenizer.unknownID), ("mask", tokenizer.maskID), ("sep", tokenizer.separatorID),
      ("cls", tokenizer.classificationID),
    ]
    for (role, id) in roles {
      #expect(id.map(Int.init) == entry["roles"]?[role]?.integer, "\(name) \(role)")
    }
    // What is exported is a tokenizer.json that reads the same.
    let again = try Tokenizer(
      tokenizerJSON: JSONValue(parsing: tokenizer.tokenizerJSON().text()),
      configuration: tokenizer.configurationJSON())
    for text in texts.prefix(100) { #expect(again.encode(text) == tokenizer.encode(text)) }
  }
}

@Test func `vocabulary files that do not fit are findings`() throws {
  let directory = try Directory()
  try directory.write("vocab.json", #"{"a": 0, "b": 1, "ab": 2}"#)
  #expect(throws: TokenizerError.unreadable(file: directory.path + "/merges.txt")) {
    try Tokenizer.load(directory: directory.path)
  }
  try directory.write("merges.txt", "#version: 0.2\na b\n")
  try directory.write("config.json", #"{"model_type": "bart"}"#)
  #expect(throws: TokenizerError.unknownToken("</s>", role: "sep_token")) {
    try Tokenizer.load(directory: directory.path)
  }
  try directory.write("tokenizer_config.json", #"{"tokenizer_class": "CLIPTokenizer"}"#)
  #expect(throws: TokenizerError.unsupported(component: "class", kind: "CLIPTokenizer")) {
    try Tokenizer.load(directory: directory.path)
  }
  try directory.write("vocab.txt", "[UNK]\n[SEP]\na\n")
  #expect(throws: TokenizerError.unknownToken("[CLS]", role: "cls_token")) {
    try Tokenizer.load(directory: directory.path)
  }
  try directory.write("vocab.txt", "[UNK]\r\n[SEP]\r\n[CLS]\r\na\r\n##b\r\n")
  #expect(try Tokenizer.load(directory: directory.path).encode("Ab").ids == [2, 3, 4, 1])
}
