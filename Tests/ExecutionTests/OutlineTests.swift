import Artifacts
import Diagnostics
import JSONSyntax
import Pipelines
import Planning
import Testing

struct OutlineTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private let stages =
    Workplace.lora(length: "max_steps: 12")
    + "  - evaluate: {data: rows.eval}\n"
    + "  - generate: {prompts: [\"the cat\"], max_new_tokens: 8}\n"

  private func planned(_ text: String) throws -> (planned: Planned, diagnostics: [Diagnostic]) {
    let pipeline = try #require(
      PipelineReader.read(file: place.path("pipeline.yaml"), text: Array(text.utf8)).pipeline)
    return Planner(pipeline, backend: place.backend, honeVersion: "test").planned()
  }

  private func outline(_ text: String) throws -> (PlanOutline, [Diagnostic]) {
    let (planned, diagnostics) = try planned(text)
    guard case .outline(let outline) = planned else { throw DiagnosticError(diagnostics) }
    return (outline, diagnostics)
  }

  /// A model's directory without its weights, or with nothing in it.
  private func writeModel(hasConfiguration: Bool) throws {
    try FilePaths.createDirectories(place.path("model"))
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      try place.copy("tokenizer/" + name, to: "model/" + name)
    }
    guard hasConfiguration else { return }
    try place.write(
      "model/config.json",
      """
      {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 300,
       "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
       "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128,
       "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false,
       "hidden_act": "silu"}
      """)
  }

  @Test func aWholePipelineIsARun() throws {
    guard case .run = try planned(place.text(stages)).planned else {
      Issue.record("everything is there")
      return
    }
  }

  @Test func withoutRowsTheModelTheModulesAndTheStepsAreKnown() throws {
    let (outline, diagnostics) = try outline(
      place.text(data: "rows: {load: later.jsonl, split: {train: 0.8, eval: 0.2}}", stages))
    #expect(diagnostics.map(\.code) == [.missingFile])
    #expect(diagnostics.allSatisfy { $0.severity == .warning })
    #expect(outline.missing == ["later.jsonl"])
    #expect(outline.model.value?.layerCount == 2)
    #expect(outline.data.map(\.name) == ["rows.train", "rows.eval"])
    #expect(outline.data.allSatisfy { $0.facts == .after("later.jsonl") })
    let text = outline.text()
    #expect(text.contains("known after later.jsonl is there"))
    #expect(text.contains("layers ██ 2 of 2"))
    #expect(text.contains("trainable params: "))
    #expect(text.contains("12 steps of 2 rows"))
    guard case .partial(let training) = outline.stages[0], case .partial = outline.stages[1],
      case .whole = outline.stages[2]
    else {
      Issue.record("the generation alone needs no rows: \(outline.stages)")
      return
    }
    #expect(training.totalSteps == 12)
    let json = try JSONValue(parsing: outline.json.text())
    #expect(json["identity"]?.isNull == true)
    #expect(json["data"]?.array?.first?["rows"]?.isNull == true)
    #expect(json["data"]?.array?.first?["known_after"]?.string == "later.jsonl")
    #expect(json["stages"]?.array?.first?["total_steps"]?.integer == 12)
    #expect(json["stages"]?.array?.first?["flop"]?.isNull == true)
  }

  @Test func withoutTheModelTheSettingsAreKnown() throws {
    let (outline, diagnostics) = try outline(
      place.text(model: "load: made-later", stages + place.export("adapter", "adapter")))
    #expect(diagnostics.map(\.severity) == [.warning])
    #expect(outline.model == .after("made-later"))
    let text = outline.text()
    #expect(text.contains("known after made-later is there"))
    #expect(text.contains("lora r 4 on rows.train"))
    #expect(text.contains("peak 0.01"))
    #expect(text.contains("adapter to "))
    #expect(outline.details().contains("train.method.lora.r"))
    #expect(outline.text() == text)
  }

  @Test func withoutTheWeightsAllButTheirIdentityIsKnown() throws {
    try writeModel(hasConfiguration: true)
    let (outline, diagnostics) = try outline(place.text(model: "load: model", stages))
    #expect(diagnostics.map(\.code) == [.missingFile])
    #expect(outline.model.value?.path == "model")
    #expect(outline.model.value?.headerIdentity == nil)
    let isWhole = outline.stages.map { stage in
      if case .whole = stage { true } else { false }
    }
    #expect(isWhole == [true, true, true])
    #expect(try #require(outline.memory.value).peakBytes > 0)
  }

  @Test func aDirectoryWithoutAConfigurationTellsNothing() throws {
    try writeModel(hasConfiguration: false)
    let (outline, _) = try outline(place.text(model: "load: model", stages))
    #expect(outline.model == .after("model"))
  }

  @Test func theAdapterToBeginWithMayComeLater() throws {
    let (outline, diagnostics) = try outline(
      place.text(
        Workplace.lora("r: 4, alpha: 16, target_modules: all-linear, init: earlier")))
    #expect(diagnostics.map(\.severity) == [.warning])
    #expect(outline.missing == ["earlier"])
    #expect(outline.text().contains("known after earlier is there"))
  }

  @Test func whatIsThereAndWrongStaysAnError() throws {
    let wrong = place.text(
      data: "rows: {load: later.jsonl, split: {train: 0.8, eval: 0.2}}",
      Workplace.lora("r: 4, alpha: 16, target_modules: [q_prj]"))
    let (planned, diagnostics) = try planned(wrong)
    guard case .nothing = planned else {
      Issue.record("the target is dead")
      return
    }
    #expect(diagnostics.contains { $0.code == .deadTarget && $0.severity == .error })
    #expect(diagnostics.contains { $0.code == .missingFile && $0.severity == .error })
  }
}
