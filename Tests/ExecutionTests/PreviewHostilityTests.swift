import JSONSyntax
import Planning
import Testing

/// Rows that nobody would write by hand.
@Suite struct PreviewHostilityTests {
  private let pair = "columns: {prompt: q, completion: a}"

  @Test func emptyRowsAreCountedAndRowsOfOneTokenAreShown() throws {
    let place = try PreviewPlace()
    let run = try place.run(
      "end_token: false",
      rows: "{\"text\": \"\"}\n{\"text\": \"a\"}\n{\"text\": \"the cat\"}\n",
      batch: "{size: 2, shuffle: false}")
    let text = try place.text(run)
    #expect(text.contains("rows  all 2 rows, in the order of `train`; 1 empty"))
    #expect(text.contains("  rows.jsonl:2  1 token, none supervised\n  text  0 | a\n"))
  }

  @Test func aRowOfMegabytesIsBounded() throws {
    let place = try PreviewPlace()
    let line = String(repeating: "the cat sat on the mat ", count: 60_000)
    let run = try place.run(
      "max_length: 2000000", rows: "{\"text\": \"\(line)\"}\n", batch: "{size: 1}")
    let text = try place.text(run)
    #expect(text.utf8.count < 4_000)
    #expect(text.contains("tokens, all supervised …"))
    #expect(text.contains(" supervised"))
    let json = try run.preview(PreviewRequest(rowCount: 1)).json.text(.indented)
    #expect(json.utf8.count < 20_000)
  }

  @Test func aRowWithThousandsOfTurnsIsBounded() throws {
    let place = try PreviewPlace()
    let turns = (0..<1_000).map { index in
      "{\"role\": \"\(index % 2 == 0 ? "user" : "assistant")\", \"content\": \"the cat\"}"
    }
    // A template with blocks of its own for what is learned, so that one rendering tells it.
    let marked = try PreviewPlace(
      template: """
        {% for m in messages %}{{ m.role }}{% if m.role == 'assistant' %}\
        {% generation %}{{ m.content }}<|im_end|>{% endgeneration %}\
        {% else %}{{ m.content }}{% endif %}{% endfor %}
        """)
    let run = try marked.run(
      "columns: {messages: m}", rows: "{\"m\": [\(turns.joined(separator: ", "))]}\n",
      batch: "{size: 1}")
    let text = try place.text(run)
    #expect(text.contains("places where that changes …"))
    #expect(text.utf8.count < 40_000)
  }

  @Test func controlCharactersNeverReachTheTerminal() throws {
    let place = try PreviewPlace()
    let row: JSONValue = [
      "text": "a\u{1B}[31mb\u{7}\u{0}\u{200B}\u{202E}\u{FEFF}\u{85}\u{2028}\u{A0}·⏎é\u{301}"
    ]
    let run = try place.run("max_length: 400", rows: row.text() + "\n")
    let text = try place.text(run, isWhole: true)
    for scalar in text.unicodeScalars where scalar != "\n" {
      #expect(scalar.properties.generalCategory != .control)
      #expect(scalar.properties.generalCategory != .format)
    }
    #expect(text.contains("␛"))
    #expect(text.contains("␀"))
  }

  @Test func aFileThatChangedMeanwhileIsShownWithoutItsParts() throws {
    let place = try PreviewPlace()
    let run = try place.run(pair, rows: "{\"q\": \"the\", \"a\": \" cat\"}\n")
    try place.place.write("rows.jsonl", "{\"q\": \"a dog\", \"a\": \" sat\"}\n")
    #expect(try place.text(run).contains("  0 | the ·cat <|end|>"))
    try place.place.write("rows.jsonl", "{\"q\":")
    #expect(try place.text(run).contains("  0 | the ·cat <|end|>"))
    try place.place.remove("rows.jsonl")
    #expect(try place.text(run).contains("  0 | the ·cat <|end|>"))
  }
}
