import Diagnostics
import Execution
import Foundation
import Planning
import Testing

/// What is wrong is said before anything is done, with a code and a place, and nothing is left behind.
struct FindingsTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// The only error of planning `text`; nothing but the inputs is there afterwards.
  private func error(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Diagnostic {
    let before = try FileManager.default.subpathsOfDirectory(atPath: place.directory)
    let (run, diagnostics) = place.prepare(text)
    let after = try FileManager.default.subpathsOfDirectory(atPath: place.directory)
    #expect(run == nil, sourceLocation: sourceLocation)
    #expect(Set(before) == Set(after), sourceLocation: sourceLocation)
    let errors = diagnostics.filter { $0.severity == .error }
    #expect(errors.count == 1, "\(errors)", sourceLocation: sourceLocation)
    let first = try #require(errors.first, sourceLocation: sourceLocation)
    #expect(first.span != nil, sourceLocation: sourceLocation)
    #expect(first.help != nil, sourceLocation: sourceLocation)
    return first
  }

  /// The text in which the finding is.
  private func quoted(_ finding: Diagnostic, in text: String) throws -> String {
    let span = try #require(finding.span)
    let bytes = Array(text.utf8)
    return String(decoding: bytes[span.start.offset..<span.end.offset], as: UTF8.self)
  }

  @Test func aTargetThatMatchesNothing() throws {
    let text = place.text(
      Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj, v_porj]")
        + place.export("adapter", "adapter"))
    let finding = try error(text)
    #expect(finding.code == .deadTarget)
    #expect(try quoted(finding, in: text) == "v_porj")
    #expect(finding.help?.contains("v_proj") == true)
  }

  @Test func entriesOfOtherListsThatMatchNothingAreWarnings() throws {
    let text = place.text(
      Workplace.lora("r: 4, alpha: 16, target_modules: [q_proj], exclude_modules: [other]"))
    let (run, diagnostics) = place.prepare(text)
    #expect(run != nil)
    let finding = try #require(diagnostics.first(.deadTarget))
    #expect(finding.severity == .warning)
    #expect(try quoted(finding, in: text) == "other")
  }

  @Test func aColumnThatIsNotInTheRows() throws {
    let finding = try error(
      place.text(
        data: "rows: {load: rows.jsonl, columns: {text: txt}, split: {train: 0.8, eval: 0.2}}",
        Workplace.lora()))
    #expect(finding.code == .unknownColumn)
    #expect(finding.path == "data.rows.columns.text")
    #expect(finding.notes.first?.span?.file == place.path("rows.jsonl"))
    #expect(finding.notes.first?.span?.start.line == 1)
    #expect(finding.help?.contains("text") == true)
  }

  @Test func rowsWithNothingToLearn() throws {
    try place.write(
      "rows.jsonl",
      String(
        repeating: #"{"p": "the cat sat on the mat and the log", "c": "sun"}"# + "\n", count: 4))
    let finding = try error(
      place.text(
        data: "rows: {load: rows.jsonl, columns: {prompt: p, completion: c}, max_length: 3, "
          + "split: {train: 0.5, eval: 0.5}}", Workplace.lora()))
    #expect(finding.code == .noSupervisedTokens)
  }

  @Test func fewerRowsThanABatch() throws {
    let finding = try error(
      place.text(Workplace.lora().replacing("size: 2", with: "size: 64, drop_last: true")))
    #expect(finding.code == .fewerRowsThanBatch)
  }

  @Test func aWarmupLongerThanTheTraining() throws {
    let finding = try error(
      place.text(Workplace.lora(rest: "schedule: {linear: {}, warmup: 100}")))
    #expect(finding.code == .warmupExceedsSteps)
    #expect(finding.path == "stages[0].train.schedule.warmup")
  }

  @Test(arguments: ["epochs: 1e300", "max_steps: 100000000"])
  func moreStepsThanAPlanHolds(length: String) throws {
    let finding = try error(place.text(Workplace.lora(length: length)))
    #expect(finding.code == .limitExceeded)
    #expect(finding.path?.hasPrefix("stages[0].train.") == true)
  }

  @Test func aFileThatIsNotThere() throws {
    let finding = try error(
      place.text(
        data: "rows: {load: other.jsonl, split: {train: 0.8, eval: 0.2}}", Workplace.lora()))
    #expect(finding.code == .missingFile)
  }

  @Test func anExportThatWouldReplaceOtherFiles() throws {
    try place.write("papers/thesis.txt", "all of it")
    let foreign = try error(place.text(Workplace.lora() + place.export("merged", "papers")))
    #expect(foreign.code == .outputOccupied)
    #expect(foreign.message.contains("thesis.txt"))
    let own = try error(place.text(Workplace.lora() + place.export("merged", "run")))
    #expect(own.code == .conflictingKeys)
    let file = try error(place.text(Workplace.lora() + place.export("merged", "rows.jsonl")))
    #expect(file.code == .unwritableOutput)
  }

  @Test func anAdapterOfWeightsThatHaveChanged() throws {
    let finding = try error(
      place.text(
        Workplace.lora() + Workplace.lora("r: 2, alpha: 4") + place.export("adapter", "adapter")))
    #expect(finding.code == .conflictingKeys)
    #expect(finding.path == "stages[2].export.adapter")
  }

  @Test func anOutputThatCannotBeWritten() throws {
    try place.write("file", "")
    let text = place.text(Workplace.lora()).replacing(
      place.path("run"), with: place.path("file/run"))
    let failure = try #require(throws: DiagnosticError.self) { try place.run(text) }
    #expect(failure.diagnostics.map(\.code) == [.unwritableOutput])
    #expect(failure.diagnostics.first?.path == "output")
    #expect(failure.diagnostics.first?.span?.file == place.path("file/run"))
  }

  @Test func aLossThatIsNotFinite() throws {
    let text = place.text(
      Workplace.lora(length: "epochs: 200").replacing(
        "adamw: {learning_rate: 1e-2}", with: "sgd: {learning_rate: 1e30}"
      ).replacing("batch:", with: "clip_norm: none\n      batch:") + place.export("adapter", "out"))
    let failure = try #require(throws: DiagnosticError.self) { try place.run(text) }
    #expect(failure.diagnostics.map(\.code) == [.lossNotFinite])
    #expect(!FileManager.default.fileExists(atPath: place.path("out")))
  }

  // MARK: models

  private func exportModel() throws {
    try place.run(
      place.text(Workplace.lora(length: "max_steps: 1") + place.export("merged", "model")))
    try place.remove("run")
  }

  private func loaded() -> String {
    place.text(model: "load: model", "  - evaluate: {data: rows.eval}")
  }

  @Test func aCheckpointThatWasCutOff() throws {
    try exportModel()
    let weights = try place.bytes("model/model.safetensors")
    for length in [0, 7, 100, weights.count / 2, weights.count - 1] {
      try weights.prefix(length).write(
        to: URL(fileURLWithPath: place.path("model/model.safetensors")))
      let finding = try error(loaded())
      #expect(finding.code == .invalidCheckpoint, "\(length) bytes")
      #expect(finding.path == "model.load")
    }
  }

  @Test func aShardThatIsMissing() throws {
    try exportModel()
    try place.remove("model/model.safetensors")
    try place.write(
      "model/model.safetensors.index.json",
      #"{"metadata": {}, "weight_map": {"model.norm.weight": "model-00001-of-00001.safetensors"}}"#)
    let finding = try error(loaded())
    #expect(finding.code == .missingShard)
  }

  @Test func aModelOfAnotherFamily() throws {
    try exportModel()
    let configuration = String(decoding: try place.bytes("model/config.json"), as: UTF8.self)
    let changed = configuration.replacing(#""llama""#, with: #""mamba""#)
    try #require(changed != configuration)
    try place.write("model/config.json", changed)
    #expect(try error(loaded()).code == .unknownArchitecture)
  }

  @Test func weightsOfAnotherShape() throws {
    try exportModel()
    let configuration = String(decoding: try place.bytes("model/config.json"), as: UTF8.self)
    try place.write(
      "model/config.json",
      configuration.replacing(#""intermediate_size": 48"#, with: #""intermediate_size": 50"#))
    let (run, diagnostics) = place.prepare(loaded())
    #expect(run == nil)
    #expect(diagnostics.allSatisfy { $0.code == .tensorShapeMismatch && $0.span != nil })
    #expect(diagnostics.count == 6)
  }

  @Test func aTokenizerWithMoreIDsThanTheModel() throws {
    try exportModel()
    let name = "model/tokenizer.json"
    let text = String(decoding: try place.bytes(name), as: UTF8.self)
    let token = #"{"id": 0,"#
    let added =
      #"{"id": 5000, "content": "<|more|>", "single_word": false, "lstrip": false, "#
      + #""rstrip": false, "normalized": false, "special": true}, "#
    let list = #""added_tokens": ["#
    try #require(text.contains(list), "\(token)")
    try place.write(name, text.replacing(list, with: list + added))
    let finding = try error(loaded())
    #expect(finding.code == .invalidTokenizer)
    #expect(finding.message.contains("5001"))
  }
}
