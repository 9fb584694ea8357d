import Diagnostics
import Pipelines
import Testing

@Suite struct OverridePathTests {
  private func set(_ texts: String...) -> PipelineReading { reading(trainingPipeline, set: texts) }

  @Test func aPathLeadsToItsValueThroughMappingsAndLists() throws {
    let read = set(
      "stages[1].train.epochs=0.5", "stages[1].train.method.lora.r=32", "seed=7",
      "data.rows.split={train: 0.5, eval: 0.5}", "data.rows.load=[a.jsonl, b.jsonl]")
    #expect(read.rendered == "")
    let pipeline = try #require(read.pipeline)
    #expect(pipeline.seed.value == 7)
    #expect(pipeline.lora?.rank.value == 32 && pipeline.lora?.alpha.value == 16)
    #expect(pipeline.lora?.rank.path == "stages[1].train.method.lora.r")
    guard case .epochs(let epochs) = pipeline.train?.length else {
      Issue.record("other length")
      return
    }
    #expect(epochs.value == 0.5)
    #expect(epochs.span?.file == "--set" && epochs.span?.start.line == 1)
    #expect(pipeline.seed.span?.start.line == 3)
    #expect(pipeline.data.first?.split.map(\.fraction.value) == [0.5, 0.5])
    guard case .load(let files)? = pipeline.data.first?.source else {
      Issue.record("other source")
      return
    }
    #expect(files.map(\.value) == ["a.jsonl", "b.jsonl"])
  }

  @Test func stagesAreFoundByNameAndKindToo() throws {
    let read = set(
      "stages[train].train.epochs=3", "stages[before].evaluate.batch_size=2",
      "stages[evaluate].evaluate.batch_size=4")
    #expect(read.rendered == "")
    let stages = try #require(read.pipeline).stages
    guard case .evaluate(let first) = stages[0].work, case .evaluate(let last) = stages[2].work
    else {
      Issue.record("other stages")
      return
    }
    #expect(first.batchSize.value == 2 && last.batchSize.value == 4)
    let unknown = set("stages[trian].train.epochs=3")
    #expect(unknown.diagnostics.map(\.message) == ["no stage is called `trian`"])
    #expect(unknown.diagnostics.map(\.help) == ["did you mean `train`?"])
    #expect(unknown.marked == ["--set:1: [trian]"])
  }

  @Test func theLaterWordCountsMore() throws {
    #expect(try #require(set("seed=1", "seed=2").pipeline).seed.value == 2)
  }

  @Test func missingMappingsAreMade() throws {
    let read = set("stages[1].train.checkpoint.every=5 steps", "backend.cpu.threads=3")
    #expect(read.rendered == "")
    let pipeline = try #require(read.pipeline)
    #expect(pipeline.train?.checkpoint?.every.value == Cadence(count: 5, unit: .step))
    #expect(pipeline.backend.threads?.value == 3)
  }

  @Test func aKeyDropsWhatItExcludes() throws {
    let read = set(
      "stages[1].train.max_steps=5", "stages[1].train.method.full={}",
      "stages[1].train.schedule.linear={}", "stages[1].train.optimizer.sgd.learning_rate=1")
    #expect(read.rendered == "")
    let train = try #require(read.pipeline?.train)
    guard case .maxSteps(let steps) = train.length, case .full = train.method,
      case .sgd = train.optimizer.kind
    else {
      Issue.record("what was excluded is still there")
      return
    }
    #expect(steps.value == 5)
    #expect(train.schedule.kind == .linear && train.schedule.warmup.value == .fraction(0.1))
  }

  @Test func aWordThatNamesAShapeIsOpenedForItsSettings() throws {
    let text = trainingPipeline.replacing("{cosine: {}, warmup: 10%}", with: "cosine")
    let read = reading(text, set: ["stages[1].train.schedule.warmup=5"])
    #expect(read.rendered == "")
    let schedule = try #require(read.pipeline?.train?.schedule)
    #expect(schedule.warmup.value == .steps(5))
    guard case .cosine = schedule.kind else {
      Issue.record("other schedule")
      return
    }
  }

  @Test(arguments: [
    ("sede=1", "unknown key `sede` in the pipeline", "sede", "did you mean `seed`?"),
    (
      "stages[1].train.optimzer.adamw.learning_rate=1",
      "unknown key `optimzer` in `stages[1].train`", "optimzer", "did you mean `optimizer`?"
    ),
    (
      "stages[1].train.method.lora.rank=4", "unknown key `rank` in `stages[1].train.method.lora`",
      "rank", "it is called `r` here"
    ),
    (
      "stages[3].train.epochs=1", "`stages` has 3 elements; there is no `[3]`", "[3]",
      "they are counted from `[0]` to `[2]`"
    ),
    (
      "stages[99999999999999999999].train=1",
      "`stages` has 3 elements; there is no `[9223372036854775807]`", "[99999999999999999999]",
      "they are counted from `[0]` to `[2]`"
    ),
    (
      "stages.train.epochs=1", "`stages` is a list and has no `train`", "train",
      "write `stages[train]`, or count from `stages[0]`"
    ),
    ("seed.x=1", "`seed` has no keys", "x", "it takes an integer: `seed=…`"),
    ("data.row.max_length=8", "`data` has no `row`", "row", "did you mean `rows`?"),
    ("model[0]=1", "`model` is no list", "[0]", "its keys follow a dot: `model.load`"),
    (
      "data.rows.load[0]=1", "`data.rows.load` is no list here", "[0]",
      "set all of it: `data.rows.load=[…]`"
    ),
    (
      "data.rows.mix[0].weight=1", "`data.rows.mix` is not written", "[0]",
      "set all of it: `data.rows.mix=[…]`"
    ),
    (
      "extends=a.yaml", "`extends` cannot be set here", "extends",
      "`--set` changes what the files say together; name another pipeline instead"
    ),
  ])
  func aPathThatLeadsNowhereIsMarkedAtThePartThatIsWrong(
    set: String, message: String, part: String, help: String
  ) {
    let read = self.set(set)
    #expect(read.diagnostics.map(\.message) == [message])
    #expect(read.marked == ["--set:1: \(part)"])
    #expect(read.diagnostics.map(\.help) == [help])
    #expect(read.cases.isEmpty)
  }

  @Test(arguments: [
    ("seed", "`--set` has no `=` and value", "seed"),
    ("=1", "a key is missing in the path", ""),
    ("a..b=1", "a key is missing in the path", ""),
    ("stages[=1", "what opens here is not closed", "["),
    ("stages[]=1", "nothing stands between `[` and `]`", "[]"),
    ("stages[0]x=1", "a path goes on with `.`, `[` or `=` after `]`", "x"),
    ("\"seed=1", "what opens here is not closed", "\""),
  ])
  func whatIsNoPathIsRefused(set: String, message: String, part: String) {
    let read = self.set(set)
    #expect(read.diagnostics.map(\.message) == [message])
    #expect(read.marked == ["--set:1: \(part)"])
  }

  @Test func aValueThatIsWrongIsMarkedInTheOption() {
    let read = set("seed=7", "stages[1].train.method.lora={r: 0, alpha: 16, rnak: 3}")
    #expect(
      read.marked == ["--set:2: 0", "--set:2: rnak"].sorted()
        || read.marked == ["--set:2: rnak", "--set:2: 0"])
    #expect(read.rendered.contains("2 | stages[1].train.method.lora={r: 0, alpha: 16, rnak: 3}"))
    let broken = set("stages[1].train.method.lora={r: 8")
    #expect(broken.diagnostics.map(\.code) == [.invalidYAML])
    #expect(broken.diagnostics.first?.span?.start.column == 34)
    #expect(set("seed=").diagnostics.map(\.code) == [.wrongType])
  }

  @Test func aQuotedKeyMayHoldDots() throws {
    let read = set("stages[1].train.method.lora.rank_pattern.\"layers.0.q_proj\"=4")
    #expect(read.rendered == "")
    #expect(read.pipeline?.lora?.rankPattern.map(\.pattern) == ["layers.0.q_proj"])
  }

  @Test func aVariableIsSetAndCountsMoreThanTheFile() throws {
    let text = trainingPipeline.replacing("r: 8", with: "r: \"${rank}\"") + "\nvars: {rank: 2}"
    #expect(reading(text).pipeline?.lora?.rank.value == 2)
    let read = reading(text, set: ["vars.rank=16"])
    #expect(read.rendered == "")
    #expect(read.pipeline?.lora?.rank.value == 16)
    let slip = reading(text, set: ["vars.width=16"])
    #expect(slip.diagnostics.map(\.code) == [.unusedVariable])
    #expect(slip.diagnostics.map(\.severity) == [.error])
    #expect(slip.marked == ["--set:1: width"])
  }

  @Test func nothingIsSetInsideAVariable() {
    let text =
      trainingPipeline.replacing("{lora: {r: 8, alpha: 16}}", with: "${method}")
      + "\nvars: {method: {lora: {r: 8, alpha: 16}}}"
    #expect(reading(text).pipeline?.lora?.rank.value == 8)
    let read = reading(text, set: ["stages[1].train.method.lora.r=4"])
    #expect(
      read.diagnostics.map(\.message) == ["`stages[1].train.method` is `${method}`, a variable"])
    #expect(read.marked == ["--set:1: lora"])
  }
}
