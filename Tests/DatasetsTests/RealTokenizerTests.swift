import Datasets
import Diagnostics
import JSONSyntax
import Testing
import Tokenizers

/// Rows through a byte-pair tokenizer whose merges reach across words' starts.
@Suite struct RealTokenizerTests {
  static let description: JSONValue = [
    "model": [
      "type": "BPE",
      "vocab": [
        "a": 0, "b": 1, "c": 2, "Ġ": 3, ":": 4, "Ġa": 5, "Ġab": 6, "ab": 7, "<s>": 8, "</s>": 9,
      ],
      "merges": [["Ġ", "a"], ["Ġa", "b"], ["a", "b"]],
    ],
    "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
    "decoder": ["type": "ByteLevel"],
    "added_tokens": [
      ["id": 8, "content": "<s>", "special": true], ["id": 9, "content": "</s>", "special": true],
    ],
    "post_processor": [
      "type": "TemplateProcessing",
      "single": [
        ["SpecialToken": ["id": "<s>", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]],
      ],
      "pair": [],
      "special_tokens": ["<s>": ["id": "<s>", "ids": [8], "tokens": ["<s>"]]],
    ],
  ]

  static let template: JSONValue = """
    {{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}a:{{ m.content }}\
    {{ m.name }}{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}
    """

  func tokens(
    _ row: JSONValue, _ columns: RowSpecification.Columns, lossOn: RowSpecification.LossOn,
    chatTemplate: JSONValue? = template
  ) throws -> EncodedRow {
    var configuration = JSONObject([("bos_token", "<s>"), ("eos_token", "</s>")])
    configuration["chat_template"] = chatTemplate
    let tokenizer = try Tokenizer(
      tokenizerJSON: Self.description, configuration: .object(configuration))
    let specification = RowSpecification(
      name: "d", files: [], columns: columns, lossOn: lossOn)
    return try RowTokenizer(specification, encoder: tokenizer).tokens(
      of: SourceRow(
        place: RowPlace(file: "d.jsonl", line: 4), columns: try #require(row.object)))
  }

  let pair = RowSpecification.Columns.promptCompletion(prompt: "q", completion: "a")

  @Test func aTokenAcrossPromptAndCompletionIsLearned() throws {
    // The prompt's last space is part of `Ġab`.
    let found = try tokens(["q": "c: ", "a": "ab"], pair, lossOn: .completion)
    #expect(found.ids == [8, 2, 4, 6, 9])
    #expect(found.isSupervised == flags("...xx"))
    let apart = try tokens(["q": "c:", "a": " ab"], pair, lossOn: .completion)
    #expect(apart == found)
  }

  @Test func textStartsAndEndsAsTheModelExpects() throws {
    let found = try tokens(["text": "ab ab"], .text("text"), lossOn: .all)
    #expect(found.ids == [8, 7, 6, 9])
    #expect(found.isSupervised == flags(".xxx"))
  }

  @Test func conversationsAreWhatTheChatTemplateRenders() throws {
    let row: JSONValue = [
      "m": [
        ["role": "user", "content": "c", "name": "b"], ["role": "assistant", "content": "ab"],
        ["role": "user", "content": "b"], ["role": "assistant", "content": "a"],
      ]
    ]
    let found = try tokens(row, .messages("m"), lossOn: .assistant)
    #expect(found.ids == [8, 0, 4, 2, 1, 7, 9, 0, 4, 1, 0, 9])
    #expect(found.isSupervised == flags(".....xx...xx"))
  }

  @Test func aMissingChatTemplateIsADiagnosticAtTheRow() throws {
    let row: JSONValue = ["m": [["role": "user", "content": "c"]]]
    let error = try #require(throws: DatasetError.self) {
      try tokens(row, .messages("m"), lossOn: .assistant, chatTemplate: nil)
    }
    #expect(error.diagnostic.code == .missingChatTemplate)
    #expect(error.diagnostic.span == SourceSpan(file: "d.jsonl", line: 4))
  }
}
