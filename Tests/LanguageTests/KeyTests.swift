import Diagnostics
import Pipelines
import Testing

@Suite struct KeyTests {
  private static let small = """
    hone: 1
    name: demo
    model: {load: m}
    stages:
      - generate: {prompts: [a]}
    """

  /// The fixture with one line replaced.
  private func changed(_ line: String, _ other: String) -> String {
    let text = text(fixture("support-lora.yaml"))
    #expect(text.contains(line))
    return text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.contains(line) ? other : String($0)
    }.joined(separator: "\n")
  }

  @Test(arguments: [
    ("seed: 17", "seeed: 17", "seeed", "did you mean `seed`?"),
    ("  dtype: bfloat16", "  torch_dtype: bfloat16", "torch_dtype", "it is called `dtype` here"),
    ("    max_length: 512", "    max_lenght: 512", "max_lenght", "did you mean `max_length`?"),
    ("    max_length: 512", "    cutoff_len: 512", "cutoff_len", "it is called `max_length` here"),
    (
      "      clip_norm: 1.0", "      max_grad_norm: 1.0", "max_grad_norm",
      "it is called `clip_norm` here"
    ),
    (
      "      clip_norm: 1.0", "      weight_decay: 0.1", "weight_decay",
      "`weight_decay` belongs in `train.optimizer.adamw`"
    ),
    (
      "      clip_norm: 1.0", "      batch_size: 4", "batch_size",
      "it is called `size` and belongs in `train.batch`"
    ),
    ("      clip_norm: 1.0", "      r: 4", "r", "`r` belongs in `train.method.lora`"),
    ("      clip_norm: 1.0", "      seed: 4", "seed", "`seed` belongs at the top of the pipeline"),
    ("seed: 17", "frobnicate: 17", "frobnicate", nil),
    ("seed: 17", "Seed: 17", "Seed", "did you mean `seed`?"),
    ("    max_length: 512", "    max-length: 512", "max-length", "did you mean `max_length`?"),
  ])
  func anUnknownKeyIsAnErrorWithAdvice(line: String, other: String, key: String, help: String?) {
    let found = findings(changed(line, other))
    #expect(found.map(\.code) == [.unknownKey])
    #expect(found.first?.message.hasPrefix("unknown key `\(key)` in ") == true)
    if let help {
      #expect(found.first?.help == help)
    } else {
      #expect(found.first?.help?.contains("`x-`") == true)
    }
  }

  @Test(arguments: [
    ("optimizer: {lion: {learning_rate: 1e-3}}", "method: {full: {}}", "lion", "`adamw`"),
    ("optimizer: {adamw: {learning_rate: 1e-3}}", "lora: {r: 8, alpha: 8}", "lora", "train.method"),
    ("optimizer: {adamw: {learning_rate: 1e-3}}", "method: {dora: {}}", "dora", "`lora`"),
  ])
  func whatAnUnknownKeyStandsForIsNotMissedToo(
    optimizer: String, method: String, key: String, help: String
  ) {
    let found = findings(
      """
      hone: 1
      name: demo
      model: {load: m}
      data: {rows: {load: rows.jsonl}}
      stages:
        - train:
            data: rows
            \(method)
            epochs: 1
            \(optimizer)
      """)
    #expect(found.map(\.code) == [.unknownKey])
    #expect(found.first?.message.contains("`\(key)`") == true)
    #expect(found.first?.help?.contains(help) == true)
  }

  @Test func anUnknownKeyDoesNotHideWhatElseIsMissing() {
    let found = findings(
      """
      hone: 1
      name: demo
      model: {load: m}
      data: {rows: {load: rows.jsonl}}
      stages:
        - train:
            data: rows
            method: {full: {}}
            frobnicate: 1
            optimizer: {adamw: {learning_rate: 1e-3}}
      """)
    #expect(Set(found.map(\.code)) == [.unknownKey, .missingKey])
  }

  @Test func aKeyOfTheStageThatStandsBesideItsKindIsSentIntoIt() {
    let found = findings(Self.small + "\n    name: x")
    #expect(found.map(\.message) == ["unknown key `name` in `stages[0]`"])
    #expect(found.map(\.help) == ["`name` belongs in `generate`"])
  }

  @Test func keysOfOnesOwnAreTakenAtEveryLevel() {
    #expect(findings(Self.small + "\nx-note: {any: [thing]}").isEmpty)
    #expect(findings(changed("      clip_norm: 1.0", "      x-clip: 1.0")).isEmpty)
  }

  @Test func aSlipDoesNotMakeTheKeyMissingToo() {
    let found = findings(
      changed("optimizer:", "      optimizer: {adam: {learing_rate: 1e-3}}"))
    #expect(found.map(\.code) == [.unknownKey])
    #expect(found.map(\.path) == ["stages[0].train.optimizer.adam.learing_rate"])
    #expect(found.first?.span?.start == SourcePosition(line: 29, column: 26, offset: 700))
  }

  @Test func aMissingKeyIsMarkedAtTheKeyOfItsSection() {
    let found = findings(changed("optimizer:", "      optimizer: {adam: {amsgrad: true}}"))
    #expect(found.map(\.message) == ["missing key `learning_rate` in `adam`"])
    #expect(found.map(\.help) == ["add `learning_rate: 1e-4`"])
    #expect(found.first?.span?.start.column == 19)
    #expect(found.first?.span?.end.column == 23)
  }

  @Test func everyMissingKeyOfThePipelineIsSaid() {
    #expect(
      findings("seed: 1").map(\.message) == [
        "missing key `hone` in the pipeline", "missing key `name` in the pipeline",
        "missing key `model` in the pipeline", "missing key `stages` in the pipeline",
      ])
  }

  @Test(arguments: ["", "# nothing\n", "~", "---\n"])
  func anEmptyPipelineIsOneFinding(text: String) {
    #expect(findings(text).map(\.message) == ["the pipeline is empty"])
  }

  @Test(arguments: [("[a, b]", "a list"), ("text", "`text`"), ("42", "`42`")])
  func aPipelineIsAMapping(text: String, what: String) {
    #expect(findings(text).map(\.message) == ["the pipeline must be a mapping; found \(what)"])
  }

  @Test func anotherVersionIsRefused() {
    #expect(
      findings("hone: 2" + Self.small.dropFirst(7)).map(\.code) == [.unsupportedVersion])
  }

  @Test(arguments: [
    ("model: {load: m, create: {}}", "`create` and `load` exclude each other in `model`"),
    ("model: {dtype: float32}", "`model` needs either `load` or `create`"),
  ])
  func aChoiceIsMadeOnce(model: String, message: String) {
    let text = Self.small.split(separator: "\n").map {
      $0.hasPrefix("model") ? model : String($0)
    }.joined(separator: "\n")
    #expect(findings(text).contains { $0.message == message })
  }

  @Test func excludingKeysShowBothPlaces() throws {
    let found = findings(changed("      epochs: 3", "      max_steps: 3\n      epochs: 3"))
    #expect(found.map(\.code) == [.conflictingKeys])
    let finding = try #require(found.first)
    #expect(finding.message == "`epochs` and `max_steps` exclude each other in `train`")
    #expect(finding.span?.start.line == 28)
    #expect(finding.notes.first?.span?.start.line == 27)
  }

  @Test(arguments: [
    ("{prompt: q}", "missing key `completion` in `columns`"),
    ("{completion: q}", "missing key `prompt` in `columns`"),
    ("{text: q, messages: m}", "`messages` and `text` exclude each other in `columns`"),
    (
      "{}",
      "`columns` needs one of `text`, `prompt` and `completion`, `messages`, "
        + "`source` and `target`, `tokens` and `tags`"
    ),
    ("{source: s}", "missing key `target` in `columns`"),
    ("{messages: m, label: y}", "missing key `text` in `columns`"),
    ("{text: t, text_pair: p}", "missing key `label` in `columns`"),
  ])
  func columnsAreOneKindOfRow(columns: String, message: String) {
    let text = Self.small + "\ndata: {a: {load: a.csv, columns: \(columns)}}"
    #expect(findings(text).map(\.message) == [message])
  }

  @Test func besideAMixOnlyASplitMayStand() {
    let text =
      Self.small
      + "\ndata: {a: {load: a.csv}, b: {mix: [{data: a}], split: {x: 0.5}, max_length: 5}}"
    let found = findings(text)
    #expect(found.map(\.message) == ["`max_length` has no place beside `mix` in `b`"])
    #expect(found.first?.notes.count == 1)
  }

  @Test func outdentedKeysAreOneFinding() {
    let found = findings(
      "hone: 1\nname: a\nmodel: {load: m}\nstages:\n  - generate:\n    prompts: [a]\n    chat: true"
    )
    #expect(found.map(\.message) == ["`prompts` stands beside `generate`, not in it"])
  }

  @Test func aWordWhereASectionBelongsIsShownTheSection() {
    let found = findings(changed("optimizer:", "      optimizer: adamw_torch"))
    #expect(found.map(\.code) == [.wrongType])
    #expect(found.map(\.help) == ["write `optimizer: {adamw: {learning_rate: 1e-4}}`"])
  }

  @Test func stagesWithoutDashesAreShownTheDash() {
    let found = findings(
      "hone: 1\nname: a\nmodel: {load: m}\nstages:\n  generate: {prompts: [a]}")
    #expect(found.map(\.help) == ["put `- ` before each stage, as `- train:`"])
  }

  @Test func everythingWrongIsSaidAtOnceInOrder() {
    let text = """
      hone: 1
      name: a b
      modell: {load: m}
      data:
        rows: {load: [], columns: {prompt: q}, max_length: "8"}
      stages:
        - train:
            data: rowz
            method: {lora: {r: 0, alpha: 16, bias: some}}
            epochs: three
            optimizer: {sgd: {learning_rate: 0.1, nesterov: yes}}
        - export: {adapter: ""}
      """
    #expect(
      findings(text).map { "\($0.span?.start.line ?? 0) \($0.code.rawValue)" } == [
        "2 value-out-of-range", "3 unknown-key", "5 value-out-of-range", "5 missing-key",
        "5 wrong-type", "8 unknown-data", "9 value-out-of-range", "9 unknown-choice",
        "10 wrong-type", "11 ambiguous-value", "12 value-out-of-range",
      ])
  }
}
