import Diagnostics
import Pipelines
import Testing

@Suite struct CompositionTests {
  private func extending(_ text: String, base: String = trainingPipeline) -> PipelineReading {
    reading("extends: base.yaml\n" + text, files: ["base.yaml": base])
  }

  @Test func mappingsAreMergedAndEverythingElseIsReplaced() throws {
    let read = extending(
      "name: other\ndata: {rows: {max_length: 64, split: {eval: 0.05}}, more: {load: b.jsonl}}\n")
    #expect(read.rendered == "")
    let pipeline = try #require(read.pipeline)
    #expect(pipeline.name.value == "other" && pipeline.name.span?.file == "test.yaml")
    #expect(pipeline.seed.value == 42)
    #expect(pipeline.data.map(\.name) == ["rows", "more"])
    #expect(pipeline.data.first?.maxLength?.value == 64)
    #expect(pipeline.data.first?.split.map(\.fraction.value) == [0.9, 0.05])
    #expect(pipeline.data.first?.split.first?.fraction.span?.file == "base.yaml")
    #expect(pipeline.stages.count == 3)
    #expect(epochs(of: pipeline)?.span?.file == "base.yaml")
    let replaced = extending("stages: [{generate: {prompts: [a]}}]")
    #expect(replaced.pipeline?.stages.map(\.name.value) == ["generate"])
  }

  private func epochs(of pipeline: Pipeline) -> Setting<Double>? {
    if case .epochs(let epochs) = pipeline.train?.length { epochs } else { nil }
  }

  @Test func aKeyDropsWhatItExcludesBeneath() throws {
    let mixed = extending(
      "data: {a: {load: a}, rows: {mix: [{data: a}], split: {train: 0.5, eval: 0.5}}}")
    #expect(mixed.rendered == "")
    guard case .mix? = mixed.pipeline?.data.first?.source else {
      Issue.record("no mix")
      return
    }
    let columns = extending(
      "data: {rows: {columns: {messages: m}}}",
      base: trainingPipeline.replacing(
        "{load: data/rows.jsonl,",
        with: "{load: data/rows.jsonl, columns: {prompt: q, completion: a},"))
    #expect(columns.rendered == "")
    guard case .messages(let name)? = columns.pipeline?.data.first?.columns else {
      Issue.record("other columns")
      return
    }
    #expect(name.value == "m")
    let backend = extending(
      "backend: {cpu: {threads: 2}}", base: trainingPipeline + "\nbackend: reference")
    #expect(backend.rendered == "")
    #expect(backend.pipeline?.backend.name.value == .cpu)
    let both = extending("data: {rows: {columns: {text: t, messages: m}}}")
    #expect(both.diagnostics.map(\.code) == [.conflictingKeys])
  }

  @Test func aMappingChangesSettingsOfStagesByNameOrKind() throws {
    let read = extending(
      "stages: {train: {method: {full: {}}, max_steps: 5, schedule: {linear: {}}}, "
        + "before: {batch_size: 2}, x-note: {a: b}}")
    #expect(read.rendered == "")
    let pipeline = try #require(read.pipeline)
    #expect(pipeline.stages.map(\.name.value) == ["before", "train", "evaluate"])
    guard case .evaluate(let before) = pipeline.stages[0].work, let train = pipeline.train,
      case .full = train.method, case .maxSteps(let steps) = train.length
    else {
      Issue.record("other stages")
      return
    }
    #expect(before.batchSize.value == 2 && before.data.value == "rows.eval")
    #expect(steps.span?.file == "test.yaml" && train.data.span?.file == "base.yaml")
    #expect(train.schedule.kind == .linear && train.schedule.warmup.value == .fraction(0.1))
    let unknown = extending("stages: {trian: {epochs: 2}}")
    #expect(unknown.diagnostics.map(\.message) == ["no stage beneath is called `trian`"])
    #expect(unknown.diagnostics.map(\.help) == ["did you mean `train`?"])
    #expect(unknown.marked == ["test.yaml:2: trian"])
    let slip = extending("stages: {train: {epocs: 2}}")
    #expect(slip.diagnostics.map(\.code) == [.unknownKey])
    #expect(slip.diagnostics.first?.path == "stages[1].train.epocs")
  }

  @Test func aVariableIsReplacedAsAWhole() {
    let read = extending(
      "vars: {method: {full: {}}}",
      base: trainingPipeline.replacing("{lora: {r: 8, alpha: 16}}", with: "${method}")
        + "\nvars: {method: {lora: {r: 8, alpha: 16}}}")
    #expect(read.rendered == "")
    guard case .full? = read.pipeline?.train?.method else {
      Issue.record("the method is not `full`")
      return
    }
  }

  @Test func aBaseNeedNotBeAPipeline() throws {
    let read = reading(
      trainingPipeline.replacing("name: demo", with: "extends: shared/vars.yaml"),
      file: "runs/test.yaml", files: ["runs/shared/vars.yaml": "name: shared\nvars: {unused: 1}"])
    #expect(read.rendered == "")
    #expect(read.pipeline?.name.value == "shared")
    #expect(read.pipeline?.file == "runs/test.yaml")
  }

  @Test func aBaseIsFoundBesideTheFileThatSaysIt() {
    let read = reading(
      "extends: ../a/one.yaml\nname: top", file: "p/test.yaml",
      files: ["a/one.yaml": "extends: two.yaml\nname: one", "a/two.yaml": trainingPipeline])
    #expect(read.rendered == "")
    #expect(read.pipeline?.name.value == "top")
    #expect(read.sources.map(\.file) == ["p/test.yaml", "a/one.yaml", "a/two.yaml"])
  }

  @Test func aFindingInABaseQuotesTheBase() {
    let read = extending("name: x", base: trainingPipeline.replacing("r: 8", with: "r: 0"))
    #expect(read.marked == ["base.yaml:10: 0"])
    #expect(read.rendered.contains("10 |       method: {lora: {r: 0, alpha: 16}}"))
    let missing = extending("name: x", base: "hone: 1")
    #expect(missing.diagnostics.map(\.code) == [.missingKey, .missingKey])
    #expect(missing.diagnostics.allSatisfy { $0.span?.file == "test.yaml" })
  }

  @Test func aBaseThatCannotBeReadIsOneFinding() {
    let gone = reading("extends: gone.yaml\nhone: 1\nseed: x")
    #expect(gone.diagnostics.map(\.code) == [.missingFile, .wrongType])
    #expect(gone.marked == ["test.yaml:1: gone.yaml", "test.yaml:3: x"])
    let broken = extending("hone: 1", base: "name: [")
    #expect(broken.diagnostics.map(\.code) == [.invalidYAML])
    #expect(broken.diagnostics.first?.span?.file == "base.yaml")
    #expect(broken.diagnostics.first?.notes.last?.message == "`test.yaml` extends `base.yaml` here")
    #expect(extending("hone: 1", base: "[1]").diagnostics.map(\.code) == [.wrongType])
    #expect(extending("hone: 1", base: "# none").diagnostics.map(\.code) == [.missingKey])
    #expect(findings("extends: base.yaml\nhone: 1").map(\.code) == [.missingFile])
  }

  @Test(arguments: ["[a.yaml]", "{a: b}", "", "'${v}.yaml'"])
  func whatIsExtendedIsOnePath(value: String) {
    let read = reading("extends: \(value)\nhone: 1\nvars: {v: a}")
    #expect(read.diagnostics.count == 1 && read.cases.isEmpty, "\(read.rendered)")
  }

  @Test func aCycleOfFilesIsShownWhole() {
    let read = reading(
      "extends: b.yaml", file: "a.yaml",
      files: ["b.yaml": "extends: ./c.yaml", "c.yaml": "name: c\nextends: x/../a.yaml"])
    #expect(
      read.diagnostics.map(\.message)
        == ["`a.yaml` extends itself: `a.yaml` → `b.yaml` → `c.yaml` → `a.yaml`"])
    #expect(read.marked == ["c.yaml:2: x/../a.yaml"])
    #expect(
      read.diagnostics.first?.notes.map(\.message) == [
        "`a.yaml` extends `b.yaml` here", "`b.yaml` extends `c.yaml` here",
      ])
    let inner = reading("extends: b.yaml", file: "a.yaml", files: ["b.yaml": "extends: b.yaml"])
    #expect(inner.diagnostics.map(\.message) == ["`b.yaml` extends itself: `b.yaml` → `b.yaml`"])
  }

  @Test func filesExtendEachOtherAtMost16Deep() {
    var files: [String: String] = [:]
    for index in 0..<30 { files["\(index).yaml"] = "extends: \(index + 1).yaml" }
    let read = reading("extends: 0.yaml", files: files)
    #expect(read.diagnostics.map(\.code) == [.limitExceeded])
    #expect(read.marked == ["15.yaml:1: 16.yaml"])
    files["15.yaml"] = trainingPipeline
    #expect(reading("extends: 0.yaml", files: files).rendered == "")
  }

  @Test func togetherThereAreAtMostTenThousandValues() {
    let half = (0..<1500).map { "  e\($0): {load: a}" }.joined(separator: "\n")
    let other = (0..<1500).map { "  d\($0): {load: a}" }.joined(separator: "\n")
    #expect(extending("data:\n" + half).rendered == "")
    let read = extending(
      "data:\n" + half, base: trainingPipeline.replacing("data:\n", with: "data:\n" + other + "\n"))
    #expect(read.diagnostics.map(\.code) == [.limitExceeded])
  }

  @Test func theOrderIsBasesThenOptionsThenCasesThenVariables() {
    let read = reading(
      "extends: base.yaml\nvars: {rank: 2, scale: \"${rank}\"}\nmatrix: {rank: [4, 8]}",
      files: [
        "base.yaml": trainingPipeline.replacing(
          "{r: 8, alpha: 16}", with: "{r: \"${rank}\", alpha: \"${scale}\"}")
          + "\nvars: {rank: 1, scale: 9}"
      ], set: ["matrix.rank=[16]"])
    #expect(read.rendered == "")
    #expect(read.cases.map { $0.pipeline.lora?.rank.value } == [16])
    #expect(read.cases.map { $0.pipeline.lora?.alpha.value } == [16])
  }

  @Test func whatIsComposedIsTheSameAsWhatIsWrittenOut() throws {
    let written = try #require(reading(trainingPipeline).pipeline)
    let composed = try #require(
      extending(
        "name: demo",
        base: trainingPipeline.replacing("r: 8", with: "r: \"${r}\"")
          + "\nvars: {r: 8}"
      ).pipeline)
    #expect(composed.lora?.rank.value == written.lora?.rank.value)
    #expect(composed.output.value == written.output.value)
    #expect(composed.stages.map(\.name.value) == written.stages.map(\.name.value))
  }
}
