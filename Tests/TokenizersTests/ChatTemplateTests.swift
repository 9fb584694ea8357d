import JSONSyntax
import Testing
import Tokenizers

/// A chat of the fixtures as messages.
private func messages(_ value: JSONValue?) throws -> [ChatMessage] {
  try #require(value?.array).map { entry in
    var fields = try #require(entry.object)
    fields["role"] = nil
    fields["content"] = nil
    return ChatMessage(
      role: try #require(entry["role"]?.string), content: try #require(entry["content"]?.string),
      fields: fields)
  }
}

private func render(
  _ source: String, _ messages: [ChatMessage] = [], prompt: Bool = false,
  extra: JSONObject = JSONObject(), date: TemplateDate? = nil
) throws(TemplateError) -> RenderedChat {
  try ChatTemplate(source).render(
    messages: messages, addGenerationPrompt: prompt, beginningToken: "<s>", endToken: "</s>",
    extra: extra, date: date)
}

private func turns(_ chat: RenderedChat) -> [String] {
  let bytes = Array(chat.text.utf8)
  return chat.assistantSpans.map { String(decoding: bytes[$0], as: UTF8.self) }
}

@Test func `published kinds of templates render as under transformers`() throws {
  let fixture = try Fixtures.json("chats.json")
  for chat in try #require(fixture["chats"]?.array) {
    let name = try #require(chat["template"]?.string)
    let source = try #require(fixture["templates"]?[name]?.string)
    let messages = try messages(chat["messages"])
    let result = Result { () throws(TemplateError) -> RenderedChat in
      try render(
        source, messages, prompt: chat["prompt"] == true, extra: chat["extra"]?.object ?? .init())
    }
    let place: Comment = "\(name): \(messages)"
    switch (chat["text"]?.string, result) {
    case (let text?, .success(let rendered)):
      #expect(rendered.text.utf8.elementsEqual(text.utf8), place)
      if let spans = chat["spans"]?.array {
        #expect(
          rendered.assistantSpans.map {
            .array([.integer(Int64($0.lowerBound)), .integer(Int64($0.upperBound))])
          }
            == spans, place)
      }
    case (nil, .failure): break
    case (_?, .failure(.inconsistentPrefix)):
      // A chat that begins with the assistant, or tells its turns apart by what comes later.
      let begins = messages[0].role == "assistant"
      #expect(begins || name == "zephyr" || name == "mistral", place)
    case (let text, let result):
      Issue.record("\(name): \(text ?? "an error") expected, found \(result); \(messages)")
    }
  }
}

@Test func `constructs render as under Jinja`() throws {
  let fixture = try Fixtures.json("chats.json")
  let variables = try #require(fixture["variables"]?.object)
  for construct in try #require(fixture["constructs"]?.array) {
    let source = try #require(construct["template"]?.string)
    let result = Result { () throws(TemplateError) -> RenderedChat in
      try render(source, extra: variables)
    }
    switch (construct["text"]?.string, result) {
    case (let text?, .success(let rendered)):
      #expect(rendered.text.utf8.elementsEqual(text.utf8), "\(source)\n\(rendered.text)\n\(text)")
    case (nil, .failure): break
    case (let text, let result):
      Issue.record("\(source): \(text ?? "an error") expected, found \(result)")
    }
  }
}

private let chat: [ChatMessage] = [
  .init(role: "user", content: "Hi"), .init(role: "assistant", content: "Hello é!"),
  .init(role: "user", content: "Bye"), .init(role: "assistant", content: "See you\n"),
]

@Test(arguments: [
  ("smollm2", ["Hello é!<|im_end|>", "See you\n<|im_end|>"]),
  ("llama3", ["Hello é!<|eot_id|>", "See you<|eot_id|>"]),
  ("qwen", ["Hello é!<|im_end|>", "See you\n<|im_end|>"]),
  ("mistral", [" Hello é!</s>", " See you</s>"]),
  ("gemma", ["Hello é!<end_of_turn>", "See you<end_of_turn>"]),
  ("zephyr", ["Hello é!</s>", "See you\n</s>"]),
  ("generation", ["Hello é!<|end|>", "See you\n<|end|>"]),
]) func `the assistant's turns end with what ends them`(name: String, expected: [String]) throws {
  let source = try #require(try Fixtures.json("chats.json")["templates"]?[name]?.string)
  #expect(turns(try render(source, chat)) == expected)
}

@Test func `a turn without an end mark goes to the end of what is written for it`() throws {
  let source =
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{{ 'assistant: ' if add_generation_prompt }}"
  #expect(turns(try render(source, chat)) == ["Hello é!\n", "See you\n\n"])
}

@Test func `a template whose earlier text depends on later messages tells no turns`() {
  let source = "{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}"
  #expect(throws: TemplateError.inconsistentPrefix(message: 1)) { try render(source, chat) }
}

@Test func `a date comes from the caller or not at all`() throws {
  let source = "{{ strftime_now('%A %d %B %Y, %b %y %%') }}"
  let date = try #require(TemplateDate(year: 2026, month: 11, day: 24))
  #expect(try render(source, date: date).text == "Tuesday 24 November 2026, Nov 26 %")
  #expect(throws: TemplateError.noDate(line: 1)) { try render(source) }
  #expect(TemplateDate(year: 2025, month: 2, day: 29) == nil)
}

@Test(arguments: [
  "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
  "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
  "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
  "{% set ns = namespace(x=1) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}",
  "{% set ns = namespace() %}{% for i in range(9999) %}{% set ns.x = ns %}{% endfor %}{{ ns }}",
  "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{{ range(10000000) }}",
  "{{ 'x' * 999999999999 }}", "{{ 'ab' * 4611686018427387904 }}",
  "{% set a = 'x' * 99999 %}{{ a | replace('x', a) }}",
  "{% set a = 'x' * 99999 %}{{ a.join(range(99999) | map('string')) }}",
]) func `a template that grows without bound is stopped`(source: String) {
  do {
    _ = try render(source)
    Issue.record("it was rendered")
  } catch {
    guard case .limit = error else {
      Issue.record("\(error)")
      return
    }
  }
}

@Test func `deep nesting in a template is stopped and not followed`() {
  for source in [
    String(repeating: "(", count: 100_000), "{{ " + String(repeating: "(", count: 100_000),
    "{{ " + String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000) + " }}",
    "{{ 1" + String(repeating: " if 1 else 1", count: 5_000) + " }}",
    "{{ a" + String(repeating: ".a", count: 5_000) + " }}",
    "{{ a" + String(repeating: "|e", count: 5_000) + " }}",
    "{{ " + String(repeating: "-", count: 5_000) + "1 }}",
    "{{ " + String(repeating: "not ", count: 5_000) + "1 }}",
    "{{ 1" + String(repeating: "+1", count: 5_000) + " }}",
    "{{ 1" + String(repeating: " or 1", count: 5_000) + " }}",
    "{{ 'a'" + String(repeating: "~'a'", count: 5_000) + " }}",
    String(repeating: "{% if 1 %}", count: 5_000) + String(repeating: "{% endif %}", count: 5_000),
  ] { _ = try? render(source) }
}

@Test func `every error of a template is a finding with a way out`() {
  let errors: [TemplateError] = [
    .syntax(line: 1, reason: "a tag has no end"), .unsupported(line: 2, what: "`include`"),
    .evaluation(line: 3, reason: "`x` is not defined"), .refused(message: "no system role"),
    .limit(line: 4, what: "steps"), .noDate(line: 5), .inconsistentPrefix(message: 6),
  ]
  for error in errors {
    let diagnostic = error.diagnostic
    #expect(diagnostic.help?.isEmpty == false)
    #expect(diagnostic.message.first?.isUppercase == false)
    #expect(diagnostic.message.last != ".")
  }
}

@Test func `an unusable template only matters once it is used`() throws {
  let template = ChatTemplate("{% include 'other' %}")
  #expect(throws: TemplateError.unsupported(line: 1, what: "the statement `include`")) {
    try template.check()
  }
}
