import Diagnostics
import Execution
import JSONSyntax
import Planning
import Testing

struct PlanStatusTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private var text: String { text(checkpoint: "") }

  private func text(checkpoint: String) -> String {
    place.text(
      "  - evaluate: {name: before, data: rows.eval}\n" + Workplace.lora(rest: checkpoint)
        + "  - evaluate: {name: after, data: rows.eval}\n" + place.export("adapter", "adapter"))
  }

  private func status(_ text: String) throws -> PlanStatus {
    PlanStatus(try place.plan(text).plan, RunRecord(directory: place.path("run")))
  }

  private func reasons(_ stage: PlanStatus.Stage) -> [String] {
    switch stage {
    case .changed(let changes): changes.map(\.text)
    case .new, .again, .resumes, .done: []
    }
  }

  @Test func everyStageIsNewWhereNothingWasRun() throws {
    let status = try status(text)
    #expect(status.stages == [.new, .new, .new, .new])
    #expect(status.directory == .free)
    #expect(status.isPending)
  }

  @Test func everyStageIsDoneAfterTheRunAndThePlanIsTheSameBytes() throws {
    let before = try place.plan(text).plan
    try place.run(text)
    let after = try place.plan(text).plan
    #expect(before.json.text(.indented) == after.json.text(.indented))
    let status = try status(text)
    #expect(status.stages == [.done, .done, .done, .done])
    #expect(status.directory == .thisPlan(isFinished: true))
    #expect(!status.isPending)
    #expect(after.text(status: status).contains("done, nothing is left to do"))
    #expect(status.json["pending"]?.bool == false)
  }

  @Test func anExportThatIsGoneIsMadeAgain() throws {
    try place.run(text)
    try place.remove("adapter")
    let status = try status(text)
    #expect(status.stages.last == .again)
    #expect(status.isPending)
  }

  @Test func aChangedSettingIsNamedAndWhatFollowsToo() throws {
    try place.run(text)
    let status = try status(text.replacing("r: 4", with: "r: 8"))
    #expect(status.directory == .otherPlan)
    #expect(status.stages[0] == .again)
    #expect(reasons(status.stages[1]) == ["train.method.lora.r 4 → 8"])
    #expect(reasons(status.stages[2]) == ["`train`"])
    let shown = try place.plan(text.replacing("r: 4", with: "r: 8")).plan.text(status: status)
    #expect(shown.contains("changed: train.method.lora.r 4 → 8"))
    #expect(shown.contains("`--overwrite` starts anew"))
  }

  @Test(arguments: [
    ("seed: 5", "seed: 6", "seed 5 → 6"),
    ("epochs: 3", "max_steps: 7", "train.max_steps 7 is new"),
    ("num_attention_heads: 4", "num_attention_heads: 2", "num_attention_heads 4 → 2"),
    ("train: 0.8, eval: 0.2", "train: 0.7, eval: 0.3", "data.rows.split.train 0.8 → 0.7"),
  ])
  func saysWhatChanged(old: String, new: String, reason: String) throws {
    try place.run(text)
    let changed = text.replacing(old, with: new)
    let reasons = reasons(try status(changed).stages[1])
    #expect(reasons.contains { $0.contains(reason) }, "\(reasons)")
  }

  @Test func otherRowsAreSeenWhereTheSettingsAreTheSame() throws {
    try place.run(text)
    try place.write(
      "rows.jsonl",
      String(decoding: place.bytes("rows.jsonl"), as: UTF8.self)
        .replacing("the mat", with: "the rug"))
    #expect(reasons(try status(text).stages[1]) == ["the rows of rows.train"])
  }

  @Test func anInterruptedRunGoesOnAtItsStep() throws {
    let text = text(checkpoint: "checkpoint: {every: 2 steps}")
    try place.run(text, stop: 5)
    let status = try status(text)
    #expect(status.directory == .thisPlan(isFinished: false))
    #expect(status.stages[0] == .done)
    guard case .resumes(let step) = status.stages[1] else {
      Issue.record("the training was interrupted: \(status.stages)")
      return
    }
    #expect(step >= 4)
    #expect(status.stages[2...].allSatisfy { $0 == .new })
    let shown = try place.plan(text).plan.text(status: status)
    #expect(shown.contains("goes on after step \(step)"))
    #expect(shown.contains("`--resume` goes on"))
  }

  @Test func filesOfNoRunAreNotTakenForOne() throws {
    try place.write("run/notes.txt", "mine")
    #expect(try status(text).directory == .foreign)
    try place.write("run/plan.json", "{")
    #expect(try status(text).stages == [.new, .new, .new, .new])
    try place.write("run/plan.json", #"{"identity": "x", "stages": 5, "settings": [3]}"#)
    #expect(try status(text).directory == .otherPlan)
    #expect(try status(text).isPending)
  }

  @Test func aStageIsDecidedByWhatComesBeforeItAndNotByWhatFollows() throws {
    let plan = try place.plan(text).plan
    #expect(Set(plan.stages.map(\.identity)).count == plan.stages.count)
    let exported = try place.plan(
      text.replacing("/adapter}", with: "/another}")
    ).plan
    #expect(exported.stages.dropLast().map(\.identity) == plan.stages.dropLast().map(\.identity))
    #expect(exported.stages.last?.identity != plan.stages.last?.identity)
    #expect(exported.identity != plan.identity)
  }
}
