import Foundation
import Testing

@Test func setChangesWhatIsValidatedAndPlanned() throws {
  let command = try Command()
  try command.write(
    command.pipeline(name: "set").replacing("r: 4,", with: "r: \"${rank}\",") + "vars: {rank: 4}\n",
    to: "set.yaml")
  let plan = try command.run(
    "plan", "--details", "--set", "vars.rank=2", "--set", "stages[train].train.max_steps=3",
    "set.yaml")
  #expect(plan.status == 0, "\(plan.errors)")
  #expect(plan.output.contains("set.yaml:23 ← vars.rank --set\n"))
  let wrong = try command.run("validate", "--set", "stages[0].train.max_stpes=3", "set.yaml")
  #expect(wrong.status == 1)
  #expect(wrong.output.contains("1 | stages[0].train.max_stpes=3"))
  #expect(wrong.output.contains("did you mean `max_steps`?"))
}

@Test func aBaseIsReadFromItsFileAndQuoted() throws {
  let command = try Command()
  try command.write(
    command.pipeline(name: "base").replacing("dropout: 0.1", with: "dropout: 1.5"),
    to: "base.yaml")
  try command.write("extends: base.yaml\nname: top\n", to: "top.yaml")
  let result = try command.run("validate", "top.yaml")
  #expect(result.status == 1)
  #expect(result.output.contains("base.yaml:23:"))
  #expect(result.output.contains("dropout: 1.5"))
}
