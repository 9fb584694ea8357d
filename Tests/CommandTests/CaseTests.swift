import Foundation
import JSONSyntax
import Testing

/// Every case of a `matrix` in plan, diff and run.
struct CaseTests {
  private let command: Command
  private let names: [String]

  init() throws {
    command = try Command()
    let text = command.pipeline(name: "sweep", steps: 1)
      .replacing("r: 4", with: "r: \"${rank}\"")
      .replacing("{adapter: runs/sweep/adapter}", with: "{adapter: \"runs/${case}/adapter\"}")
      .replacing("runs/sweep", with: "runs/${case}")
    try command.write(text + "vars: {rank: 4}\nmatrix: {rank: [2, 4]}\n", to: "sweep.yaml")
    let plans = try JSONValue(parsing: command.run("plan", "--json", "sweep.yaml").output)
    names = (plans.array ?? []).compactMap { $0["pipeline"]?["case"]?.string }
  }

  @Test func aTableShowsEachCaseWithWhatDiffers() throws {
    try #require(names.count == 2)
    let result = try command.run("plan", "sweep.yaml")
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines[0].hasPrefix("case"))
    #expect(lines[0].contains(" r ") && lines[0].hasSuffix("plan"))
    #expect(lines[1].hasPrefix(names[0]) && lines[2].hasPrefix(names[1]))
  }

  @Test func oneCaseIsPlannedWholeAndAnUnknownOneIsAUsageError() throws {
    try #require(names.count == 2)
    let one = try command.run("plan", "--case", names[1], "sweep.yaml")
    #expect(one.status == 0)
    #expect(one.output.contains("lora r 4"))
    let unknown = try command.run("plan", "--case", "no-such", "sweep.yaml")
    #expect(unknown.status == 64)
    #expect(unknown.errors.contains(names[0]))
  }

  @Test func plansOfSeveralCasesGoIntoADirectoryAndRunFromThere() throws {
    try #require(names.count == 2)
    #expect(try command.run("plan", "--out", "plans.json", "sweep.yaml").status == 64)
    #expect(try command.run("plan", "--out", "plans/", "sweep.yaml").status == 0)
    #expect(try command.run("run", "--quiet", "plans/\(names[0]).json").status == 0)
    #expect(try command.run("run", "--quiet", "plans/\(names[0]).json").status == 4)
  }

  @Test func aPlanOfACaseThatIsGoneIsStale() throws {
    try #require(names.count == 2)
    #expect(try command.run("plan", "--out", "plans/", "sweep.yaml").status == 0)
    let text = try String(decoding: command.bytes("sweep.yaml"), as: UTF8.self)
    try command.write(text.replacing("[2, 4]", with: "[4, 8]"), to: "sweep.yaml")
    let stale = try command.run("run", "plans/\(names[0]).json")
    #expect(stale.status == 4)
    #expect(stale.errors.contains("[stale-plan]"))
  }

  @Test func everyCaseIsRunInItsOwnDirectory() throws {
    try #require(names.count == 2)
    let result = try command.run("run", "sweep.yaml")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("case \(names[0]) (1 of 2)"))
    for name in names { #expect(try !command.bytes("runs/\(name)/plan.json").isEmpty) }
    #expect(
      try command.run("diff", "--exit-code", "runs/\(names[0])", "runs/\(names[1])").status == 2)
  }

  @Test func aFailureStopsTheOthersUnlessTheyAreToGoOn() throws {
    try #require(names.count == 2)
    #expect(try command.run("run", "--quiet", "--case", names[0], "sweep.yaml").status == 0)
    #expect(try command.run("run", "--quiet", "sweep.yaml").status == 4)
    let second = command.directory.appendingPathComponent("runs/\(names[1])").path
    #expect(!FileManager.default.fileExists(atPath: second))
    #expect(try command.run("run", "--quiet", "--keep-going", "sweep.yaml").status == 4)
    #expect(FileManager.default.fileExists(atPath: second))
  }
}
