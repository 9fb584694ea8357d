import Datasets
import Diagnostics
import JSONSyntax
import Testing

@Suite struct RowTokenizingTests {
  let place = RowPlace(file: "rows.jsonl", line: 7)

  func tokens(
    _ row: JSONValue, _ columns: RowSpecification.Columns, template: String? = nil,
    lossOn: RowSpecification.LossOn = .all, endToken: Bool = true,
    encoder: ByteEncoder = ByteEncoder()
  ) throws -> EncodedRow {
    let specification = RowSpecification(
      name: "d", files: [], columns: columns, template: template, lossOn: lossOn,
      endToken: endToken)
    let columns = try #require(row.object)
    return try RowTokenizer(specification, encoder: encoder)
      .tokens(of: SourceRow(place: place, columns: columns))
  }

  @Test func textIsLearnedFromItsSecondTokenToTheEndToken() throws {
    let found = try tokens(["text": "abc"], .text("text"))
    #expect(found.ids == bytes("abc") + [ByteEncoder.end])
    #expect(found.isSupervised == flags(".xxx"))
  }

  @Test func theEndTokenCanBeLeftOut() throws {
    let found = try tokens(["text": "abc"], .text("text"), endToken: false)
    #expect(found.ids == bytes("abc"))
  }

  @Test func anEndTokenOfThePostProcessorIsNotDoubled() throws {
    let encoder = ByteEncoder(addsBeginning: true, addsEnd: true)
    let found = try tokens(["text": "ab"], .text("text"), encoder: encoder)
    #expect(found.ids == [ByteEncoder.beginning] + bytes("ab") + [ByteEncoder.end])
    #expect(found.isSupervised == flags(".xxx"))
  }

  let pair = RowSpecification.Columns.promptCompletion(prompt: "q", completion: "a")

  @Test func completionsAreLearnedWithTheirEnd() throws {
    let found = try tokens(["q": "why?", "a": "so"], pair, lossOn: .completion)
    #expect(found.ids == bytes("why?so") + [ByteEncoder.end])
    #expect(found.isSupervised == flags("....xxx"))
  }

  @Test func aTokenThatHoldsAByteOfBothPartsIsLearned() throws {
    // Tokens of three bytes: `why`, `?so`.
    let found = try tokens(
      ["q": "why?", "a": "so"], pair, lossOn: .completion, encoder: ByteEncoder(width: 3))
    #expect(found.isSupervised == flags(".xx"))
    // `why`, `so`: the first ends where the completion starts.
    let exact = try tokens(
      ["q": "why", "a": "so"], pair, lossOn: .completion, encoder: ByteEncoder(width: 3))
    #expect(exact.isSupervised == flags(".xx"))
    #expect(exact.ids.count == 3)
  }

  @Test func thePostProcessorsBeginningIsNotLearned() throws {
    let encoder = ByteEncoder(addsBeginning: true)
    let found = try tokens(["q": "é", "a": "x"], pair, lossOn: .completion, encoder: encoder)
    #expect(found.isSupervised == flags("...xx"))
    let empty = try tokens(["q": "", "a": "x"], pair, lossOn: .completion, encoder: encoder)
    #expect(empty.isSupervised == flags(".xx"))
  }

  @Test func anEmptyCompletionLeavesTheEndToLearn() throws {
    let found = try tokens(["q": "why", "a": ""], pair, lossOn: .completion)
    #expect(found.isSupervised == flags("...x"))
    let encoder = ByteEncoder(addsBeginning: true, addsEnd: true)
    let ended = try tokens(["q": "why", "a": ""], pair, lossOn: .completion, encoder: encoder)
    #expect(ended.isSupervised == flags("....x"))
  }

  @Test func lossOnAllLearnsThePromptToo() throws {
    let found = try tokens(["q": "why", "a": "so"], pair)
    #expect(found.isSupervised == flags(".xxxxx"))
  }

  @Test func templatesFormThePromptFromRolesAndColumns() throws {
    let found = try tokens(
      ["q": "why", "a": "so", "by": 3], pair, template: "{{ by }}} Q: {{prompt}}{{q}}\nA: ",
      lossOn: .completion)
    #expect(found.ids == bytes("3} Q: whywhy\nA: so") + [ByteEncoder.end])
    #expect(found.isSupervised.count(where: { $0 }) == 3)
  }

  @Test func templatesFormTheWholeOfAText() throws {
    let found = try tokens(
      ["body": "x", "title": "T"], .text("body"), template: "# {{title}}\n{{{text}}}}}",
      endToken: false)
    #expect(found.ids == bytes("# T\n{x}}}"))
  }

  let chat: JSONValue = [
    "m": [
      ["role": "user", "content": "hi"], ["role": "assistant", "content": "yo"],
      ["role": "user", "content": "é"], ["role": "assistant", "content": ""],
    ]
  ]

  @Test func conversationsLearnTheAssistantsTurns() throws {
    let found = try tokens(chat, .messages("m"), lossOn: .assistant)
    #expect(found.ids == bytes("u:hi;a:yo;u:é;a:;"))
    #expect(found.isSupervised == flags(".......xxx.......x"))
    let wide = try tokens(
      chat, .messages("m"), lossOn: .assistant, encoder: ByteEncoder(width: 4))
    #expect(wide.isSupervised == flags(".xx.x"))
    let all = try tokens(chat, .messages("m"), lossOn: .all)
    #expect(all.isSupervised == flags(".xxxxxxxxxxxxxxxxx"))
  }

  static let brokenMessages: [(JSONValue, RowProblem)] = [
    (["m": nil], .nullValue(column: "m")),
    (["m": "hi"], .notMessages(column: "m")),
    (["m": []], .noMessages(column: "m")),
    (["m": ["hi"]], .notMessages(column: "m")),
    (["m": [["role": "user"]]], .messageWithoutText(column: "m", message: 1, key: "content")),
    (
      ["m": [["from": "human", "value": "x"]]],
      .messageWithoutText(column: "m", message: 1, key: "role")
    ),
    (["m": [["role": "assistant", "tool_calls": [1]]]], .toolCalls(column: "m", message: 1)),
  ]

  @Test(arguments: brokenMessages)
  func messagesThatAreNoneHaveAPlace(row: JSONValue, problem: RowProblem) {
    #expect(throws: DatasetError.invalidRow(problem, at: place)) {
      try tokens(row, .messages("m"), lossOn: .assistant)
    }
  }

  @Test func whatTheChatTemplateRefusesHasAPlace() throws {
    let error = try #require(throws: DatasetError.self) {
      try tokens(
        ["m": [["role": "system", "content": "x"]]], .messages("m"), lossOn: .assistant)
    }
    #expect(error.diagnostic.code == .invalidTemplate)
    #expect(error.diagnostic.span == SourceSpan(file: "rows.jsonl", line: 7))
  }

  @Test func aMissingColumnIsNamedWithTheNearest() throws {
    let error = try #require(throws: DatasetError.self) {
      try tokens(["question": "x", "answer": "y"], .text("qestion"))
    }
    #expect(error.diagnostic.code == .unknownColumn)
    #expect(error.diagnostic.help == "did you mean `question`?")
    #expect(error.diagnostic.span?.start.line == 7)
    let far = try #require(throws: DatasetError.self) {
      try tokens(["question": "x", "answer": "y"], .text("body"))
    }
    #expect(far.diagnostic.help == "its columns are `question`, `answer`")
    #expect(throws: DatasetError.unknownColumn("z", available: ["text"], at: place)) {
      try tokens(["text": "x"], .text("text"), template: "{{z}}")
    }
  }

  @Test func valuesThatAreNoTextAreRefusedAndScalarsWritten() throws {
    #expect(throws: DatasetError.invalidRow(.nullValue(column: "t"), at: place)) {
      try tokens(["t": nil], .text("t"))
    }
    #expect(throws: DatasetError.invalidRow(.notText(column: "t"), at: place)) {
      try tokens(["t": ["x"]], .text("t"))
    }
    for (value, text) in [(12, "12"), (1.5, "1.5"), (true, "true")] as [(JSONValue, String)] {
      #expect(try tokens(["t": value], .text("t"), endToken: false).ids == bytes(text))
    }
  }

  @Test(arguments: [
    ("{{x", TemplateProblem.unclosed), ("{{ }}", .emptyName), ("{{}}", .emptyName),
    ("{{completion}}", .completionInPrompt),
  ])
  func templatesThatAreNoneAreRefused(template: String, problem: TemplateProblem) {
    #expect(throws: DatasetError.invalidTemplate(problem)) {
      try tokens(["q": "x", "a": "y"], pair, template: template)
    }
  }

  @Test func whatDoesNotGoTogetherIsRefused() {
    #expect(throws: DatasetError.invalidTemplate(.notForMessages)) {
      try tokens(chat, .messages("m"), template: "x")
    }
    #expect(throws: DatasetError.lossOnAbsentPart(.completion, columns: .text)) {
      try tokens(["t": "x"], .text("t"), lossOn: .completion)
    }
    #expect(throws: DatasetError.missingEndToken) {
      try tokens(["t": "x"], .text("t"), encoder: ByteEncoder(endID: nil))
    }
  }
}
