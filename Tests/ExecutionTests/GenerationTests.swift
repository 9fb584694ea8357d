import Execution
import Foundation
import JSONSyntax
import Planning
import Testing
import Tokenizers

struct GenerationTests {
  private let place: Workplace

  /// A model that was trained a little, in `model`.
  init() throws {
    place = try Workplace()
    try place.run(
      place.text(Workplace.lora(length: "epochs: 6") + place.export("merged", "model")))
    try place.remove("run")
  }

  private static let prompts = [
    "a", "the cat sat on the", "the dog is",
    "the cat is on the log and the dog is in the sun and the mat is on the log and a dog sat on "
      + "the cat and the sun",
  ]

  private func generate(_ settings: String, seed: Int = 5) throws -> [Generation] {
    let prompts = JSONValue.array(Self.prompts.map { .string($0) }).text()
    let text = place.text(
      model: "load: model", seed: seed, "  - generate: {prompts: \(prompts), \(settings)}")
    let isThere = FileManager.default.fileExists(atPath: place.path("run"))
    return try place.run(text, mode: isThere ? .overwrite : .new).generations
  }

  /// What follows `prompt`, every token worked out from the whole text before it.
  private func recomputed(_ prompt: String, count: Int) throws -> [Int32] {
    let model = try PreparedModel(path: place.path("model"))
    let encoding: Encoding = model.tokenizer.encode(prompt, addSpecialTokens: true)
    var tokens = encoding.ids
    let start = tokens.count
    while tokens.count < start + count {
      let logits = try #require(
        LogitsComputation.logits(
          of: model, adapter: nil, tokens: [tokens], backend: place.backend
        ).first?.last)
      let largest = try #require(logits.max())
      let next = Int32(try #require(logits.firstIndex(of: largest)))
      if next == model.tokenizer.endID { break }
      tokens.append(next)
    }
    return Array(tokens[start...])
  }

  private func expectRecomputed(_ count: Int) throws {
    let tokenizer = try Tokenizer.load(directory: place.path("model"))
    let generations = try generate("max_new_tokens: \(count)")
    #expect(generations.map(\.prompt) == Self.prompts)
    for generation in generations {
      let expected = try recomputed(generation.prompt, count: count)
      #expect(generation.tokens == expected.count)
      #expect(generation.text == tokenizer.decode(expected, skipSpecialTokens: true))
    }
  }

  @Test func greedyTextIsThatOfTheWholeTextRecomputed() throws {
    try expectRecomputed(16)
    #expect(try generate("max_new_tokens: 16").contains { $0.tokens > 3 })
  }

  @Test func aSlidingWindowLimitsWhatIsSeen() throws {
    let tokens: [Int32] = (0..<24).map { 40 + $0 }
    var changed = tokens
    changed[2] = 90
    func logits(_ tokens: [Int32]) throws -> [[Float]] {
      let model = try PreparedModel(path: place.path("model"))
      return try #require(
        LogitsComputation.logits(
          of: model, adapter: nil, tokens: [tokens], backend: place.backend
        ).first)
    }
    let whole = try (logits(tokens), logits(changed))
    #expect(whole.0[23] != whole.1[23], "without a window the last token sees the third")
    let text = String(decoding: try place.bytes("model/config.json"), as: UTF8.self)
    guard var configuration = try JSONValue(parsing: text).object else { return }
    configuration["model_type"] = "mistral"
    configuration["architectures"] = ["MistralForCausalLM"]
    configuration["sliding_window"] = 4
    try place.write("model/config.json", JSONValue.object(configuration).text(.indented))
    let limited = try (logits(tokens), logits(changed))
    // Two layers that look three tokens back.
    for position in 0..<24 {
      let isReached = (2...8).contains(position)
      #expect((limited.0[position] != limited.1[position]) == isReached, "\(position)")
    }
    #expect(limited.0[3] == whole.0[3])
    try expectRecomputed(12)
    try expectEvaluationOfLogits()
  }

  @Test func theLossIsThatOfTheLogits() throws { try expectEvaluationOfLogits() }

  private func expectEvaluationOfLogits() throws {
    let text = place.text(
      model: "load: model", data: "rows: {load: rows.jsonl}", "  - evaluate: {data: rows}")
    let isThere = FileManager.default.fileExists(atPath: place.path("run"))
    let evaluation = try #require(
      try place.run(text, mode: isThere ? .overwrite : .new).evaluations.first)
    let model = try PreparedModel(path: place.path("model"))
    let end = try #require(model.tokenizer.endID)
    var (sum, count) = (0.0, 0)
    for sentence in Workplace.sentences {
      let encoding: Encoding = model.tokenizer.encode(sentence, addSpecialTokens: true)
      let row = encoding.ids + [end]
      let logits = try #require(
        LogitsComputation.logits(of: model, adapter: nil, tokens: [row], backend: place.backend)
          .first)
      for position in 0..<row.count - 1 {
        let values = logits[position].map(Double.init)
        let top = try #require(values.max())
        let total = values.reduce(0) { $0 + exp($1 - top) }
        sum += log(total) + top - values[Int(row[position + 1])]
        count += 1
      }
    }
    #expect(evaluation.supervisedTokens == count)
    #expect(evaluation.rows == Workplace.sentences.count)
    #expect(abs(evaluation.loss - sum / Double(count)) < 1e-5)
    #expect(evaluation.values.map(\.name) == ["loss", "perplexity"])
    let perplexity = try #require(evaluation.values.last?.value)
    #expect(abs(perplexity - exp(evaluation.loss)) < 1e-9)
  }

  @Test func drawnTextIsTheSameForASeed() throws {
    let settings = "max_new_tokens: 12, temperature: 1.5, top_k: 40, top_p: 0.95"
    let first = try generate(settings).map(\.text)
    #expect(try generate(settings).map(\.text) == first)
    #expect(try generate(settings, seed: 6).map(\.text) != first)
    #expect(try generate("max_new_tokens: 12").map(\.text) != first)
  }

  @Test func drawingAmongOneIsGreedy() throws {
    let greedy = try generate("max_new_tokens: 12").map(\.text)
    #expect(try generate("max_new_tokens: 12, temperature: 2, top_k: 1").map(\.text) == greedy)
    #expect(
      try generate("max_new_tokens: 12, temperature: 2, top_p: 0.000001").map(\.text) == greedy)
  }

  @Test func refusesMoreThanTheContextHolds() throws {
    let text = place.text(
      model: "load: model", "  - generate: {prompts: [\"the cat\"], max_new_tokens: 127}")
    let (run, diagnostics) = place.prepare(text)
    #expect(run == nil)
    #expect(diagnostics.first?.code == .valueOutOfRange)
    #expect(diagnostics.first?.path == "stages[0].generate.max_new_tokens")
  }

  @Test func isTheSamePlanWhereverThePipelineIsReachedFrom() throws {
    let text = place.text(model: "load: model", "  - generate: {prompts: [\"the cat\"]}")
    try FileManager.default.createSymbolicLink(
      atPath: place.path("link"), withDestinationPath: place.directory)
    let plans = try ["a.yaml", "link/b.yaml"].map { file in
      try #require(place.prepare(text, file: file).run).plan
    }
    #expect(plans[0].model.path != plans[1].model.path)
    #expect(plans[0].identity == plans[1].identity)
  }

  @Test func neverReplacesTheModelThatItIsMadeFrom() throws {
    let (run, diagnostics) = place.prepare(
      place.text(model: "load: model", Workplace.lora() + place.export("merged", "model")))
    #expect(run == nil)
    #expect(diagnostics.map(\.code) == [.conflictingKeys])
    #expect(diagnostics.first?.path == "stages[1].export.merged")
  }

  @Test func needsATemplateToChat() throws {
    let (run, diagnostics) = place.prepare(
      place.text(model: "load: model", "  - generate: {prompts: [\"the cat\"], chat: true}"))
    #expect(run == nil)
    #expect(diagnostics.map(\.code) == [.missingChatTemplate])
    #expect(diagnostics.first?.span != nil)
  }
}
