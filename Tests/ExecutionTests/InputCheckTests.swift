import CPUBackend
import Diagnostics
import Foundation
import JSONSyntax
import Pipelines
import Planning
import Testing

/// What `hone validate` says of files, without reading all of them.
struct InputCheckTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func findings(_ text: String) throws -> [Diagnostic] {
    let (pipeline, diagnostics) = PipelineReader.read(
      file: place.path("pipeline.yaml"), text: Array(text.utf8))
    return try InputCheck.diagnostics(of: #require(pipeline, "\(diagnostics)"))
  }

  /// What reading a complaint's pipeline and looking at its files finds, by code and line.
  private func findings(of complaint: Complaint, _ file: String) throws -> Set<String> {
    let path = ComplaintTests.folder + "/\(complaint.name)/\(file)"
    let text = try #require(FileManager.default.contents(atPath: path))
    let (pipeline, diagnostics) = PipelineReader.read(file: path, text: Array(text))
    let all = diagnostics + (pipeline.map { InputCheck.diagnostics(of: $0) } ?? [])
    return Set(all.map { ComplaintTests.line(of: $0) })
  }

  @Test(arguments: Complaint.all)
  func saysNothingThatPlanningDoesNotSay(complaint: Complaint) throws {
    let expected = try String(
      contentsOfFile: ComplaintTests.folder + "/\(complaint.name)/expected", encoding: .utf8)
    let planned = Set(expected.split(separator: "\n").map(String.init))
    let found = try findings(of: complaint, "bad.yaml")
    #expect(found.isSubset(of: planned), "\(found)")
    #expect(try findings(of: complaint, "good.yaml").isEmpty)
  }

  @Test(arguments: [
    "01-misspelt-target", "02-seven-percent-of-layers", "13-role-of-the-assistant",
    "15-no-end-token", "16-no-such-column", "22-tied-head-saved", "23-classifier",
    "27-no-chat-template", "27-no-template-for-a-prompt", "rule-context",
    "rule-rank-above-dimensions",
  ])
  func findsFromHeadersAndFirstRowsAlone(name: String) throws {
    #expect(try findings(of: Complaint(name, ""), "bad.yaml").count == 1)
  }

  @Test func looksAtWhereExportsGo() throws {
    try place.write("papers/thesis.txt", "all of it")
    let found = try findings(
      place.text(
        Workplace.lora() + place.export("merged", "papers") + place.export("adapter", "run")))
    #expect(found.map(\.code) == [.outputOccupied, .conflictingKeys])
  }

  @Test func anAdapterOfAnotherTaskIsNotGoneOnFrom() throws {
    try place.run(
      place.text(Workplace.lora(length: "max_steps: 1") + place.export("adapter", "adapter")))
    try place.remove("run")
    let next = place.text(
      Workplace.lora("r: 4, alpha: 16, target_modules: all-linear, init: adapter"))
    #expect(try findings(next).isEmpty)
    let name = "adapter/adapter_config.json"
    let text = String(decoding: try place.bytes(name), as: UTF8.self)
    let changed = text.replacing("CAUSAL_LM", with: "SEQ_CLS")
    try #require(changed != text)
    try place.write(name, changed)
    let found = try findings(next)
    #expect(found.map(\.code) == [.taskMismatch])
    #expect(found.first?.path?.hasSuffix("lora.init") == true)
    #expect(found.first?.span != nil)
  }

  @Test func rowsThatBeginTwiceAreSaid() throws {
    let name = "tokenizer/tokenizer.json"
    let json = try JSONValue(parsing: String(decoding: place.bytes(name), as: UTF8.self))
    var object = try #require(json.object)
    object["post_processor"] = [
      "type": "TemplateProcessing",
      "single": [
        ["SpecialToken": ["id": "<|end|>", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]],
      ],
      "pair": [["Sequence": ["id": "A", "type_id": 0]], ["Sequence": ["id": "B", "type_id": 1]]],
      "special_tokens": [
        "<|end|>": ["id": "<|end|>", "ids": [0], "tokens": ["<|end|>"]]
      ],
    ]
    try place.write(name, JSONValue.object(object).text())
    try place.write(
      "tokenizer/tokenizer_config.json",
      #"{"bos_token": "<|end|>", "eos_token": "<|end|>", "#
        + #""tokenizer_class": "PreTrainedTokenizerFast"}"#)
    #expect(place.prepare(place.text(Workplace.lora())).diagnostics.isEmpty)
    let (run, found) = place.prepare(
      place.text(
        data: #"rows: {load: rows.jsonl, template: "<|end|>{{text}}", "#
          + "split: {train: 0.8, eval: 0.2}}", Workplace.lora()))
    #expect(run != nil)
    #expect(found.map(\.code) == [.doubledBeginning])
    #expect(found.first?.path == "data.rows.template")
    #expect(found.first?.notes.first?.span?.file == place.path("rows.jsonl"))
  }
}
