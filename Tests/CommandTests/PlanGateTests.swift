import Foundation
import JSONSyntax
import Testing

/// What CI asks of a plan: limits, exit codes and methods side by side.
struct PlanGateTests {
  private let command: Command

  init() throws {
    command = try Command()
    try command.write(command.pipeline(name: "gate", rows: "size: 16", steps: 2), to: "gate.yaml")
  }

  @Test func aPlanWithinItsLimitsPasses() throws {
    let result = try command.run("plan", "--max-memory", "2GiB", "--max-time", "1d", "gate.yaml")
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test func aPlanAboveItsMemoryIsRefusedAtTheSettingThatGovernsIt() throws {
    let plan = try JSONValue(parsing: command.run("plan", "--json", "gate.yaml").output)
    let peak = try #require(plan["memory"]?["peak_bytes"]?.integer)
    for verb in ["plan", "run"] {
      let result = try command.run(verb, "--max-memory", "\(peak - 1)B", "gate.yaml")
      #expect(result.status == 1)
      #expect(result.errors.contains("[memory-above-limit]"))
      #expect(result.errors.contains("stages[0].train.batch.size"), "\(result.errors)")
      #expect(result.errors.contains("`batch.size: 8` with `accumulate: 2` needs "))
    }
    let path = command.directory.appendingPathComponent("runs").path
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func aPlanAboveItsTimeIsRefused() throws {
    try command.write(
      command.pipeline(name: "gate", rows: "size: 16", steps: 5000), to: "long.yaml")
    let result = try command.run("plan", "--max-time", "1s", "long.yaml")
    #expect(result.status == 1)
    #expect(result.errors.contains("[time-above-limit]"))
    #expect(result.errors.contains("path: stages[0].train.max_steps"))
  }

  @Test(arguments: [["--max-memory", "2gib"], ["--max-time", "2 hours"]])
  func aLimitWithoutAUnitThatIsKnownIsAUsageError(arguments: [String]) throws {
    let result = try command.run("plan", arguments[0], arguments[1], "gate.yaml")
    #expect(result.status == 64)
    #expect(result.errors.contains("write it as"))
  }

  @Test func theDetailedExitCodeTellsPendingWorkFromNone() throws {
    #expect(try command.run("plan", "--detailed-exitcode", "gate.yaml").status == 2)
    #expect(try command.run("run", "--quiet", "gate.yaml").status == 0)
    #expect(try command.run("plan", "--detailed-exitcode", "gate.yaml").status == 0)
    #expect(
      try command.run("plan", "--detailed-exitcode", "--set", "seed=9", "gate.yaml").status == 2)
    #expect(try command.run("plan", "--detailed-exitcode", "nowhere.yaml").status == 1)
  }

  @Test func methodsAreComparedInATableAndAsJSON() throws {
    let text = try command.run("plan", "--compare", "full,lora,lora:r=16", "gate.yaml")
    #expect(text.status == 0, "\(text.errors)")
    for name in ["trainable parameters", "optimizer state", "FLOP a step", "a checkpoint"] {
      #expect(text.output.contains(name))
    }
    let json = try JSONValue(
      parsing: command.run("plan", "--json", "--compare", "full,lora,gate.yaml", "gate.yaml")
        .output)
    let methods = try #require(json["methods"]?.array)
    #expect(methods.compactMap { $0["title"]?.string } == ["full", "lora", "gate"])
    #expect(methods[1]["trainable_parameters"] == methods[2]["trainable_parameters"])
  }

  @Test(arguments: ["lora:rank=8", "qlora", "lora:r=0", "full:r=2", "", "lora:alpha=x"])
  func whatIsNoMethodIsAUsageError(methods: String) throws {
    #expect(try command.run("plan", "--compare", methods, "gate.yaml").status == 64)
  }
}
