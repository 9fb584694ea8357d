import Foundation
import JSONSyntax
import Testing

@Test func aRightPipelineIsNothingToReport() throws {
  let command = try Command()
  try command.write(command.pipeline(name: "right"), to: "right.yaml")
  let result = try command.run("validate", "right.yaml")
  #expect(result.status == 0)
  #expect(result.errors == "1 pipeline: nothing to report\n")
}

@Test func everyFindingOfAWrongPipelineIsPrintedWithItsPlace() throws {
  let command = try Command()
  let wrong = command.pipeline(name: "wrong")
    .replacing("learning_rate: 1e-2", with: "learing_rate: 1e-2")
    .replacing("dropout: 0.1", with: "dropout: 1.5")
  try command.write(wrong, to: "wrong.yaml")
  let result = try command.run("validate", "wrong.yaml")
  #expect(result.status == 1)
  #expect(result.output.contains("wrong.yaml:23:48: error:"))
  #expect(result.output.contains("[unknown-key]"))
  #expect(result.output.contains("did you mean `learning_rate`?"))
  #expect(result.output.contains("[value-out-of-range]"))
}

@Test func findingsComeAsJSONToo() throws {
  let command = try Command()
  try command.write("hone: 2\n", to: "wrong.yaml")
  let result = try command.run("validate", "--format", "json", "wrong.yaml")
  #expect(result.status == 1)
  let json = try JSONValue(parsing: result.output)
  #expect(json["diagnostics"]?.array?.isEmpty == false)
}

@Test func aFileThatIsNotThereIsADiagnostic() throws {
  let command = try Command()
  for verb in ["validate", "plan", "run"] {
    let result = try command.run(verb, "nowhere.yaml")
    #expect(result.status == 1)
    #expect((result.output + result.errors).contains("[missing-file]"))
  }
}

@Test func theFirstPipelineThatInitWritesIsRight() throws {
  let command = try Command()
  #expect(try command.run("init").status == 0)
  #expect(try command.run("validate", "--no-files", "pipeline.yaml").status == 0)
  let again = try command.run("init")
  #expect(again.status == 4)
  #expect(again.errors.contains("[output-occupied]"))
}

@Test func explainSchemaAndBackendsPrint() throws {
  let command = try Command()
  #expect(try command.run("explain", "dead-target").output.hasPrefix("# dead-target"))
  #expect(try command.run("explain", "--list").output.contains("unknown-key"))
  #expect(try command.run("explain", "no-such-code").status == 64)
  #expect(try JSONValue(parsing: try command.run("schema").output)["$schema"] != nil)
  #expect(try command.run("backends").output.contains("reference"))
  #expect(try command.run("--no-such-option").status == 64)
}

@Test func everyPipelineOfTheRepositoryIsRight() throws {
  let command = try Command()
  let folder = Command.root.appendingPathComponent("pipelines")
  let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    .filter { $0.hasSuffix(".yaml") }
  #expect(names.count >= 3)
  for name in names {
    let path = folder.appendingPathComponent(name).path
    #expect(try command.run("validate", "--no-files", path).status == 0, "\(name)")
    if !name.hasPrefix("smollm2") {
      #expect(try command.run("plan", path).status == 0, "\(name)")
    }
  }
}

@Test func theReadmeShowsThePlanAsItIs() throws {
  let command = try Command()
  let file = Command.root.appendingPathComponent("pipelines/quickstart.yaml").path
  #expect(try command.run("plan", "--threads", "2", file).status == 0)
  try command.useFixedTimes()
  let plan = try command.run("plan", "--threads", "2", file).output
    .replacing(Command.root.path + "/", with: "")
  let readme = try String(
    contentsOf: Command.root.appendingPathComponent("README.md"), encoding: .utf8)
  #expect(readme.contains("```text\n" + plan + "```"), "the plan is now:\n\(plan)")
  let lines = plan.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(lines.count <= 41)
  #expect(lines.allSatisfy { $0.count <= 100 })
}

@Test func anOccupiedDirectoryIsRefusedAndOverwrittenOnlyWhenAsked() throws {
  let command = try Command()
  try command.write(command.pipeline(name: "twice", steps: 2), to: "twice.yaml")
  #expect(try command.run("run", "--quiet", "twice.yaml").status == 0)
  let refused = try command.run("run", "--quiet", "twice.yaml")
  #expect(refused.status == 4)
  #expect(refused.errors.contains("[output-occupied]"))
  #expect(try command.run("run", "--quiet", "--overwrite", "twice.yaml").status == 0)
}

@Test func eventsForProgramsAreJSONLines() throws {
  let command = try Command()
  try command.write(command.pipeline(name: "events", steps: 2), to: "events.yaml")
  let result = try command.run("run", "--events", "-", "events.yaml")
  let kinds = try result.output.split(separator: "\n").map {
    try JSONValue(parsing: String($0))["event"]?.string
  }
  #expect(
    kinds == [
      "run_started", "stage_started", "step", "step", "memory", "stage_finished", "stage_started",
      "exported", "stage_finished", "run_finished",
    ])
}

@Test func aPlanWithoutItsRowsShowsWhatIsKnownAndARunRefuses() throws {
  let command = try Command()
  try command.write(
    command.pipeline(name: "later").replacing("questions.jsonl", with: "later.jsonl"),
    to: "later.yaml")
  let plan = try command.run("plan", "--no-time", "later.yaml")
  #expect(plan.status == 0)
  #expect(plan.output.contains("later.jsonl is there"))
  #expect(plan.errors.contains("warning: "))
  #expect(plan.errors.contains("[missing-file]"))
  let json = try JSONValue(parsing: try command.run("plan", "--json", "later.yaml").output)
  #expect(json["whole"]?.bool == false)
  #expect(try command.run("plan", "--out", "plan.json", "later.yaml").status == 1)
  #expect(try command.run("run", "later.yaml").status == 1)
  #expect(try command.run("validate", "later.yaml").status == 1)
}

@Test func aPlanIsTheSameBytesTwiceAndTellsWhatIsDone() throws {
  let command = try Command()
  try command.write(command.pipeline(name: "told", steps: 2), to: "told.yaml")
  let first = try command.run("plan", "told.yaml")
  #expect(first.status == 0)
  #expect(first.output.contains("\n  time "))
  #expect(first.output.contains("+ 1 train "))
  #expect(try command.run("plan", "told.yaml").output == first.output)
  #expect(try !command.run("plan", "--no-time", "told.yaml").output.contains("\n  time "))
  #expect(try command.run("run", "--quiet", "told.yaml").status == 0)
  let done = try command.run("plan", "told.yaml").output
  #expect(done.contains("= 1 train "))
  #expect(done.contains("nothing is left to do"))
  let json = try JSONValue(parsing: try command.run("plan", "--json", "told.yaml").output)
  #expect(json["status"]?["pending"]?.bool == false)
  #expect(try #require(json["estimate"]?["seconds"]?.number) > 0)
}
