import Planning
import Testing

/// What a preview says of rows that are seldom meant as they are.
@Suite struct PreviewFindingTests {
  private let pair = "columns: {prompt: q, completion: a}"
  private let chat = "columns: {messages: m}"

  private func warnings(_ run: PreparedRun) throws -> [String] {
    try #require(run.preview(PreviewRequest(rowCount: 1)).sets.first).warnings
  }

  private func conversation(_ answer: String) -> String {
    "{\"m\": [{\"role\": \"user\", \"content\": \"the cat\"}, "
      + "{\"role\": \"assistant\", \"content\": \"\(answer)\"}]}\n"
  }

  @Test func rightRowsAreNothingToWarnOf() throws {
    let place = try PreviewPlace()
    #expect(try warnings(place.run(pair, rows: "{\"q\": \"the dog\", \"a\": \"cat\"}\n")) == [])
    #expect(try warnings(place.run(chat, rows: conversation("sat"))) == [])
    let begun = try PreviewPlace(prefix: true)
    #expect(try warnings(begun.run(pair, rows: "{\"q\": \"the dog\", \"a\": \"cat\"}\n")) == [])
  }

  @Test func rowsThatTeachNothing() throws {
    let place = try PreviewPlace()
    let rows =
      "{\"q\": \"the dog\", \"a\": \"\"}\n{\"q\": \"the cat sat on\", \"a\": \" the mat\"}\n"
    let found = try warnings(place.run(pair + ", max_length: 3", rows: rows))
    #expect(found.count == 2)
    #expect(
      found[0].hasPrefix("1 of 2 rows has no supervised token and teaches nothing (")
        && found[0].hasSuffix("rows.jsonl:2)"), "\(found)")
    #expect(found[1].contains("is cut at `max_length: 3` and ends without `<|end|>`"), "\(found)")
  }

  @Test func masksThatMaskNothing() throws {
    let place = try PreviewPlace()
    let found = try warnings(
      place.run(pair, rows: "{\"q\": \"\", \"a\": \"the cat\"}\n{\"q\": \"a\", \"a\": \" dog\"}\n"))
    // A prompt of one token is not told from none: the first token is never learned.
    #expect(
      found == ["every token of all 2 rows is supervised although `loss_on` is `completion`"])
  }

  @Test func beginningsThatAreMissingOrDoubled() throws {
    let place = try PreviewPlace(prefix: true)
    #expect(
      try warnings(place.run(chat, rows: conversation("sat")))
        == ["the only row begins without `<s>`, which the tokenizer puts before a text"])
    let doubled = try warnings(place.run(pair, rows: "{\"q\": \"<s>the\", \"a\": \" cat\"}\n"))
    #expect(doubled == ["the only row begins with `<s>` twice"])
  }

  @Test func endsThatAreMissing() throws {
    let place = try PreviewPlace()
    #expect(
      try warnings(
        place.run(pair + ", end_token: false", rows: "{\"q\": \"the dog\", \"a\": \" cat\"}\n"))
        == ["the only row ends without `<|end|>`: the model does not learn to stop"])
    // The template ends turns with a text that is no token of this tokenizer.
    let open = try PreviewPlace(
      template: PreviewPlace.template.replacing("<|im_end|>", with: "</turn>"))
    #expect(
      try warnings(open.run(chat, rows: conversation("sat")))
        == [
          "the last learned turn of the only row ends without a special token: the model does "
            + "not learn to stop"
        ])
  }
}
