import Datasets
import JSONSyntax
import Testing
import Tokenizers

/// What the tokens of a row are parts of, and where rows came from.
@Suite struct RowPartsTests {
  func parts(
    _ row: JSONValue, _ columns: RowSpecification.Columns,
    lossOn: RowSpecification.LossOn = .all, maxLength: Int? = nil
  ) throws -> RowParts {
    let specification = RowSpecification(
      name: "d", files: [], columns: columns, lossOn: lossOn, maxLength: maxLength)
    return try RowTokenizer(specification, encoder: ByteEncoder()).parts(
      of: SourceRow(place: RowPlace(file: "d", line: 1), columns: try #require(row.object)))
  }

  func pictures(_ parts: RowParts) -> [String] {
    parts.parts.map { part in
      let bytes = parts.ids[part.range].map { $0 < 256 ? UInt8($0) : UInt8(ascii: "$") }
      return "\(part.name)=\(String(decoding: bytes, as: UTF8.self))"
    }
  }

  let messages = RowSpecification.Columns.messages("m")

  @Test func aTextIsOnePart() throws {
    #expect(try pictures(parts(["t": "abc"], .text("t"))) == ["text=abc$"])
  }

  @Test func promptAndCompletionMeetWhereTheCompletionBegins() throws {
    let columns = RowSpecification.Columns.promptCompletion(prompt: "q", completion: "a")
    let row: JSONValue = ["q": "why? ", "a": "so"]
    #expect(try pictures(parts(row, columns)) == ["prompt=why? ", "completion=so$"])
    #expect(
      try pictures(parts(row, columns, lossOn: .completion, maxLength: 3))
        == ["prompt=why? ", "completion=so$"], "parts do not depend on loss or limit")
    #expect(try pictures(parts(["q": "", "a": "so"], columns)) == ["completion=so$"])
    #expect(
      try pictures(parts(["q": "why?", "a": ""], columns)) == ["prompt=why?", "completion=$"])
  }

  @Test func aConversationHasAPartForEachMessage() throws {
    let row: JSONValue = [
      "m": [
        ["role": "user", "content": "hi"], ["role": "assistant", "content": "yes"],
        ["role": "user", "content": "hi"], ["role": "assistant", "content": "no"],
      ]
    ]
    #expect(
      try pictures(parts(row, messages))
        == ["user=u:hi;", "assistant=a:yes;", "user=u:hi;", "assistant=a:no;"])
  }

  @Test func aSystemPromptOfTheTemplateIsAPartOfItsOwn() throws {
    let template = """
      {% if messages[0].role != 'system' %}a:b</s>{% endif %}{% for m in messages %}{{ m.role[0] }}\
      {{ m.content }}</s>{% endfor %}
      """
    let tokenizer = try Tokenizer(
      tokenizerJSON: RealTokenizerTests.description,
      configuration: [
        "bos_token": "<s>", "eos_token": "</s>", "chat_template": .string(template),
      ])
    let specification = RowSpecification(name: "d", files: [], columns: messages)
    let row: JSONValue = [
      "m": [["role": "bot", "content": "ab"], ["role": "assistant", "content": "c"]]
    ]
    let found = try RowTokenizer(specification, encoder: tokenizer).parts(
      of: SourceRow(place: RowPlace(file: "d", line: 1), columns: try #require(row.object)))
    #expect(found.parts.map(\.name) == ["template", "bot", "assistant"])
    #expect(found.parts.map(\.range) == [0..<4, 4..<7, 7..<10])
  }

  @Test func messagesThatCannotBeToldApartGoTogether() throws {
    // The double refuses a system message, so the rendering up to it is not known.
    let many = (0..<80).map { index -> JSONValue in
      ["role": .string(index % 2 == 0 ? "user" : "assistant"), "content": "x"]
    }
    let row: JSONValue = ["m": .array(many)]
    #expect(try parts(row, messages).parts.map(\.name) == ["messages"])
  }

  @Test func rowsKnowTheirFileAndLineThroughSplitsAndMixtures() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.jsonl", "{\"t\": \"one\"}\n\n{\"t\": \"two\"}\n{\"t\": \"three\"}\n")
    try folder.write("b.json", "[{\"t\": \"four\"}, {\"t\": \"five\"}]")
    let all = try TokenizedDataset(
      reading: RowSpecification(
        name: "d", files: ["a.jsonl", "b.json"], directory: folder.path, columns: .text("t")),
      encoder: ByteEncoder())
    func places(_ dataset: TokenizedDataset) -> [String] {
      dataset.rows.map { row in
        let place = dataset.place(of: row)
        let name = place?.file.split(separator: "/").last ?? "?"
        return "\(name):\(place?.line ?? 0)#\(row.origin?.number ?? -1)"
      }
    }
    let expected = ["a.jsonl:1#0", "a.jsonl:3#1", "a.jsonl:4#2", "b.json:1#0", "b.json:1#1"]
    #expect(places(all) == expected)
    let parts = try all.split([("train", 0.6), ("eval", 0.4)], seed: 3)
    #expect(parts.flatMap(places).sorted() == expected.sorted())
    let mixed = try TokenizedDataset.mixing(
      [(parts[1], 1), (parts[0], 2)], name: "both", seed: 1)
    #expect(places(mixed) == places(parts[1]) + places(parts[0]) + places(parts[0]))
    #expect(mixed.sources.map(\.section) == ["d", "d", "d", "d"])
    let inMemory = TokenizedDataset(name: "m", rows: [([1, 2], [false, true])])
    #expect(inMemory.rows.allSatisfy { inMemory.place(of: $0) == nil })
  }
}
