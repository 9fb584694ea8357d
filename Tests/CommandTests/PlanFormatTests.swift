import Foundation
import JSONSyntax
import SchemaChecker
import Testing

/// The plan's JSON against its schema and its page.
struct PlanFormatTests {
  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Command.root.appendingPathComponent(path), encoding: .utf8)
  }

  private static func schema() throws -> JSONValue {
    try JSONValue(parsing: text("docs/schema/plan-1.schema.json"))
  }

  private static func problems(_ plan: JSONValue) throws -> [SchemaProblem] {
    try JSONSchema(schema()).problems(in: plan)
  }

  @Test func plansOfTheRepositoryAreValid() throws {
    let command = try Command()
    let folder = Command.root.appendingPathComponent("pipelines")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") && !$0.hasPrefix("smollm2") }.sorted()
    #expect(names.count >= 2)
    for name in names {
      let file = folder.appendingPathComponent(name).path
      let printed = try command.run(
        "plan", "--json", "--preview", "1", "--out", "plans-\(name)/", file)
      #expect(printed.status == 0, "\(name): \(printed.errors)")
      let value = try JSONValue(parsing: printed.output)
      for plan in value.array ?? [value] { #expect(try Self.problems(plan) == [], "\(name)") }
      let saved = command.directory.appendingPathComponent("plans-\(name)")
      for plan in try FileManager.default.contentsOfDirectory(atPath: saved.path) {
        let text = try String(decoding: command.bytes("plans-\(name)/\(plan)"), as: UTF8.self)
        #expect(try Self.problems(JSONValue(parsing: text)) == [], "\(plan) of \(name)")
      }
    }
  }

  @Test func everyKindOfStageAndStatusIsInTheSchema() throws {
    let command = try Command()
    let more =
      "  - evaluate: {data: questions}\n  - generate: {prompts: [one], max_new_tokens: 2}"
    try command.write(
      command.pipeline(name: "all", extra: more, steps: 1), to: "all.yaml")
    #expect(try command.run("run", "--quiet", "all.yaml").status == 0)
    let done = try JSONValue(parsing: command.run("plan", "--json", "all.yaml").output)
    #expect(try Self.problems(done) == [])
    #expect(done["status"]?["pending"] == false)
    let full = command.pipeline(name: "all", extra: more, steps: 1)
      .replacing("adapter: runs/all/adapter", with: "merged: merged")
      .replacing(
        "{lora: {r: 4, alpha: 8, dropout: 0.1, target_modules: [q_proj, v_proj]}}",
        with: "{full: {}}")
    try command.write(full, to: "full.yaml")
    let other = try JSONValue(parsing: command.run("plan", "--json", "full.yaml").output)
    #expect(try Self.problems(other) == [])
    let statuses = other["status"]?["stages"]?.array?.compactMap { $0["status"]?.string } ?? []
    #expect(statuses.contains("changed"))
  }

  @Test func aKeyMoreOrLessIsNotOfTheSchema() throws {
    let command = try Command()
    try command.write(command.pipeline(name: "keys", steps: 1), to: "keys.yaml")
    var plan = try #require(
      JSONValue(parsing: command.run("plan", "--json", "keys.yaml").output).object)
    plan["extra"] = 1
    #expect(try !Self.problems(.object(plan)).isEmpty)
    plan["extra"] = nil
    plan["memory"] = nil
    #expect(try !Self.problems(.object(plan)).isEmpty)
  }

  @Test func thePageNamesEveryKeyOfTheSchema() throws {
    let page = try Self.text("docs/plan-format.md")
    let schema = try Self.schema()
    let objects = [schema] + (schema["definitions"]?.object?.members.map(\.value) ?? [])
    let keys = objects.flatMap { $0["properties"]?.object?.members.map(\.key) ?? [] }
    #expect(keys.count > 80)
    for key in keys { #expect(page.contains("| `\(key)`"), "\(key) is not on the page") }
  }

  @Test func thePageShowsThePlanAsItIs() throws {
    let command = try Command()
    let page = try Self.text("docs/plan-format.md")
    let block = try #require(page.firstMatch(of: /```json\n((?s:.*?))```/)?.output.1)
    let shown = try JSONValue(parsing: String(block))
    let file = Command.root.appendingPathComponent("pipelines/quickstart.yaml").path
    let plan = try JSONValue(
      parsing: command.run("plan", "--json", "--threads", "2", file).output
        .replacing(Command.root.path + "/", with: ""))
    for (key, value) in try #require(shown.object).members {
      #expect(plan[key] == value, "\(key) is now \(plan[key]?.text(.indented) ?? "gone")")
    }
  }
}
