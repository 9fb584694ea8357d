import Datasets
import Foundation
import JSONSyntax
import Testing
import Tokenizers

/// Rows against what Hugging Face's tokenizers cut and shift; `make_row_fixtures.py` writes the
/// answers.
@Suite struct RowOracleTests {
  static let kinds = ["word_piece", "byte_level", "sentence_piece"]

  let fixture: JSONValue
  let labels: [String]

  init() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Fixtures/rows.json")
    let data = try Data(contentsOf: url)
    fixture = try JSONValue(parsing: String(decoding: data, as: UTF8.self))
    labels = try #require(fixture["labels"]?.array).compactMap(\.string)
  }

  /// The cases of a kind of tokenizer, and the tokenizer.
  func cases(_ key: String, _ kind: String) throws -> ([JSONValue], Tokenizer) {
    let parts = try #require(fixture[kind]?.array)
    let description = try #require(parts.compactMap { $0["tokenizer"] }.first)
    let found = parts.compactMap { $0[key]?.array }
    return (
      try #require(found.first), try Tokenizer(tokenizerJSON: description, configuration: nil)
    )
  }

  func row(
    _ columns: JSONObject, _ names: RowSpecification.Columns, _ task: RowTask,
    _ tokenizer: Tokenizer, limit: Int?, sourceLimit: Int? = nil
  ) throws -> EncodedRow {
    let specification = RowSpecification(
      name: "d", files: [], columns: names, task: task, maxLength: limit,
      maxSourceLength: sourceLimit)
    return try RowTokenizer(specification, encoder: tokenizer).tokens(
      of: SourceRow(place: RowPlace(file: "d.jsonl", line: 1), columns: columns))
  }

  func numbers(_ value: JSONValue?) throws -> [Int32] {
    try #require(value?.array).compactMap(\.integer).map { Int32($0) }
  }

  @Test(arguments: kinds)
  func textsKeepTheirSpecialTokensWhenTheyAreCut(kind: String) throws {
    let (cases, tokenizer) = try cases("singles", kind)
    #expect(cases.count == 30)
    for example in cases {
      let found = try row(
        JSONObject([("text", example["text"] ?? .null), ("y", 0)]),
        .labelled(text: "text", pair: nil, label: ["y"]), .regression, tokenizer,
        limit: example["limit"]?.integer)
      #expect(try found.ids == numbers(example["ids"]), "\(example.text())")
    }
  }

  @Test(arguments: kinds)
  func ofTwoTextsTheLongerIsCut(kind: String) throws {
    let (cases, tokenizer) = try cases("pairs", kind)
    #expect(cases.count == 125)
    for example in cases {
      let found = try row(
        JSONObject([
          ("a", example["first"] ?? .null), ("b", example["second"] ?? .null), ("y", 0),
        ]),
        .labelled(text: "a", pair: "b", label: ["y"]), .regression, tokenizer,
        limit: example["limit"]?.integer)
      let types = found.ids.indices.map { Int32($0 >= found.secondStart ?? .max ? 1 : 0) }
      #expect(try found.ids == numbers(example["ids"]), "\(example.text())")
      #expect(try types == numbers(example["types"]), "\(example.text())")
    }
  }

  @Test(arguments: kinds)
  func theFirstTokenOfAWordCarriesItsTag(kind: String) throws {
    let (cases, tokenizer) = try cases("tagged", kind)
    #expect(cases.count == 18)
    for example in cases {
      let found = try row(
        JSONObject([("w", example["words"] ?? .null), ("t", example["tags"] ?? .null)]),
        .words(tokens: "w", tags: "t"), .tokenClassification(labels: labels), tokenizer,
        limit: example["limit"]?.integer)
      #expect(try found.ids == numbers(example["ids"]), "\(example.text())")
      #expect(
        try found.targets == numbers(example["labels"]).map { $0 == -100 ? -1 : $0 },
        "\(example.text())")
    }
  }

  @Test(arguments: kinds)
  func labelsBecomeTheDecodersInputs(kind: String) throws {
    let (cases, tokenizer) = try cases("translations", kind)
    #expect(cases.count == 15)
    for example in cases {
      for (start, key) in [(DecoderStart.token(2), "started_with_2"), (.lastLabel, "rotated")] {
        let found = try row(
          JSONObject([("s", example["source"] ?? .null), ("t", example["target"] ?? .null)]),
          .sourceTarget(source: "s", target: "t"), .seq2seqLM(start), tokenizer,
          limit: example["target_limit"]?.integer, sourceLimit: example["source_limit"]?.integer)
        #expect(try found.sourceIDs == numbers(example["source_ids"]), "\(example.text())")
        #expect(try found.targets == numbers(example["labels"]), "\(example.text())")
        #expect(try found.ids == numbers(example[key]), "\(example.text())")
      }
    }
  }
}
