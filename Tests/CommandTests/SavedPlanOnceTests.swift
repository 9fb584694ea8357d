import Foundation
import JSONSyntax
import Testing

/// A saved plan is done once, and as it was saved.
struct SavedPlanOnceTests {
  private let command: Command

  init() throws {
    command = try Command()
    try command.write(command.pipeline(name: "once", steps: 2), to: "once.yaml")
  }

  @Test func aSavedPlanIsDoneOnceAndAgainOnlyWhenAsked() throws {
    #expect(try command.run("plan", "--out", "plan.json", "once.yaml").status == 0)
    #expect(try command.run("run", "--quiet", "plan.json").status == 0)
    let refused = try command.run("run", "--quiet", "plan.json")
    #expect(refused.status == 4)
    #expect(refused.errors.contains("[already-run]"))
    #expect(refused.errors.contains("hone run --again plan.json"))
    #expect(try command.run("run", "--quiet", "--again", "plan.json").status == 0)
  }

  @Test func againNeverTakesAnotherRunsPlace() throws {
    #expect(try command.run("run", "--quiet", "--set", "seed=6", "once.yaml").status == 0)
    #expect(try command.run("plan", "--out", "plan.json", "once.yaml").status == 0)
    let refused = try command.run("run", "--quiet", "--again", "plan.json")
    #expect(refused.status == 4)
    #expect(refused.errors.contains("[output-occupied]"))
  }

  @Test func againIsForSavedPlans() throws {
    #expect(try command.run("run", "--again", "once.yaml").status == 64)
  }

  @Test func whatTheCommandLineSaidIsRemembered() throws {
    #expect(
      try command.run(
        "plan", "--set", "seed=7", "--backend", "reference", "--out", "plan.json", "once.yaml"
      ).status == 0)
    #expect(try command.run("run", "--quiet", "plan.json").status == 0)
    let plan = try JSONValue(
      parsing: String(decoding: command.bytes("runs/once/plan.json"), as: UTF8.self))
    #expect(plan["pipeline"]?["seed"]?.integer == 7)
    #expect(plan["backend"]?["name"] == "reference")
    #expect(plan["pipeline"]?["overrides"]?.array?.count == 2)
  }

  @Test func eachDifferenceIsNamedByItsCause() throws {
    #expect(try command.run("plan", "--out", "plan.json", "once.yaml").status == 0)
    try command.write(
      command.pipeline(name: "once", steps: 2, seed: 8).replacing("r: 4", with: "r: 8"),
      to: "once.yaml")
    let saved = try String(decoding: command.bytes("plan.json"), as: UTF8.self)
    let version = try #require(try JSONValue(parsing: saved)["hone_version"]?.string)
    try command.write(
      saved.replacing("\"hone_version\": \"\(version)\"", with: "\"hone_version\": \"0.0.9\""),
      to: "plan.json")
    let stale = try command.run("run", "plan.json")
    #expect(stale.status == 4)
    #expect(stale.errors.contains("[stale-plan]"))
    #expect(stale.errors.contains("the pipeline and Hone are not what they were"))
    #expect(stale.errors.contains("pipeline: `seed` is 8, was 5 (once.yaml:3)"))
    #expect(stale.errors.contains("`stages[0].train.method.lora.r` is 8, was 4 (once.yaml:23)"))
    #expect(stale.errors.contains("Hone: `hone_version` is \(version), was 0.0.9"))
    #expect(stale.errors.contains("`hone diff plan.json once.yaml`"))
  }
}
