import Diagnostics
import Execution
import JSONSyntax
import Planning
import Testing

struct PlanTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private var text: String {
    place.text(
      Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj, v_proj]")
        + "  - evaluate: {data: rows.eval}\n"
        + "  - generate: {prompts: [\"the cat\"], max_new_tokens: 8}\n"
        + place.export("adapter", "adapter"))
  }

  @Test func isTheSameBytesTwice() throws {
    let (first, second) = try (place.plan(text).plan, place.plan(text).plan)
    #expect(first.json.text(.indented) == second.json.text(.indented))
    #expect(first.text() == second.text())
    #expect(first.details() == second.details())
  }

  @Test func isReadBackFromItsOwnText() throws {
    let plan = try place.plan(text).plan
    let read = try JSONValue(parsing: plan.json.text(.indented))
    #expect(read == plan.json)
    #expect(read["identity"]?.string == plan.identity)
    #expect(plan.identity.count == 64)
    let stages = try #require(read["stages"]?.array)
    #expect(
      stages.compactMap { $0["kind"]?.string } == ["train", "evaluate", "generate", "export"])
    #expect(stages[0]["total_steps"]?.integer == 12)
    #expect(stages[0]["learning_rates"]?.array?.count == 12)
  }

  @Test func countsAsPEFTDoes() throws {
    let plan = try place.plan(text).plan
    guard case .train(let training) = plan.stages[0].work else {
      Issue.record("the first stage trains")
      return
    }
    // q_proj: 4 · (32 + 32), v_proj: 4 · (32 + 16), in two layers.
    let trainable = 2 * (4 * 64 + 4 * 48)
    let layer = 32 * 32 * 2 + 32 * 16 * 2 + 32 * 48 * 3 + 32 * 2
    let all = plan.model.vocabularySize * 32 * 2 + 2 * layer + 32 + trainable
    #expect(training.trainableCount == trainable)
    #expect(training.allCount == all)
    #expect(plan.model.parameterCount == all - trainable)
    #expect(
      training.trainableLine.hasPrefix(
        "trainable params: 896 || all params: \(Self.grouped(all)) || trainable%: "))
    #expect(plan.text().contains(training.trainableLine))
    #expect(plan.text().contains("q_proj 2 · v_proj 2 · layers ██ 2 of 2"))
  }

  private static func grouped(_ number: Int) -> String {
    let (thousands, rest) = number.quotientAndRemainder(dividingBy: 1000)
    return "\(thousands),\(String(repeating: "0", count: 3 - String(rest).count))\(rest)"
  }

  @Test func isTheSameRunWithAnotherCommentOrFileName() throws {
    let plan = try place.plan(text).plan
    let commented = try place.plan("# a first line\n\n" + text + "# a last line\n").plan
    #expect(commented.identity == plan.identity)
    #expect(commented.settings != plan.settings, "lines have moved")
  }

  @Test(arguments: [
    ("seed: 5", "seed: 6"), ("r: 4", "r: 5"), ("alpha: 16", "alpha: 17"),
    ("epochs: 3", "epochs: 4"), ("size: 2", "size: 4"), ("1e-2", "1.1e-2"),
    ("[q_proj, v_proj]", "[q_proj, k_proj]"), ("max_new_tokens: 8", "max_new_tokens: 9"),
    ("the cat", "the dog"), ("adamw:", "adam:"), ("num_hidden_layers: 2", "num_hidden_layers: 3"),
    ("name: test", "name: other"), ("train: 0.8, eval: 0.2", "train: 0.7, eval: 0.3"),
    ("v_proj]", "v_proj], dropout: 0.1"),
  ])
  func isAnotherRunWithAnotherSetting(change: (String, String)) throws {
    let changed = text.replacing(change.0, with: change.1)
    try #require(changed != text)
    #expect(try place.plan(changed).plan.identity != place.plan(text).plan.identity)
  }

  @Test func isAnotherRunOnOtherRows() throws {
    let before = try place.plan(text).plan.identity
    try place.write(
      "rows.jsonl",
      String(decoding: place.bytes("rows.jsonl"), as: UTF8.self)
        .replacing("the mat", with: "the rug"))
    #expect(try place.plan(text).plan.identity != before)
  }

  @Test func saysWhatItWillWrite() throws {
    let run = try place.plan(text)
    try place.run(text)
    let adapter = try #require(run.plan.outputs.last)
    #expect(adapter.path == place.path("adapter"))
    #expect(adapter.byteCount == 896 * 4)
    #expect(run.plan.outputs.map(\.path).contains(place.path("run/plan.json")))
  }

  @Test func needsNoBaseBesideWeightsThatAreAllTrained() throws {
    let full = text.replacing(
      "{lora: {r: 4, alpha: 16, target_modules: [q_proj, v_proj]}}", with: "{full: {}}"
    ).replacing("adapter: ", with: "merged: ")
    let plan = try place.plan(full.replacing("rows.eval}", with: "rows.eval, batch_size: 1}")).plan
    #expect(plan.memory.frozenBytes == 0)
    guard case .train(let training) = plan.stages[0].work else {
      Issue.record("the first stage trains")
      return
    }
    #expect(training.memory.trainableBytes == 4 * plan.model.parameterCount)
    #expect(training.memory.gradientBytes == 4 * plan.model.parameterCount)
    #expect(training.memory.optimizerBytes == 8 * plan.model.parameterCount)
    #expect(plan.memory.peakBytes > training.memory.byteCount)
    #expect(try place.plan(text).plan.memory.frozenBytes == 4 * plan.model.parameterCount)
  }
}
