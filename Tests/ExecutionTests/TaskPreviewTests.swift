import Diagnostics
import JSONSyntax
import Planning
import Testing

/// Plans and previews of rows that hold more than the next token.
@Suite struct TaskPreviewTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// The preview and the facts of section `rows`, which a model of the task is measured on.
  func planned(
    _ architecture: String, _ task: String, _ section: String
  ) throws -> (preview: JSONValue, text: String, facts: JSONValue) {
    let model = """
      create: {architecture: \(architecture), hidden_size: 32, intermediate_size: 48,
          num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 64}
        task: \(task)
        tokenizer: tokenizer
      """
    let run = try place.plan(
      place.text(
        model: model, data: "rows: {\(section)}",
        "  - evaluate: {data: rows, metrics: [loss]}\n"))
    let preview = try run.preview(PreviewRequest(rowCount: 1))
    let rows = try #require(preview.json.array?.first?["shown"]?.array?.first)
    return (rows, preview.text(), try #require(run.plan.json["data"]?.array?.first))
  }

  func words(_ content: JSONValue?) -> String {
    (content?.array ?? []).compactMap { $0["text"]?.string }.joined()
  }

  @Test func aSourceStandsBeforeItsTarget() throws {
    try place.write("a.txt", "the cat\na dog\n")
    try place.write("b.txt", "the log\nthe sun\n")
    let found = try planned(
      "bart", "seq2seq_lm",
      "load: {source: \(place.path("a.txt")), target: \(place.path("b.txt"))}")
    #expect(words(found.preview["source"]?["content"]) == "the cat")
    #expect(words(found.preview["content"]) == "the log")
    #expect(found.text.contains("source") && found.text.contains("target"))
    #expect((found.facts["source_tokens"]?.integer ?? 0) > 0)
  }

  @Test func theLabelStandsBehindTheText() throws {
    try place.write("l.csv", "t,y\nthe cat,animal\nthe sun,star\nthe dog,animal\n")
    let found = try planned(
      "bert", "sequence_classification",
      "load: \(place.path("l.csv")), columns: {text: t, label: y}")
    #expect(found.preview["labels"] == ["animal"])
    #expect(found.text.contains("label: animal"))
    #expect(
      found.facts["labels"] == [
        ["name": "animal", "count": 2], ["name": "star", "count": 1],
      ])
    #expect(found.facts["supervised_tokens"]?.integer == 3)
  }

  @Test func aTagStandsAtItsWord() throws {
    try place.write("w.jsonl", #"{"w": ["the", "cat"], "y": ["O", "B"]}"# + "\n")
    let found = try planned(
      "bert", "token_classification",
      "load: \(place.path("w.jsonl")), columns: {tokens: w, tags: y}")
    let labels = found.preview["content"]?.array?.compactMap { $0["label"]?.string }
    #expect(labels == ["O", "B"])
    #expect(found.text.contains("/B"))
  }

  @Test func numbersStandWithTheNamesOfTheirColumns() throws {
    try place.write("n.csv", "t,a,b\nthe cat,1.5,NA\n")
    let found = try planned(
      "bert", "regression", "load: \(place.path("n.csv")), columns: {text: t, label: [a, b]}")
    #expect(
      found.preview["numbers"] == [
        ["name": "a", "value": 1.5], ["name": "b", "value": .null],
      ])
    #expect(found.text.contains("learned: a 1.5, b missing"))
    #expect(found.facts["missing_values"]?.integer == 1)
  }
}
