import Foundation
import Testing

@Test func aSavedPlanIsRunAndAChangedPipelineMakesItStale() throws {
  let command = try Command()
  try command.write(command.pipeline(name: "saved", steps: 2), to: "saved.yaml")
  #expect(
    try command.run("plan", "--backend", "reference", "--out", "plan.json", "saved.yaml").status
      == 0)
  #expect(try command.run("run", "--quiet", "plan.json").status == 0)
  let story = try command.run("inspect", "runs/saved")
  #expect(story.output.contains("stage     train, 2 steps"))
  #expect(story.output.contains("train step 2: loss"))

  try command.write(command.pipeline(name: "saved", steps: 3), to: "saved.yaml")
  let stale = try command.run("run", "--overwrite", "plan.json")
  #expect(stale.status == 4)
  #expect(stale.errors.contains("[stale-plan]"))
}

@Test func aFileThatIsNoPlanIsRefused() throws {
  let command = try Command()
  try command.write("{}", to: "plan.json")
  let result = try command.run("run", "plan.json")
  #expect(result.status == 4)
  #expect(result.errors.contains("[stale-plan]"))
  try command.write("{", to: "plan.json")
  #expect(try command.run("run", "plan.json").status == 1)
}

@Test func validatingFindsATargetThatTheModelLacksAndDataThatIsNotThere() throws {
  let command = try Command()
  let wrong = command.pipeline(name: "wrong")
    .replacing("[q_proj, v_proj]", with: "[q_proj, v_prj]")
    .replacing("questions.jsonl", with: "no-questions.jsonl")
  try command.write(wrong, to: "wrong.yaml")
  let result = try command.run("validate", "wrong.yaml")
  #expect(result.status == 1)
  #expect(result.output.contains("[dead-target]"))
  #expect(result.output.contains("[missing-file]"))
  #expect(result.errors == "1 pipeline: 2 errors\n")
  #expect(try command.run("validate", "--no-files", "wrong.yaml").status == 0)
}
