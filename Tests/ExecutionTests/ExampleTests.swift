import CPUBackend
import Diagnostics
import Foundation
import Pipelines
import Planning
import Testing

/// The explanations' examples whose finding needs models or data, planned for real.
struct ExampleTests {
  private static let explained = DiagnosticCode.allCases.filter {
    $0.explanation.example?.isFoundByReading == false
  }

  @Test(arguments: explained)
  func theBadExampleHasItsFindingAndTheGoodOneNone(code: DiagnosticCode) throws {
    let example = try #require(code.explanation.example)
    let place = try ExamplePlace()
    let found = try place.findings(example.bad)
    #expect(found.contains { $0.code == code && $0.help != nil }, "\(found)")
    #expect(try place.findings(example.good).isEmpty)
  }
}

/// A folder with what the examples name: small models and forty rows.
private struct ExamplePlace {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("hone-examples-\(UUID().uuidString)")
    for name in ["models", "data"] {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let fixtures = project.appendingPathComponent("Tests/Fixtures/complaints")
    for (name, source) in [
      ("models/smollm2", fixtures.appendingPathComponent("models/chat")),
      ("models/classifier", fixtures.appendingPathComponent("models/classifier")),
      ("models/base", project.appendingPathComponent("pipelines/tiny")),
      ("data/sharegpt.jsonl", fixtures.appendingPathComponent("data/gpt-role.jsonl")),
      ("data/chats.jsonl", fixtures.appendingPathComponent("data/chats.jsonl")),
    ] {
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent(name), withDestinationURL: source)
    }
    try writeRows()
    try writeLlama(like: project.appendingPathComponent("pipelines/tiny"))
  }

  private func writeRows() throws {
    let rows = (1...40).map { number in
      let question = number.isMultiple(of: 2) ? "Where is order \(number)?" : "\(number)?"
      return """
        {"text": "Order \(number) is on its way and will be with you in a few days.", "blank": "", \
        "question": "\(question)", "answer": "It is on its way."}

        """
    }.joined()
    for name in ["data/support.jsonl", "data/support.dat"] {
      try rows.write(
        to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
  }

  /// A model whose tokenizer begins every text with `<s>`, as Llama's do.
  private func writeLlama(like model: URL) throws {
    let llama = folder.appendingPathComponent("models/llama")
    try FileManager.default.createDirectory(at: llama, withIntermediateDirectories: true)
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.createSymbolicLink(
        at: llama.appendingPathComponent(name),
        withDestinationURL: model.appendingPathComponent(name))
    }
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      var text = try String(contentsOf: model.appendingPathComponent(name), encoding: .utf8)
      text = text.replacing("<|endoftext|>", with: "<s>")
      text = text.replacing(
        /"post_processor": \{[^}]*\}/,
        with: """
          "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
              {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}},
              {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}}
          """)
      try text.write(to: llama.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
  }

  /// What reading and planning `text` finds on a machine that holds a small run.
  func findings(_ text: String) throws -> [Diagnostic] {
    let file = folder.appendingPathComponent("pipeline.yaml").path
    let output = folder.appendingPathComponent("runs/demo").path
    let (pipeline, diagnostics) = PipelineReader.read(
      file: file, text: Array((text + "\noutput: \(output)\n").utf8))
    let machine = MachineFacts(memoryBytes: 1 << 30) { _ in
      MachineFacts.Volume(identity: 1, freeBytes: 1 << 40)
    }
    let planner = try Planner(
      #require(pipeline, "\(diagnostics)"), backend: CPUBackend(threads: 1), honeVersion: "test",
      machine: machine)
    return diagnostics + planner.prepare().diagnostics
  }
}
