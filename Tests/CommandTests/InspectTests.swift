import Foundation
import Testing

@Test func inspectingAModelNamesTheModulesThatCanBeTargets() throws {
  let command = try Command()
  let model = Command.root.appendingPathComponent("pipelines/tiny").path
  let result = try command.run("inspect", model)
  #expect(result.status == 0)
  #expect(result.output.contains("family      llama\n"))
  #expect(result.output.contains("model.layers.*.self_attn.q_proj"))
  #expect(result.output.contains("linear 128 → 128  ×6"))
  let everything = try command.run("inspect", "--all", model)
  #expect(everything.output.contains("model.layers.5.self_attn.q_proj.weight"))
}

@Test func inspectingDataNamesItsColumns() throws {
  let command = try Command()
  try command.write("question,answer\nWhy?,Because.\nHow?,So.\n", to: "rows.csv")
  let result = try command.run("inspect", "rows.csv")
  #expect(
    result.output == """
      csv, 2 rows
      columns
        question  in every row
        answer    in every row
      line 2
        question: "Why?"
        answer: "Because."
      line 3
        question: "How?"
        answer: "So."

      """)
}

@Test func inspectingATokenizerAnAdapterAndWhatIsNotThere() throws {
  let command = try Command()
  let tokenizer = Command.root.appendingPathComponent("pipelines/tiny/tokenizer.json").path
  #expect(try command.run("inspect", tokenizer).output.contains("ends a text   \"<|endoftext|>\""))
  let adapter = Command.root.appendingPathComponent("Tests/Fixtures/adapters/patterns").path
  #expect(try command.run("inspect", adapter).output.contains("rank_pattern q_proj: 2"))
  let missing = try command.run("inspect", "nowhere")
  #expect(missing.status == 1)
  #expect(missing.errors.contains("[missing-file]"))
}

@Test func aBrokenDataFileIsADiagnosticWithItsLine() throws {
  let command = try Command()
  try command.write("{\"a\": 1}\n{\"a\": \n", to: "rows.jsonl")
  let result = try command.run("inspect", "rows.jsonl")
  #expect(result.status == 1)
  #expect(result.errors.contains("rows.jsonl:2:"))
}

@Test func aReaderThatGoesAwayEndsNoCommand() throws {
  let command = try Command()
  let (output, errors) = (Pipe(), Pipe())
  try output.fileHandleForReading.close()
  let process = try command.start(["explain", "--list"], output: output, errors: errors)
  process.waitUntilExit()
  #expect(process.terminationReason == .exit)
  #expect(process.terminationStatus == 0)
}
