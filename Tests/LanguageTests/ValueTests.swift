import Diagnostics
import Pipelines
import Testing

/// One setting's value, as it is written, and what reading makes of it.
@Suite struct ValueTests {
  /// A pipeline whose train stage has `lines` beside what it must have.
  static func train(_ lines: String, lora: String = "r: 8, alpha: 16") -> String {
    """
    hone: 1
    name: demo
    model: {load: m}
    data: {rows: {load: rows.jsonl}}
    stages:
      - train:
          data: rows
          method: {lora: {\(lora)}}
          optimizer: {adamw: {learning_rate: 1e-4}}
          \(lines)
    """
  }

  private func trainStage(_ text: String) throws -> TrainStage {
    let (pipeline, diagnostics) = PipelineReader.read(file: "t", text: Array(text.utf8))
    #expect(diagnostics.isEmpty)
    guard case .train(let train) = try #require(pipeline).stages[0].work else {
      throw DiagnosticError(diagnostics)
    }
    return train
  }

  @Test(arguments: [
    ("3", 3), ("0.5", 0.5), ("1e-1", 0.1), ("1E1", 10), (".5", 0.5), ("+2", 2), ("2.", 2),
    ("1e+2", 100), ("0.001e3", 1),
  ])
  func numbersAreReadAsYAML12DoesAndWithoutADotToo(text: String, expected: Double) throws {
    guard case .epochs(let epochs) = try trainStage(Self.train("epochs: \(text)")).length else {
      Issue.record("no epochs")
      return
    }
    #expect(epochs.value == expected)
    #expect(epochs.span?.start.line == 10)
    #expect(epochs.path == "stages[0].train.epochs")
  }

  @Test(arguments: [
    (
      "\"3\"", DiagnosticCode.wrongType, "`epochs` must be a number; found the text \"3\"",
      "remove the quotes: `3`"
    ),
    (
      "0777", .ambiguousValue,
      "`0777` in `epochs` is octal to some readers of YAML and decimal to others",
      "write the decimal number: `777`"
    ),
    (
      "-007", .ambiguousValue,
      "`-007` in `epochs` is octal to some readers of YAML and decimal to others",
      "write the decimal number: `-7`"
    ),
    (
      "00.5", .ambiguousValue,
      "`00.5` in `epochs` is octal to some readers of YAML and decimal to others",
      "write the decimal number: `0.5`"
    ),
    (
      "1_000", .ambiguousValue,
      "`1_000` in `epochs` is a number to some readers and a text to others", "write `1000`"
    ),
    (
      "1,000", .ambiguousValue,
      "`1,000` in `epochs` is a number to some readers and a text to others", "write `1000`"
    ),
    (
      "0x10", .ambiguousValue, "`0x10` in `epochs` is not decimal", "write the decimal number: `16`"
    ),
    ("0o10", .ambiguousValue, "`0o10` in `epochs` is not decimal", "write the decimal number: `8`"),
    ("10%", .wrongType, "`epochs` must be a number; found `10%`", "write `0.1`"),
    (
      ".inf", .valueOutOfRange, "`epochs` must be a finite number; found `.inf`",
      "for example `epochs: 3`"
    ),
    (
      ".nan", .valueOutOfRange, "`epochs` must be a finite number; found `.nan`",
      "for example `epochs: 3`"
    ),
    (
      "1e999", .valueOutOfRange,
      "`epochs` must be a number that a 64-bit float holds; found `1e999`",
      "for example `epochs: 3`"
    ),
    ("0", .valueOutOfRange, "`epochs` must be above 0; found `0`", "for example `epochs: 3`"),
    ("three", .wrongType, "`epochs` must be a number; found `three`", "for example `epochs: 3`"),
    ("true", .wrongType, "`epochs` must be a number; found `true`", "for example `epochs: 3`"),
    ("[1]", .wrongType, "`epochs` must be a number; found a list", "for example `epochs: 3`"),
    ("{a: 1}", .wrongType, "`epochs` must be a number; found a mapping", "for example `epochs: 3`"),
    (
      "", .wrongType, "`epochs` must be a number; found nothing", "write a value, or remove the key"
    ),
    (
      "null", .wrongType, "`epochs` must be a number; found `null`",
      "write a value, or remove the key"
    ),
  ])
  func numbersThatAreNoneOrAmbiguousAreRefusedWithAWayOut(
    text: String, code: DiagnosticCode, message: String, help: String
  ) {
    let found = findings(Self.train("epochs: \(text)"))
    #expect(found.map(\.code) == [code])
    #expect(found.map(\.message) == [message])
    #expect(found.map(\.help) == [help])
    #expect(found.first?.path == "stages[0].train.epochs")
  }

  @Test(arguments: [
    ("2.0", DiagnosticCode.wrongType, "write `2`"), ("1e3", .wrongType, "write `1000`"),
    ("2.5", .wrongType, "for example `max_steps: 1000`"),
    ("0", .valueOutOfRange, "for example `max_steps: 1000`"),
    ("-1", .valueOutOfRange, "for example `max_steps: 1000`"),
    ("99999999999999999999999", .valueOutOfRange, "for example `max_steps: 1000`"),
    ("2147483648", .valueOutOfRange, "for example `max_steps: 1000`"),
  ])
  func integersAreWholeAndFit(text: String, code: DiagnosticCode, help: String) {
    let found = findings(Self.train("max_steps: \(text)"))
    #expect(found.map(\.code) == [code])
    #expect(found.map(\.help) == [help])
  }

  @Test(arguments: [("true", true), ("false", false), ("True", true), ("FALSE", false)])
  func booleansAreTrueOrFalse(text: String, expected: Bool) throws {
    let stage = try trainStage(Self.train("max_steps: 1\n      batch: {packing: \(text)}"))
    #expect(stage.batch.packing.value == expected)
  }

  @Test(arguments: [
    ("no", DiagnosticCode.ambiguousValue, "write `false`"),
    ("Yes", .ambiguousValue, "write `true`"),
    ("on", .ambiguousValue, "write `true`"), ("off", .ambiguousValue, "write `false`"),
    ("y", .ambiguousValue, "write `true`"), ("0", .ambiguousValue, "write `false`"),
    ("\"true\"", .wrongType, "remove the quotes: `true`"),
    ("2", .wrongType, "for example `packing: false`"),
  ])
  func whatIsABooleanOnlyToSomeIsRefused(text: String, code: DiagnosticCode, help: String) {
    let found = findings(Self.train("max_steps: 1\n      batch: {packing: \(text)}"))
    #expect(found.map(\.code) == [code])
    #expect(found.map(\.help) == [help])
  }

  @Test(arguments: [
    ("100 steps", Cadence(count: 100, unit: .step)), ("1 step", Cadence(count: 1, unit: .step)),
    ("1 epoch", Cadence(count: 1, unit: .epoch)), ("\"2 epochs\"", Cadence(count: 2, unit: .epoch)),
  ])
  func aCadenceHasItsUnit(text: String, expected: Cadence) throws {
    let stage = try trainStage(Self.train("epochs: 2\n      checkpoint: {every: \(text)}"))
    #expect(stage.checkpoint?.every.value == expected)
    #expect(
      stage.checkpoint?.keep
        == Setting(2, path: "stages[0].train.checkpoint.keep", origin: .default))
  }

  @Test(arguments: [
    ("100", DiagnosticCode.ambiguousValue), ("0 steps", .valueOutOfRange),
    ("1.5 epochs", .wrongType),
    ("epoch", .wrongType), ("3 rows", .wrongType), ("[1]", .wrongType),
    ("-1 steps", .valueOutOfRange),
    ("99999999999 steps", .valueOutOfRange),
  ])
  func aCadenceThatIsNoneIsRefused(text: String, code: DiagnosticCode) {
    let found = findings(Self.train("epochs: 1\n      checkpoint: {every: \(text)}"))
    #expect(found.map(\.code) == [code])
    #expect(found.first?.help != nil)
  }

  @Test(arguments: [
    ("20", ScheduleSection.Warmup.steps(20)), ("20 steps", .steps(20)), ("0", .steps(0)),
    ("10%", .fraction(0.1)), ("2.5%", .fraction(0.025)), ("\"5 %\"", .fraction(0.05)),
  ])
  func aWarmupCountsStepsOrIsAShare(text: String, expected: ScheduleSection.Warmup) throws {
    let stage = try trainStage(Self.train("epochs: 1\n      schedule: {warmup: \(text)}"))
    #expect(stage.schedule.warmup.value == expected)
    #expect(stage.schedule.kind == .linear)
  }

  @Test(arguments: [
    ("0.1", DiagnosticCode.ambiguousValue), ("120%", .valueOutOfRange), ("-5", .valueOutOfRange),
    ("1 epoch", .wrongType), ("soon", .wrongType), ("x%", .wrongType),
    ("100%", .warmupExceedsSteps),
  ])
  func aWarmupThatIsNoneIsRefused(text: String, code: DiagnosticCode) {
    let found = findings(Self.train("epochs: 1\n      schedule: {warmup: \(text)}"))
    #expect(found.map(\.code) == [code])
    #expect(found.first?.help != nil)
  }

  @Test func clippingIsSwitchedOffByNone() throws {
    #expect(try trainStage(Self.train("epochs: 1")).clipNorm?.value == 1)
    #expect(try trainStage(Self.train("epochs: 1\n      clip_norm: none")).clipNorm == nil)
    #expect(
      findings(Self.train("epochs: 1\n      clip_norm: 0")).map(\.help) == [
        "write `none` to leave it out"
      ])
    #expect(
      findings(Self.train("epochs: 1\n      clip_norm: off")).map(\.message)
        == ["`clip_norm` must be a number or `none`; found `off`"])
  }

  @Test(arguments: [
    ("linear", ScheduleSection.Kind.linear), ("constant", .constant), ("{constant: {}}", .constant),
    ("{linear: }", .linear),
  ])
  func aScheduleIsAWordOrAMapping(text: String, expected: ScheduleSection.Kind) throws {
    let stage = try trainStage(Self.train("epochs: 1\n      schedule: \(text)"))
    #expect(stage.schedule.kind == expected)
  }

  @Test func aScheduleThatIsAWordHasItsDefaults() throws {
    let stage = try trainStage(Self.train("epochs: 1\n      schedule: polynomial"))
    guard case .polynomial(let power, let end) = stage.schedule.kind else {
      Issue.record("\(stage.schedule)")
      return
    }
    #expect(
      power == Setting(1, path: "stages[0].train.schedule.polynomial.power", origin: .default))
    #expect(end.value == 1e-7)
  }

  @Test(arguments: [
    ("constant_with_warmup", "write `schedule: {constant: {}}`, with `warmup` beside it"),
    ("step", "write `schedule: {step: {every: 1 epoch}}`"),
    (
      "cosin",
      "did you mean `cosine`? it takes one of `constant`, `linear`, `cosine`, `polynomial`, `inverse_sqrt`, `step`"
    ),
  ])
  func aScheduleThatIsNoWordOfOursIsRefusedWithAWayOut(text: String, help: String) {
    let found = findings(Self.train("epochs: 1\n      schedule: \(text)"))
    #expect(found.map(\.code) == [.unknownChoice])
    #expect(found.map(\.help) == [help])
  }

  @Test func targetModulesAreAListATextOrAllLinear() throws {
    func targets(_ text: String) throws -> LoRASection.Targets? {
      let stage = try trainStage(
        Self.train("epochs: 1", lora: "r: 8, alpha: 16, target_modules: \(text)"))
      guard case .lora(let lora) = stage.method else { return nil }
      return lora.targetModules
    }
    guard case .list(let names)? = try targets("[q_proj, v_proj]"),
      case .pattern(let pattern)? = try targets("'.*\\.q_proj'"),
      case .allLinear(let all)? = try targets("all-linear")
    else {
      Issue.record("another kind")
      return
    }
    #expect(names.map(\.value) == ["q_proj", "v_proj"])
    #expect(names.map(\.path).last == "stages[0].train.method.lora.target_modules[1]")
    #expect(pattern.value == ".*\\.q_proj")
    #expect(all.span != nil)
  }

  @Test(arguments: [
    ("my run", "for example `my-run`"), ("Ä/b", "for example `b`"),
    ("\"\"", "for example `name: my-first-run`"),
    ("..", "for example `name: my-first-run`"),
  ])
  func aNameIsFitForADirectory(name: String, help: String) {
    let found = findings(
      "hone: 1\nname: \(name)\nmodel: {load: m}\nstages: [{generate: {prompts: [a]}}]")
    #expect(found.map(\.code) == [.valueOutOfRange])
    #expect(found.map(\.help) == [help])
  }

  @Test func textsMayLookLikeNumbers() throws {
    let (pipeline, _) = PipelineReader.read(
      file: "t",
      text: Array(
        "hone: 1\nname: 2024\nmodel: {load: 1}\nstages: [{generate: {prompts: [7, no]}}]".utf8))
    #expect(pipeline?.name.value == "2024")
    guard case .generate(let generate)? = pipeline?.stages.first?.work else {
      Issue.record("no stage")
      return
    }
    #expect(generate.prompts.map(\.value) == ["7", "no"])
  }

  @Test func bracesThatShouldBeQuotedAreSeen() {
    let found = findings(
      "hone: 1\nname: a\nmodel: {load: {m}}\nstages: [{generate: {prompts: [a]}}]")
    #expect(found.map(\.help) == ["put quotes around a text that starts with `{`"])
  }
}
