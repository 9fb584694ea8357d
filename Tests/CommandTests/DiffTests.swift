import Foundation
import JSONSyntax
import Testing

/// `hone diff` between pipelines, saved plans and runs.
struct DiffTests {
  private let command: Command

  init() throws {
    command = try Command()
    try command.write(command.pipeline(name: "one", steps: 2), to: "one.yaml")
    try command.write(
      command.pipeline(name: "one", steps: 2).replacing("r: 4", with: "r: 8"), to: "two.yaml")
  }

  @Test func pipelinesAreComparedByWhatTheyPlan() throws {
    let result = try command.run("diff", "one.yaml", "two.yaml")
    #expect(result.status == 0)
    #expect(result.output.contains("  ~ stages[0].train.method.lora.r  4 → 8   two.yaml:23\n"))
    #expect(result.output.contains("stages[0].trainable_parameters"))
    #expect(!result.output.contains("\u{1B}"), "no colours but on a terminal")
  }

  @Test func theExitCodeTellsWhereItIsAskedFor() throws {
    #expect(try command.run("diff", "--exit-code", "one.yaml", "two.yaml").status == 2)
    let same = try command.run("diff", "--exit-code", "one.yaml", "one.yaml")
    #expect(same.status == 0)
    #expect(same.output == "no difference\n")
    #expect(try command.run("diff", "one.yaml", "nowhere.yaml").status == 1)
  }

  @Test func savedPlansAndRunsAreSidesToo() throws {
    #expect(try command.run("plan", "--out", "plan.json", "one.yaml").status == 0)
    #expect(try command.run("run", "--quiet", "one.yaml").status == 0)
    for side in ["plan.json", "runs/one"] {
      #expect(try command.run("diff", "--exit-code", side, "one.yaml").status == 0, "\(side)")
      #expect(try command.run("diff", "--exit-code", side, "two.yaml").status == 2, "\(side)")
    }
    #expect(try command.run("diff", "--exit-code", "one.yaml").status == 0)
    #expect(try command.run("diff", "--exit-code", "two.yaml").status == 2)
  }

  @Test func differencesComeAsJSONToo() throws {
    let json = try JSONValue(
      parsing: command.run("diff", "--json", "one.yaml", "two.yaml").output)
    #expect(json["same"] == false)
    let first = try #require(json["differences"]?.array?.first)
    #expect(first["cause"] == "pipeline")
    #expect(first["origin"] == "two.yaml:23")
  }
}
