import Diagnostics
import Pipelines
import Testing

/// `# hone: allow CODE`.
@Suite struct AllowanceTests {
  /// A pipeline with one warning, `cadence-exceeds-run` at the evaluation that never happens.
  private func pipeline(_ comment: String, after: String = "") -> String {
    """
    hone: 1
    name: demo
    model: {load: m}
    data: {rows: {load: r.jsonl, split: {train: 0.9, eval: 0.1}}}
    stages:
      - train:
          data: rows.train
          method: {lora: {r: 8, alpha: 16}}
          max_steps: 10
          optimizer: {adamw: {learning_rate: 1e-4}}
          \(comment)
          evaluate: {data: rows.eval, every: 100 steps}\(after)
    """
  }

  /// What is said of `text`, as if all that can be found had been.
  private func findings(_ text: String, isPlanned: Bool = true) -> [Diagnostic] {
    let source = SourceText(file: "test.yaml", bytes: Array(text.utf8))
    return PipelineReader.read(source).diagnostics.allowing(in: [source], isPlanned: isPlanned)
  }

  private func messages(_ text: String) -> [String] { findings(text).map(\.message) }

  @Test func theWarningIsThereWithoutAComment() {
    let found = findings(pipeline("# nothing"))
    #expect(found.map(\.code) == [.cadenceExceedsRun])
    #expect(found.map(\.severity) == [.warning])
  }

  @Test(arguments: [
    "# hone: allow cadence-exceeds-run", "#hone:allow cadence-exceeds-run",
    "#  hone:  allow  cadence_exceeds_run  ", "# hone: allow dead-target, cadence-exceeds-run",
    "# hone: allow cadence-exceeds-run\n      # more to say\n\n",
  ])
  func aCommentSilencesTheWarningOnTheNextLine(comment: String) {
    #expect(findings(pipeline(comment), isPlanned: false).isEmpty)
  }

  @Test func aCommentAtTheEndSilencesItsOwnLine() {
    #expect(
      messages(pipeline("# here", after: "  # hone: allow cadence-exceeds-run")) == [])
  }

  @Test func anotherLineIsNotSilenced() {
    let text = "# hone: allow cadence-exceeds-run\n" + pipeline("# nothing")
    #expect(
      findings(text).map(\.code) == [.unusedAllow, .cadenceExceedsRun])
    #expect(
      messages(text).first == "there is no `cadence-exceeds-run` to allow on line 2")
  }

  @Test(arguments: [
    (
      "# hone: allow unknown-key", "`unknown-key` is an error, and errors cannot be silenced",
      "put right what it says, and remove this"
    ),
    (
      "# hone: allow cadence-exceeds-rnu", "there is no code `cadence-exceeds-rnu`",
      "did you mean `cadence-exceeds-run`?"
    ),
    (
      "# hone: allow", "`# hone: allow` names no code",
      "write the code in brackets at the end of a warning, as `# hone: allow dead-target`"
    ),
    (
      "# hone: alow cadence-exceeds-run", "`hone: alow` means nothing",
      "did you mean `# hone: allow CODE`?"
    ),
    (
      "# hone: allow everything else", "there is no code `everything else`",
      "`hone explain --list` prints all codes"
    ),
  ])
  func aCommentThatSilencesNothingIsReported(comment: String, message: String, help: String) {
    let found = findings(pipeline(comment))
    #expect(found.map(\.code) == [.unusedAllow, .cadenceExceedsRun])
    #expect(found.first?.severity == .warning)
    #expect(found.first?.message == message)
    #expect(found.first?.help == help)
    #expect(found.first?.span?.start.line == 11)
  }

  @Test func anErrorStaysAndTheCommentIsReported() {
    let text = """
      hone: 1
      name: demo
      model: {load: m}
      # hone: allow value-out-of-range
      seed: -1
      stages: [{generate: {prompts: [a]}}]
      """
    #expect(findings(text).map(\.code) == [.unusedAllow, .valueOutOfRange])
    #expect(messages(text).first?.hasPrefix("`value-out-of-range` is an error") == true)
  }

  @Test func whatOnlyPlanningFindsIsNotCalledUnusedBefore() {
    let text = pipeline("# hone: allow low-coverage")
    let source = SourceText(file: "test.yaml", bytes: Array(text.utf8))
    let found = PipelineReader.read(source).diagnostics
    #expect(
      found.allowing(in: [source], isPlanned: false).map(\.code) == [.cadenceExceedsRun])
    #expect(
      found.allowing(in: [source], isPlanned: true).map(\.code)
        == [.unusedAllow, .cadenceExceedsRun])
  }

  @Test func nothingIsCalledUnusedWhereErrorsMayHideAWarning() {
    let text =
      "# hone: allow cadence-exceeds-run\nseeed: 1\n" + pipeline("# nothing")
    #expect(findings(text).map(\.code) == [.unknownKey, .cadenceExceedsRun])
  }

  @Test(arguments: [
    "x-note: |\n        # hone: allow nonsense\n        more",
    "x-note: >-\n        text\n        # hone: allow nonsense\n",
    "x-note: \"a\n        # hone: allow nonsense\"", "x-note: 'a # hone: allow nonsense'",
    "x-note: a#hone:allow nonsense", "x-# hone: allow nonsense: 1", "# about hone: allow nonsense",
    "# honest: allow nonsense",
  ])
  func whatOnlyLooksLikeACommentIsNone(text: String) {
    #expect(!findings(pipeline(text)).contains { $0.code == .unusedAllow }, "\(text)")
  }

  @Test(arguments: [
    "x-note: |  # hone: allow nonsense\n        text",
    "x-note: |\n        text\n      # hone: allow nonsense",
    "x-note: \"a\"  # hone: allow nonsense",
  ])
  func aCommentBesideATextIsOne(text: String) {
    #expect(findings(pipeline(text)).contains { $0.code == .unusedAllow }, "\(text)")
  }

  @Test(arguments: ["\n", "\r\n"])
  func theFixTakesAwayTheCommentAndItsLine(lineBreak: String) throws {
    func laid(_ text: String) -> [UInt8] {
      Array(
        text.split(separator: "\n", omittingEmptySubsequences: false)
          .joined(separator: lineBreak).utf8)
    }
    for (bad, good) in [
      ("# hone: allow cadence-exceeds-run\nhone: 1", "hone: 1"),
      ("hone: 1\n  # hone: allow cadence-exceeds-run\nx-a: 1", "hone: 1\nx-a: 1"),
      ("hone: 1   # hone: allow cadence-exceeds-run\nx-a: 1", "hone: 1\nx-a: 1"),
    ] {
      let rest = "\nname: a\nmodel: {load: m}\nstages: [{generate: {prompts: [a]}}]\n"
      let source = SourceText(file: "a", bytes: laid(bad + rest))
      let found = PipelineReader.read(source).diagnostics
        .allowing(in: [source], isPlanned: true)
      #expect(found.map(\.code) == [.unusedAllow])
      let (sources, _) = FixApplication.apply(found.compactMap(\.fix), to: [source])
      #expect(sources[0].bytes == laid(good + rest))
    }
  }

  @Test func warningsAreExplainedAsSuchAndOnlyThey() throws {
    var reading: Set<String> = []
    var planning: Set<String> = []
    for (path, text) in sourceFiles() {
      let isReading = ["Pipelines", "Diagnostics", "YAMLSyntax"].contains {
        path.hasPrefix("Sources/\($0)/")
      }
      for match in text.matches(of: #/\.warning,\s*\.([a-zA-Z]+)/#) {
        if isReading { reading.insert(String(match.1)) } else { planning.insert(String(match.1)) }
      }
    }
    for code in DiagnosticCode.allCases {
      let name = "\(code)"
      let expected: DiagnosticExplanation.Warning =
        planning.contains(name) ? .whenPlanning : reading.contains(name) ? .whenReading : .never
      #expect(code.explanation.warning == expected, "\(name)")
    }
  }
}
