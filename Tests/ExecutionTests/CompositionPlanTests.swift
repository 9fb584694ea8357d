import Diagnostics
import Foundation
import Pipelines
import Planning
import Testing

/// What is composed is planned as what is written out, and says where each value came from.
struct CompositionPlanTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func prepare(
    _ text: String, set: [String] = [], environment: [String: String] = [:]
  ) throws -> PreparedRun {
    let reading = PipelineReader.read(
      SourceText(file: place.path("pipeline.yaml"), bytes: Array(text.utf8)),
      in: PipelineSurroundings(
        overrides: set.map { .set($0) }, environment: { environment[$0] },
        readFile: { path in
          SourceText(
            file: path,
            bytes: FileManager.default.contents(atPath: path).map(Array.init) ?? [])
        }))
    guard let pipeline = reading.cases.first?.pipeline else {
      throw DiagnosticError(reading.diagnostics)
    }
    let (run, diagnostics) = Planner(pipeline, backend: place.backend, honeVersion: "test")
      .prepare()
    guard let run else { throw DiagnosticError(diagnostics) }
    return run
  }

  /// The origin that `--details` prints for a setting, directories left out.
  private func origin(_ path: String, _ run: PreparedRun) -> String? {
    run.plan.settings.first { $0.path == path }?.origin
      .replacing(place.directory + "/", with: "")
  }

  @Test func theSameValuesAreTheSamePlanWhereverTheyWereSaid() throws {
    let written = place.text(Workplace.lora("r: 4, alpha: 16, target_modules: all-linear"))
    let plain = try prepare(written).plan
    let variables =
      written.replacing("r: 4", with: "r: \"${rank}\"")
      .replacing("name: test", with: "name: ${env.NAME:-test}") + "\nvars: {rank: 4}\n"
    #expect(try prepare(variables).plan.identity == plain.identity)
    #expect(try prepare(variables, set: ["vars.rank=5"]).plan.identity != plain.identity)
    #expect(
      try prepare(variables, environment: ["NAME": "other"]).plan.identity != plain.identity)
    try place.write("base.yaml", variables)
    let composed = try prepare("extends: base.yaml\nvars: {rank: 9}\n", set: ["vars.rank=4"]).plan
    #expect(composed.identity == plain.identity)
    #expect(composed.settings != plain.settings)
  }

  @Test func eachValueSaysWhereItCameFrom() throws {
    let stages = Workplace.lora("r: \"${rank}\", alpha: \"${alpha}\"", length: "max_steps: 2")
    try place.write(
      "base.yaml", place.text(stages) + "\nvars:\n  rank: ${small}\n  small: 4\n  alpha: 1\n")
    let text = """
      extends: base.yaml
      name: ${env.NAME:-run}
      output: runs/${case}
      matrix: {alpha: [16, 32]}
      """
    let run = try prepare(text, set: ["seed=3", "vars.small=2"])
    #expect(origin("seed", run) == "--set")
    #expect(origin("model.dtype", run) == "default")
    #expect(origin("model.tokenizer", run) == "base.yaml:8")
    #expect(
      origin("stages[0].train.method.lora.r", run)
        == "base.yaml:14 ← vars.rank base.yaml:21 ← vars.small --set")
    #expect(origin("stages[0].train.method.lora.alpha", run) == "base.yaml:14 ← matrix.alpha")
    #expect(origin("name", run) == "pipeline.yaml:2 ← default of env.NAME ← matrix.case")
    let named = try prepare(text, environment: ["NAME": "x"])
    #expect(origin("name", named) == "pipeline.yaml:2 ← env.NAME ← matrix.case")
    #expect(run.plan.details().contains("base.yaml:14 ← matrix.alpha\n"))
  }

  @Test func inputsAreFoundBesideTheFileThatNamesThem() throws {
    let row = "{\"text\": \"the cat\"}\n"
    try place.write("shared/few.jsonl", String(repeating: row, count: 6))
    try place.write(
      "shared/base.yaml",
      place.text(
        model: Workplace.createdModel.replacing("tokenizer: tok", with: "tokenizer: ../tok"),
        data: "rows: {load: few.jsonl, split: {train: 0.5, eval: 0.5}}",
        Workplace.lora(length: "max_steps: 2")))
    // Both parts of the split together.
    func rows(_ text: String, _ set: [String] = []) throws -> Int {
      try prepare(text, set: set).plan.data.reduce(0) { $0 + $1.rows }
    }
    #expect(try rows("extends: shared/base.yaml") == 6)
    // Beside the pipeline, not beside its base.
    #expect(
      try rows("extends: shared/base.yaml\ndata: {rows: {load: rows.jsonl}}")
        == Workplace.sentences.count)
    // Beside the file that the variable was written in.
    try place.write("shared/names.yaml", "extends: base.yaml\nvars: {file: few.jsonl}")
    #expect(
      try rows("extends: shared/names.yaml\ndata: {rows: {load: \"${file}\"}}") == 6)
    #expect(
      try rows("extends: shared/base.yaml", ["data.rows.load=rows.jsonl"])
        == Workplace.sentences.count)
  }
}
