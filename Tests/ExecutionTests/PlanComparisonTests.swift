import Diagnostics
import JSONSyntax
import Pipelines
import Planning
import Testing

/// What differs between two plans of tiny models.
struct PlanComparisonTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private var text: String {
    place.text(
      Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj, v_proj]")
        + "  - evaluate: {data: rows.eval}\n" + place.export("adapter", "adapter"))
  }

  private func comparison(_ old: String, _ new: String) throws -> PlanComparison {
    PlanComparison(from: try place.plan(old).plan.json, to: try place.plan(new).plan.json)
  }

  @Test func aPlanIsTheSameAsItself() throws {
    let same = try comparison(text, text)
    #expect(same.isSame)
    #expect(same.differences.isEmpty)
    #expect(same.text() == "no difference\n")
    #expect(same.json["same"] == true)
  }

  @Test func aCommentMoreIsNoDifference() throws {
    #expect(try comparison(text, "# first\n\n" + text).differences.isEmpty)
  }

  @Test func aSettingIsTheCauseAndItsFiguresFollow() throws {
    let found = try comparison(text, text.replacing("r: 4", with: "r: 8"))
    #expect(found.causes.map(\.path) == ["stages[0].train.method.lora.r"])
    let cause = try #require(found.causes.first)
    #expect(cause.cause == .pipeline)
    #expect((cause.old, cause.new) == ("4", "8"))
    #expect(cause.origin?.hasSuffix("pipeline.yaml:14") == true, "\(cause)")
    let trainable = try #require(
      found.consequences.first { $0.path == "stages[0].trainable_parameters" })
    #expect((trainable.old, trainable.new) == ("896", "1,792"))
    #expect(found.consequences.contains { $0.path == "stages[0].memory.optimizer_bytes" })
    #expect(found.consequences.contains { $0.path == "outputs[\(place.path("adapter"))]" })
    #expect(!found.isSame)
  }

  @Test func theTextGroupsByCauseAndKeepsTheRestForAll() throws {
    let found = try comparison(text, text.replacing("r: 4", with: "r: 8"))
    let lines = found.text().split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "pipeline")
    #expect(lines.contains("so that"))
    #expect(lines.contains { $0.hasPrefix("  ~ stages[0].train.method.lora.r  4 → 8   ") })
    #expect(lines.contains { $0.hasSuffix("`--all` shows them") })
    #expect(!found.text(isWhole: true).contains("--all"))
    #expect(found.text(isWhole: true).contains("stages[0].all_parameters"))
    #expect(found.text(isColored: true).contains("\u{1B}[33m~\u{1B}[0m"))
  }

  @Test func aNewStageIsOneDifferenceAndTheOthersKeepTheirPlaces() throws {
    let more = text.replacing(
      "stages:\n", with: "stages:\n  - evaluate: {name: before, data: rows.eval}\n")
    let found = try comparison(text, more.replacing("epochs: 3", with: "epochs: 4"))
    #expect(
      found.causes.map(\.sentence.first) == ["`", "`"] && found.causes[0].path == "stages[0]")
    #expect(found.causes[0].new == "evaluate before")
    #expect(found.causes[1].path == "stages[1].train.epochs")
    let back = try comparison(more, text)
    #expect(back.causes.map(\.path) == ["stages[0]"])
    #expect(back.causes[0].old == "evaluate before")
    #expect(back.text().contains("  - stages[0]  evaluate before"))
  }

  @Test func anotherOrderOfStagesIsADifference() throws {
    let stages = [
      "  - evaluate: {name: a, data: rows.eval}\n", "  - evaluate: {name: b, data: rows.eval}\n",
    ]
    let found = try comparison(
      place.text(Workplace.lora() + stages[0] + stages[1]),
      place.text(Workplace.lora() + stages[1] + stages[0]))
    #expect(found.causes.map(\.path) == ["stages"])
    #expect(found.causes[0].new == "train, evaluate b, evaluate a")
  }

  @Test func aNewDataSectionIsOneDifference() throws {
    let more = Workplace.data + "\n  more: {load: rows.jsonl}"
    let found = try comparison(
      text,
      place.text(
        data: more,
        Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj, v_proj]")
          + "  - evaluate: {data: rows.eval}\n" + place.export("adapter", "adapter")))
    #expect(found.causes.map(\.path) == ["data.more"])
    #expect(found.causes[0].old == nil)
  }

  @Test func rowsThatChangedByThemselvesAreACause() throws {
    let before = try place.plan(text).plan.json
    try place.write(
      "rows.jsonl",
      String(decoding: place.bytes("rows.jsonl"), as: UTF8.self)
        .replacing("the mat", with: "the rug"))
    let found = PlanComparison(from: before, to: try place.plan(text).plan.json)
    #expect(found.causes.allSatisfy { $0.cause == .data })
    #expect(found.causes.map(\.path).contains("data.rows.train"))
  }

  @Test func rowsThatASettingChangedFollowFromIt() throws {
    let found = try comparison(
      text, text.replacing("split: {train: 0.8, eval: 0.2}", with: "split: {train: 0.6, eval: 0.4}")
    )
    #expect(found.causes.allSatisfy { $0.cause == .pipeline })
    #expect(found.consequences.contains { $0.path == "data.rows.train" })
  }

  @Test func anotherTokenizerIsTheModelsDifferenceAndNotTheDatas() throws {
    let before = try place.plan(text).plan.json
    let tokenizer = String(decoding: try place.bytes("tokenizer/tokenizer.json"), as: UTF8.self)
    try place.write(
      "tokenizer/tokenizer.json", tokenizer.replacing("<|end|>", with: "<|stop|>"))
    try place.write(
      "tokenizer/tokenizer_config.json",
      String(decoding: place.bytes("tokenizer/tokenizer_config.json"), as: UTF8.self)
        .replacing("<|end|>", with: "<|stop|>"))
    let found = PlanComparison(from: before, to: try place.plan(text).plan.json)
    #expect(found.causes.map(\.path) == ["model.tokenizer_sha256"])
    #expect(found.causes.first?.cause == .model)
  }

  @Test func theVersionAndTheThreadsAreNamedByTheirCause() throws {
    let run = try place.plan(text)
    guard case .object(var older) = run.plan.json else {
      Issue.record("a plan is an object")
      return
    }
    older["hone_version"] = "0.0.1"
    older["backend"] = ["name": "cpu", "threads": 64]
    let found = PlanComparison(from: .object(older), to: run.plan.json)
    #expect(found.causes.map(\.cause) == [.backend, .hone])
    #expect(found.causes.map(\.path) == ["backend.threads", "hone_version"])
    #expect(found.causes[1].sentence == "`hone_version` is test, was 0.0.1")
  }

  @Test func everyCauseIsNamedInTheJSON() throws {
    let found = try comparison(text, text.replacing("seed: 5", with: "seed: 6"))
    let first = try #require(found.json["differences"]?.array?.first)
    #expect(first["cause"] == "pipeline")
    #expect(first["path"] == "seed")
    #expect(first["old"] == "5")
    #expect(first["new"] == "6")
    #expect(first["origin"]?.string?.contains("pipeline.yaml:3") == true)
  }
}
