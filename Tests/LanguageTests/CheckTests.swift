import Diagnostics
import Pipelines
import Testing

/// Rules between settings, one pipeline each.
@Suite struct CheckTests {
  /// A pipeline with `data` and `stages`, each in flow style.
  private func pipeline(
    model: String = "{load: m}", data: String = "{rows: {load: r.jsonl}}",
    stages: String = "[{generate: {prompts: [a]}}]"
  ) -> String {
    "hone: 1\nname: demo\nmodel: \(model)\ndata: \(data)\nstages: \(stages)\n"
  }

  private func train(_ more: String, name: String = "train") -> String {
    "{train: {data: rows, name: \(name), \(more)}}"
  }

  private static let adamw = "optimizer: {adamw: {learning_rate: 1e-4}}"
  private static let lora = "method: {lora: {r: 4, alpha: 8}}"

  private func expect(
    _ text: String, _ code: DiagnosticCode, _ message: String, help: String? = nil,
    location: SourceLocation = #_sourceLocation
  ) {
    let found = findings(text)
    #expect(found.map(\.code) == [code], "\(rendered(text))", sourceLocation: location)
    #expect(found.map(\.message) == [message], sourceLocation: location)
    if let help { #expect(found.map(\.help) == [help], sourceLocation: location) }
    for finding in found {
      #expect(
        finding.span != nil && finding.path != nil && finding.help != nil, sourceLocation: location)
    }
  }

  @Test(arguments: [
    ("suport.train", "there is no `suport` in `data`", "did you mean `support.train`?"),
    ("support.trian", "`support` has no part `trian`", "did you mean `support.train`?"),
    ("support.all", "`support` has no part `all`", "its parts are `support.train`, `support.eval`"),
    ("train", "there is no `train` in `data`", "did you mean `support.train`?"),
    ("zzzzz", "there is no `zzzzz` in `data`", "the names are `support`, `plain`"),
    (
      "plain.train", "`plain` has no parts, so there is no `plain.train`",
      "use `plain`, or add `split: {train: 0.9, …}` to it"
    ),
  ])
  func rowsThatAreNotDescribedAreRefused(name: String, message: String, help: String) {
    expect(
      pipeline(
        data: "{support: {load: a, split: {train: 0.9, eval: 0.1}}, plain: {load: b}}",
        stages: "[{evaluate: {data: \(name)}}]"),
      .unknownData, message, help: help)
  }

  @Test func rowsOfAMixAndOfAnEvaluationWhileTrainingAreLookedUpToo() {
    let stage = train(
      "\(Self.lora), epochs: 1, \(Self.adamw), evaluate: {data: rows.x, every: 1 epoch}")
    let found = findings(
      pipeline(data: "{rows: {load: r}, both: {mix: [{data: rowz}]}}", stages: "[\(stage)]"))
    #expect(found.map(\.code) == [.unknownData, .unknownData])
    #expect(found.map(\.path) == ["data.both.mix[0].data", "stages[0].train.evaluate.data"])
  }

  @Test func withoutDataTheAdviceIsToDescribeIt() {
    expect(
      "hone: 1\nname: a\nmodel: {load: m}\nstages: [{evaluate: {data: rows.eval}}]",
      .unknownData, "there is no `rows` in `data`", help: "describe it: `data: {rows: {load: …}}`")
  }

  @Test func aMixOfItselfIsRefused() {
    let found = findings(
      pipeline(
        data: "{rows: {load: r}, a: {mix: [{data: b}]}, b: {mix: [{data: rows}, {data: a}]}}"))
    #expect(found.map(\.message) == ["`a` is mixed from itself", "`b` is mixed from itself"])
  }

  @Test func fractionsOfASplitAreAtMostAllRows() {
    expect(
      pipeline(data: "{rows: {load: r, split: {train: 0.9, eval: 0.2}}}"), .valueOutOfRange,
      "the fractions of `split` in `rows` add up to `1.1`, more than 1")
    let tenths = (0..<10).map { "p\($0): 0.1" }.joined(separator: ", ")
    #expect(findings(pipeline(data: "{rows: {load: r, split: {\(tenths)}}}")).isEmpty)
  }

  @Test(arguments: [
    (
      "completion", "{text: t}",
      "`loss_on: completion` needs `prompt` and `completion` in `columns` of `rows`"
    ),
    (
      "assistant", "{prompt: p, completion: c}",
      "`loss_on: assistant` needs `messages` in `columns` of `rows`"
    ),
    (
      "completion", "{messages: m}",
      "`loss_on: completion` needs `prompt` and `completion` in `columns` of `rows`"
    ),
  ])
  func theLossIsTakenOverWhatTheColumnsHave(loss: String, columns: String, message: String) {
    expect(
      pipeline(data: "{rows: {load: r, columns: \(columns), loss_on: \(loss)}}"), .conflictingKeys,
      message)
  }

  @Test(arguments: [
    ("{text: t}", DataSection.LossOn.all), ("{prompt: p, completion: c}", .completion),
    ("{messages: m}", .assistant),
  ])
  func theLossFollowsTheColumnsWhereNothingIsSaid(columns: String, loss: DataSection.LossOn) {
    let text = pipeline(data: "{rows: {load: r, columns: \(columns)}}")
    let setting = PipelineReader.read(file: "t", text: Array(text.utf8)).pipeline?.data.first?
      .lossOn
    #expect(setting == Setting(loss, path: "data.rows.loss_on", origin: .default))
  }

  @Test(arguments: [
    ("Q: {{prompt", "`template` has `{{` without `}}`"),
    ("Q: {{ }}", "`template` has an empty `{{}}`"),
    ("Q: {prompt}", "`template` has no variable, so every row would be the same"),
    (
      "{{prompt}} {{completion}}",
      "`template` makes the prompt and holds `{{completion}}`, which is to be learnt"
    ),
    ("{{prompt}} {{c}}", "`template` makes the prompt and holds `{{c}}`, which is to be learnt"),
  ])
  func aTemplateIsWellFormedAndDoesNotGiveTheAnswerAway(template: String, message: String) {
    expect(
      pipeline(
        data: "{rows: {load: r, columns: {prompt: p, completion: c}, template: '\(template)'}}"),
      .invalidTemplate, message)
  }

  @Test func aTemplateHasNoPlaceBesideMessages() {
    expect(
      pipeline(data: "{rows: {load: r, columns: {messages: m}, template: '{{m}}'}}"),
      .conflictingKeys, "`template` has no place beside `messages` in `rows`")
  }

  @Test func plainTextHasOneColumn() {
    expect(
      pipeline(data: "{rows: {load: r, format: text, columns: {messages: m}}}"), .conflictingKeys,
      "`format: text` has no columns but `text` in `rows`")
  }

  @Test(arguments: [
    (
      "hidden_size: 10, num_attention_heads: 4",
      "`hidden_size` must be a multiple of `num_attention_heads`: 10 is none of 4",
      "for example `8`, or say `head_dim`"
    ),
    (
      "hidden_size: 12, num_attention_heads: 4",
      "`hidden_size / num_attention_heads` must be even; found `3`",
      "rotary positions turn pairs of numbers; change one of the two, or say `head_dim`"
    ),
    (
      "hidden_size: 10, num_attention_heads: 4, head_dim: 3", "`head_dim` must be even; found `3`",
      "rotary positions turn pairs of numbers"
    ),
    (
      "hidden_size: 16, num_attention_heads: 4, num_key_value_heads: 3",
      "`num_key_value_heads` must divide `num_attention_heads`: 4 is no multiple of 3",
      "it may be `1`, `2`, `4`"
    ),
  ])
  func theHeadsOfANewModelFit(sizes: String, message: String, help: String) {
    expect(
      pipeline(
        model:
          "{create: {architecture: llama, \(sizes), intermediate_size: 8, num_hidden_layers: 1}, tokenizer: t}"
      ),
      .valueOutOfRange, message, help: help)
  }

  @Test func aNewModelNeedsATokenizer() {
    expect(
      pipeline(
        model:
          "{create: {architecture: llama, hidden_size: 8, num_attention_heads: 2, intermediate_size: 8, num_hidden_layers: 1}}"
      ),
      .missingKey, "missing key `tokenizer` in `model`, which `create` needs")
  }

  @Test func stagesHaveNamesOfTheirOwn() {
    let text = pipeline(
      stages:
        "[{generate: {prompts: [a]}}, {generate: {prompts: [b]}}, {generate: {prompts: [c], name: generate-2}}, {generate: {prompts: [d]}}]"
    )
    let (pipeline, diagnostics) = PipelineReader.read(file: "t", text: Array(text.utf8))
    #expect(diagnostics.isEmpty)
    #expect(
      pipeline?.stages.map(\.name.value) == ["generate", "generate-3", "generate-2", "generate-4"])
    #expect(pipeline?.stages.map(\.path) == ["stages[0]", "stages[1]", "stages[2]", "stages[3]"])
    expect(
      self.pipeline(
        stages: "[{generate: {prompts: [a], name: x}}, {generate: {prompts: [b], name: x}}]"),
      .duplicateName, "two stages are called `x`")
  }

  @Test(arguments: [
    (
      "['.*q_proj']", DiagnosticCode.invalidPattern,
      "`.*q_proj` in the list `target_modules` is no module's name"
    ),
    ("[all-linear]", .ambiguousValue, "`all-linear` in a list is the name of a module"),
    (
      "'q_proj, v_proj'", .ambiguousValue,
      "`q_proj, v_proj` in `target_modules` is one regular expression, not several names"
    ),
    ("[q_proj, q_proj]", .duplicateName, "`q_proj` stands twice in `target_modules`"),
    (
      "{q_proj: 1}", .wrongType,
      "`target_modules` must be a list of names or a regular expression; found a mapping"
    ),
    ("[]", .valueOutOfRange, "`target_modules` must have at least 1 element; found 0"),
    ("[q_proj, 'x]", .invalidYAML, "the text ends inside quotes"),
  ])
  func targetsAreNamesOrOneExpression(targets: String, code: DiagnosticCode, message: String) {
    let stage = train(
      "method: {lora: {r: 4, alpha: 8, target_modules: \(targets)}}, epochs: 1, \(Self.adamw)")
    let found = findings(pipeline(stages: "[\(stage)]"))
    #expect(found.map(\.code) == [code])
    #expect(found.map(\.message) == [message])
  }

  @Test func layersNarrowAListOfTargets() {
    let stage = train(
      "method: {lora: {r: 4, alpha: 8, target_modules: all-linear, layers_to_transform: 1}}, epochs: 1, \(Self.adamw)"
    )
    expect(
      pipeline(stages: "[\(stage)]"), .conflictingKeys,
      "`layers_to_transform` has no place beside a text in `target_modules`")
  }

  @Test func nesterovNeedsMomentum() {
    let stage = train(
      "\(Self.lora), epochs: 1, optimizer: {sgd: {learning_rate: 0.1, nesterov: true}}")
    expect(
      pipeline(stages: "[\(stage)]"), .conflictingKeys, "`nesterov` needs a `momentum` above 0")
  }

  @Test(arguments: [
    ("20, max_steps: 20", "the warm-up of 20 steps is not over within 20 steps"),
    ("5, max_steps: 1", "the warm-up of 5 steps is not over within 1 step"),
  ])
  func theWarmupEndsBeforeTheTraining(numbers: String, message: String) {
    let pieces = numbers.split(separator: ",")
    let stage = train(
      "\(Self.lora), schedule: {warmup: \(pieces[0])},\(pieces[1]), \(Self.adamw)")
    expect(pipeline(stages: "[\(stage)]"), .warmupExceedsSteps, message)
    let fine = train("\(Self.lora), schedule: {warmup: 19}, max_steps: 20, \(Self.adamw)")
    #expect(findings(pipeline(stages: "[\(fine)]")).isEmpty)
  }

  @Test func aPolynomialScheduleFalls() {
    let stage = train(
      "\(Self.lora), max_steps: 9, schedule: {polynomial: {lr_end: 1e-3}}, \(Self.adamw)")
    expect(
      pipeline(stages: "[\(stage)]"), .valueOutOfRange,
      "`lr_end` must be below `learning_rate`: 0.001 is not below 0.0001")
  }

  @Test func whatNeverHappensIsAWarningAndThePipelineStands() {
    let stage = train(
      "\(Self.lora), max_steps: 9, \(Self.adamw), evaluate: {data: rows, every: 10 steps}, checkpoint: {every: 20 steps}"
    )
    let text = pipeline(stages: "[\(stage)]")
    let (pipeline, diagnostics) = PipelineReader.read(file: "t", text: Array(text.utf8))
    #expect(pipeline != nil)
    #expect(diagnostics.map(\.severity) == [.warning, .warning])
    #expect(
      diagnostics.map(\.message) == [
        "nothing is measured between the first step and the last: `every: 10 steps` is not over within "
          + "9 steps",
        "no checkpoint is written before the end: `every: 20 steps` is not over within 9 steps",
      ])
  }

  @Test func narrowingADrawNeedsATemperature() {
    expect(
      pipeline(stages: "[{generate: {prompts: [a], top_p: 0.5}}]"), .conflictingKeys,
      "`top_p` has no effect at temperature 0")
    #expect(
      findings(pipeline(stages: "[{generate: {prompts: [a], top_p: 0.5, temperature: 1}}]")).isEmpty
    )
  }

  @Test func anAdapterIsTrainedBeforeItIsExported() {
    let export = "{export: {adapter: out}}"
    let lora = train("\(Self.lora), epochs: 1, \(Self.adamw)")
    let full = train("method: {full: {}}, epochs: 1, \(Self.adamw)")
    #expect(findings(pipeline(stages: "[\(lora), \(export)]")).isEmpty)
    expect(
      pipeline(stages: "[\(full), \(export)]"), .missingAdapter,
      "no stage before this one trains an adapter", help: "export the whole model: `merged: out`")
    expect(
      pipeline(stages: "[\(export), \(lora)]"), .missingAdapter,
      "no stage before this one trains an adapter",
      help: "move this stage behind the `train` stage with `method: {lora: …}`")
    // A method that cannot be read is one finding, not two.
    let broken = train("method: {lore: {}}, epochs: 1, \(Self.adamw)")
    #expect(findings(pipeline(stages: "[\(broken), \(export)]")).map(\.code) == [.unknownKey])
  }

  @Test func everyExportHasADirectoryOfItsOwn() {
    expect(
      pipeline(stages: "[{export: {merged: out/a}}, {export: {merged: ./out//a/}}]"),
      .duplicateName,
      "two stages export to `./out//a/`")
    #expect(
      findings(pipeline(stages: "[{export: {merged: out/a}}, {export: {merged: /out/a}}]")).isEmpty)
  }
}
