import Diagnostics
import Pipelines
import Testing

@Suite struct VariableTests {
  /// The training pipeline with a piece replaced, and variables.
  private func text(_ piece: String, _ other: String, vars: String? = nil) -> String {
    #expect(trainingPipeline.contains(piece))
    return trainingPipeline.replacing(piece, with: other) + (vars.map { "\nvars: \($0)" } ?? "")
  }

  @Test(arguments: ["\"${rank}\"", "'${rank}'"])
  func aWholeScalarTakesTheVariableWithItsType(written: String) throws {
    let read = reading(text("r: 8", "r: \(written)", vars: "{rank: 4}"))
    #expect(read.rendered == "")
    let rank = try #require(read.pipeline?.lora?.rank)
    #expect(rank.value == 4)
    guard case .composed(let span, let sources) = rank.origin,
      case .variable("rank", let home)? = sources.first
    else {
      Issue.record("\(rank.origin)")
      return
    }
    #expect(span.start.line == 10 && home.start.line == 15 && sources.count == 1)
  }

  @Test func mappingsAndListsAreTypedToo() throws {
    let read = reading(
      text(
        "{lora: {r: 8, alpha: 16}}", "${method}",
        vars: "{method: {lora: {r: 4, alpha: 8, target_modules: \"${mods}\"}}, mods: [q_proj]}"))
    #expect(read.rendered == "")
    guard case .list(let names)? = read.pipeline?.lora?.targetModules else {
      Issue.record("other targets")
      return
    }
    #expect(names.map(\.value) == ["q_proj"])
    #expect(names.first?.span?.start.line == 15)
  }

  @Test func insideATextAVariableIsWrittenOut() throws {
    let read = reading(
      text("name: demo", "name: demo-${size}-r${rank}x", vars: "{rank: 4, size: small}"))
    #expect(read.rendered == "")
    #expect(read.pipeline?.name.value == "demo-small-r4x")
    #expect(read.pipeline?.output.value == "runs/demo-small-r4x")
    #expect(
      reading(text("10%", "\"${share}%\"", vars: "{share: 20}")).pipeline?.train?.schedule.warmup
        .value
        == .fraction(0.2))
    let list = reading(text("name: demo", "name: demo-${size}", vars: "{size: [1]}"))
    #expect(
      list.diagnostics.map(\.message)
        == ["`${size}` inside a text must be a single value; found a list"])
    #expect(list.marked == ["test.yaml:2: ${size}"])
  }

  @Test func twoDollarsWriteALiteral() throws {
    let read = reading(
      "hone: 1\nname: a\nmodel: {load: m}\nstages:\n"
        + "  - generate: {prompts: ['$${x} $y {{z}} $$', 'a${v}$${v}']}\nvars: {v: '${w}', w: '$${u}'}"
    )
    #expect(read.rendered == "")
    guard case .generate(let generate)? = read.pipeline?.stages.first?.work else {
      Issue.record("other stage")
      return
    }
    #expect(generate.prompts.map(\.value) == ["${x} $y {{z}} $$", "a${u}${v}"])
  }

  @Test func templatesOfColumnsAreLeftAlone() throws {
    let read = reading(
      text(
        "{load: data/rows.jsonl,", "{load: data/rows.jsonl, template: \"${q} {{text}}\",",
        vars: "{q: Q}"))
    #expect(read.rendered == "")
    #expect(read.pipeline?.data.first?.template?.value == "Q {{text}}")
  }

  @Test func variablesMayUseOthersAndRememberTheWay() throws {
    let read = reading(text("r: 8", "r: \"${a}\"", vars: "\n  a: ${b}\n  b: ${c}\n  c: 4"))
    #expect(read.rendered == "")
    guard case .composed(_, let sources)? = read.pipeline?.lora?.rank.origin else {
      Issue.record("no sources")
      return
    }
    let lines = sources.map { source -> Int? in
      if case .variable(_, let span) = source { span.start.line } else { nil }
    }
    #expect(lines == [16, 17, 18])
  }

  @Test func aCycleIsShownWhole() {
    let read = reading(
      text("r: 8", "r: \"${a}\"", vars: "\n  a: ${b}\n  b: x${c}\n  c: y${a}\n  d: 1"))
    #expect(read.diagnostics.map(\.code) == [.cyclicReference, .unusedVariable])
    #expect(read.diagnostics.first?.message == "`a` is made of itself: `a` → `b` → `c` → `a`")
    #expect(read.marked.first == "test.yaml:18: ${a}")
    #expect(
      read.diagnostics.first?.notes.map(\.message) == ["`a` uses `b` here", "`b` uses `c` here"])
    #expect(read.diagnostics.first?.notes.compactMap(\.span?.start.line) == [16, 17])
    let own = reading(text("r: 8", "r: \"${a}\"", vars: "{a: \"${a}\"}"))
    #expect(own.diagnostics.map(\.message) == ["`a` is made of itself: `a` → `a`"])
  }

  @Test(arguments: [
    ("demo-${nmae}", "${nmae}"), ("'it ${nmae}'", "${nmae}"),
    ("\"tab\\t日 ${nmae}\"", "${nmae}"), ("\"$${a} ${nmae}\"", "${nmae}"),
    ("|\n  first\n  then ${nmae}", "${nmae}"), ("demo\n  and ${nmae}", "${nmae}"),
    ("\"\\x24{nmae}\"", "\"\\x24{nmae}\""),
  ])
  func anUnknownNameIsMarkedWhereItStands(written: String, marked: String) {
    let read = reading(text("name: demo", "name: \(written)", vars: "{name: a}"))
    #expect(read.diagnostics.map(\.message) == ["unknown variable `nmae`"])
    #expect(read.diagnostics.map(\.help) == ["did you mean `${name}`?"])
    #expect(read.marked.first?.hasSuffix(": " + marked) == true, "\(read.marked)")
  }

  @Test func oneCauseIsOneFinding() {
    let read = reading(
      text("r: 8", "r: \"${x}\"") + "\noutput: ${y}/a\nbackend: ${z}\nseed: \"${x}\"")
    #expect(read.diagnostics.map(\.code) == [DiagnosticCode](repeating: .unknownVariable, count: 4))
    #expect(read.diagnostics.first?.help?.hasPrefix("define it under `vars`") == true)
  }

  @Test(arguments: [
    ("${a", "`${` without `}`", "${a"), ("${}", "`${}` names nothing", "${}"),
    ("${ a }", "`${ a }` is no variable", "${ a }"), ("${1a}", "`${1a}` is no variable", "${1a}"),
    ("${env.}", "`${env.}` is no variable", "${env.}"),
    ("${env.A:b}", "`${env.A:b}` is no variable", "${env.A:b}"),
  ])
  func whatIsNoReferenceIsRefused(written: String, message: String, marked: String) {
    let read = reading(
      text("name: demo", "name: x${written}".replacing("${written}", with: written)))
    #expect(read.diagnostics.map(\.message) == [message])
    #expect(read.diagnostics.map(\.code) == [.invalidVariable])
    #expect(read.marked == ["test.yaml:2: \(marked)"])
  }

  @Test func theEnvironmentSaysTexts() throws {
    let pipeline = text("models/m", "\"${env.MODELS:-models}/m\"")
    #expect(loaded(reading(pipeline)) == "models/m")
    #expect(loaded(reading(pipeline, environment: ["MODELS": "/big"])) == "/big/m")
    #expect(loaded(reading(pipeline, environment: ["MODELS": ""])) == "/m")
    let missing = reading(text("models/m", "\"${env.MODELS}/m\""))
    #expect(missing.diagnostics.map(\.message) == ["the environment has no `MODELS`"])
    #expect(missing.marked == ["test.yaml:3: ${env.MODELS}"])
    let number = reading(text("r: 8", "r: \"${env.RANK}\""), environment: ["RANK": "8"])
    #expect(number.diagnostics.map(\.code) == [.wrongType])
    #expect(
      number.diagnostics.map(\.help)
        == ["what the environment says is a text; use `vars` and `--set` for anything else"])
  }

  private func loaded(_ read: PipelineReading) -> String? {
    guard case .load(let path)? = read.pipeline?.model.source else { return nil }
    return path.value
  }

  @Test func aTextWithVariablesInItIsNoNumber() {
    let read = reading(text("1e-4", "\"1e-${n}\"", vars: "{n: 4}"))
    #expect(read.diagnostics.map(\.code) == [.wrongType])
    #expect(
      read.diagnostics.map(\.help)
        == ["a text with variables in it is a text; let one variable be all of it"])
  }

  @Test func aWrongValueIsMarkedWhereItIsUsedAndWhereItIsDefined() {
    let read = reading(text("r: 8", "r: \"${rank}\"", vars: "{rank: 0}"))
    #expect(read.marked == ["test.yaml:10: \"${rank}\""])
    #expect(read.diagnostics.first?.notes.map(\.message) == ["`rank` is defined here"])
    #expect(read.diagnostics.first?.notes.first?.span?.start.line == 15)
  }

  @Test func aVariableThatNothingUsesIsAWarning() {
    let read = reading(text("r: 8", "r: \"${rank}\"", vars: "{rank: 4, x: 1}"))
    #expect(read.diagnostics.map(\.severity) == [.warning])
    #expect(read.marked == ["test.yaml:15: x"])
    #expect(read.cases.count == 1)
  }

  @Test func keysOfYourOwnAreLeftAlone() {
    let read = reading(
      text("name: demo", "name: demo\nx-note: '${anything}'\nseed: ${s}", vars: "{s: 1}"))
    #expect(read.rendered == "")
  }

  @Test(arguments: [
    "vars: [1]", "vars: 3", "vars: {1a: 2}", "vars: {case: 2}", "vars: {a b: 2}",
  ])
  func variablesHaveNames(vars: String) {
    let read = reading(trainingPipeline + "\n" + vars + "\nseed: \"${other}\"")
    #expect(read.diagnostics.count == 1 && read.cases.isEmpty, "\(read.rendered)")
  }

  @Test func variablesCannotMultiplyWithoutEnd() {
    var vars = "\n  v0: [x, x, x, x, x, x, x, x]"
    for index in 1..<30 {
      let use = "\"${v\(index - 1)}\""
      vars += "\n  v\(index): [\([String](repeating: use, count: 8).joined(separator: ", "))]"
    }
    let lists = reading(text("r: 8", "r: \"${v29}\"", vars: vars))
    #expect(lists.diagnostics.map(\.code) == [.limitExceeded])

    var texts = "\n  v0: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    for index in 1..<60 { texts += "\n  v\(index): ${v\(index - 1)}${v\(index - 1)}" }
    let doubled = reading(text("name: demo", "name: ${v59}", vars: texts))
    #expect(doubled.diagnostics.map(\.code) == [.limitExceeded])

    var nested = "\n  v0: x"
    for index in 1..<80 { nested += "\n  v\(index): [\"${v\(index - 1)}\"]" }
    let deep = reading(text("r: 8", "r: \"${v79}\"", vars: nested))
    #expect(deep.diagnostics.map(\.code) == [.limitExceeded])
  }

  @Test func aLongChainOfVariablesNeedsNoStack() {
    var vars = "\n  v0: 4"
    for index in 1..<3000 { vars += "\n  v\(index): ${v\(index - 1)}" }
    let read = reading(text("r: 8", "r: \"${v2999}\"", vars: vars))
    #expect(read.rendered == "")
    #expect(read.pipeline?.lora?.rank.value == 4)
  }

  @Test(arguments: [
    ("{r: ${rank}, alpha: 16}", "${rank}", "\"${rank}\""),
    ("{r: ${ rank } }", "${ rank }", "\"${ rank }\""),
  ])
  func betweenBracketsAVariableNeedsQuotes(written: String, marked: String, replacement: String) {
    let read = reading(text("{r: 8, alpha: 16}", written, vars: "{rank: 8}"))
    #expect(read.diagnostics.map(\.code) == [.invalidYAML])
    #expect(
      read.diagnostics.map(\.message) == ["`${…}` between brackets or braces needs quotes"])
    #expect(read.marked == ["test.yaml:10: \(marked)"])
    #expect(read.diagnostics.first?.fix?.edits.map(\.replacement) == [replacement])
    let longer = reading(text("models/m", "${dir}/m", vars: "{dir: a}"))
    #expect(longer.diagnostics.map(\.fix) == [nil])
    #expect(longer.diagnostics.map(\.help) == ["put quotes around the whole value"])
  }
}
