import Foundation
import JSONSyntax
import Testing

/// The rows that docs/tutorial.md shows are those that the command prints.
///
/// Tests/Fixtures/smollm2-support has the part of SmolLM2's tokenizer that these rows need, with
/// its ids, so that the model itself need not be there.
@Test func theTutorialShowsTheRowsThatTheCommandPrints() throws {
  let command = try Command()
  let root = Command.root
  let folder = command.directory.appendingPathComponent("pipelines")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  try FileManager.default.createSymbolicLink(
    at: folder.appendingPathComponent("data"),
    withDestinationURL: root.appendingPathComponent("pipelines/data"))
  let pipeline = try String(
    contentsOf: root.appendingPathComponent("pipelines/smollm2-support.yaml"), encoding: .utf8)
  let tokenizer = root.appendingPathComponent("Tests/Fixtures/smollm2-support").path
  let created = pipeline.replacing(
    "  load: ../models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    with: """
        create:
          architecture: llama
          hidden_size: 32
          intermediate_size: 48
          num_hidden_layers: 2
          num_attention_heads: 4
        tokenizer: \(JSONValue.string(tokenizer).text())
      """)
  try #require(created != pipeline)
  try command.write(created, to: "pipelines/smollm2-support.yaml")

  let tutorial = try String(
    contentsOf: root.appendingPathComponent("docs/tutorial.md"), encoding: .utf8)
  let shown = try #require(
    tutorial.split(separator: "<!-- rows of pipelines/smollm2-support.yaml -->").last)
  let block = try #require(shown.split(separator: "```text\n").dropFirst().first)
  let expected = try #require(block.split(separator: "```").first)

  let result = try command.run(
    "plan", "--preview", "1", "--preview-data", "support.train", "pipelines/smollm2-support.yaml")
  #expect(result.status == 0)
  #expect(result.output.hasSuffix("\n\n" + expected))
}

@Test func thePreviewStandsBesideThePlanForPrograms() throws {
  let command = try Command()
  try command.write(command.pipeline(name: "rows"), to: "rows.yaml")
  let plain = try JSONValue(parsing: command.run("plan", "--json", "rows.yaml").output)
  let shown = try JSONValue(
    parsing: command.run("plan", "--json", "--preview", "2", "rows.yaml").output)
  #expect(plain["preview"] == nil)
  #expect(shown["preview"]?.array?.first?["shown"]?.array?.count == 2)
  #expect(shown["identity"] == plain["identity"])
}

@Test func wrongPreviewsSayTheWayOut() throws {
  let command = try Command()
  try command.write(command.pipeline(name: "rows"), to: "rows.yaml")
  let none = try command.run("plan", "--preview", "0", "rows.yaml")
  #expect(none.status == 64)
  #expect(none.errors.contains("at least 1"))
  let unknown = try command.run("plan", "--preview-data", "qestions", "rows.yaml")
  #expect(unknown.status == 1)
  #expect(unknown.errors.contains("did you mean `questions`?"))
}
