import Diagnostics
import JSONSyntax
import Testing

@Suite struct RendererTests {
  private static let source = SourceText(
    file: "pipelines/sft.yaml",
    bytes: Array((String(repeating: "\n", count: 13) + "    learing_rate: 1e-4\n").utf8))

  private static let unknownKey = Diagnostic(
    .error, .unknownKey, "unknown key `learing_rate` in `adam`", at: source.span(17, 29),
    path: "stages[0].train.optimizer.adam.learing_rate", help: "did you mean `learning_rate`?")

  @Test func aFindingIsShownWithItsLineItsPathAndTheWayOut() {
    let report = DiagnosticReport([Self.unknownKey], sources: [Self.source])
    #expect(
      TextRenderer.text(report) == """
        pipelines/sft.yaml:14:5: error: unknown key `learing_rate` in `adam` [unknown-key]
           |
        14 |     learing_rate: 1e-4
           |     ^~~~~~~~~~~~
           = path: stages[0].train.optimizer.adam.learing_rate
           = help: did you mean `learning_rate`?

        """)
  }

  @Test func aNoteWithAPlaceIsShownWithItsLine() {
    let source = SourceText(file: "a.yaml", bytes: Array("seed: 1\nseed: 2\n".utf8))
    let diagnostic = Diagnostic(
      .warning, .duplicateKey, "twice", at: source.span(8, 12),
      notes: [.init("first here", at: source.span(0, 4)), .init("by\ndefault")])
    #expect(
      TextRenderer.text(DiagnosticReport([diagnostic], sources: [source])) == """
        a.yaml:2:1: warning: twice [duplicate-key]
          |
        2 | seed: 2
          | ^~~~
        a.yaml:1:1: note: first here
          |
        1 | seed: 1
          | ^~~~
          = note: by
                  default

        """)
  }

  @Test func aFindingWithoutAPlaceOrALineIsStillSaid() {
    let report = DiagnosticReport([
      Diagnostic(.error, .missingFile, "`a` does not exist", help: "check the path"),
      Diagnostic(
        .error, .invalidRow, "no object", at: SourceSpan(file: "rows.jsonl", line: 7)),
    ])
    #expect(
      TextRenderer.text(report) == """
        error: `a` does not exist [missing-file]
          = help: check the path

        rows.jsonl:7:1: error: no object [invalid-row]

        """)
    #expect(report.summary == "2 errors")
  }

  @Test func theMarkStandsUnderWideCharactersAndTabs() {
    let line = "\t日本e\u{301}x: bad"
    let source = SourceText(file: "a", bytes: Array(line.utf8))
    let start = Array(line.utf8).count - 3
    let text = TextRenderer.text(
      DiagnosticReport(
        [Diagnostic(.error, .wrongType, "m", at: source.span(start, start + 3))],
        sources: [source]))
    #expect(text.hasSuffix("1 | \(line)\n  | \t        ^~~\n"))
    #expect(text.hasPrefix("a:1:9: error"))
  }

  @Test func ofALongLineAWindowIsShown() {
    let line = String(repeating: "a", count: 300) + "XYZ" + String(repeating: "b", count: 300)
    let source = SourceText(file: "a", bytes: Array(line.utf8))
    let lines = TextRenderer.text(
      DiagnosticReport(
        [Diagnostic(.error, .wrongType, "m", at: source.span(300, 303))], sources: [source])
    ).split(separator: "\n").map(Array.init)
    #expect(lines[2].count < 110)
    #expect(lines[2].first == "1" && lines[2].last == "…")
    let marks = lines[3].indices.filter { lines[3][$0] == "^" || lines[3][$0] == "~" }
    #expect(String(marks.map { lines[2][$0] }) == "XYZ")
  }

  @Test func controlCharactersNeverReachTheTerminal() {
    let line = "name: \u{1B}[31mred\u{202E}"
    let source = SourceText(file: "a", bytes: Array(line.utf8))
    let text = TextRenderer.text(
      DiagnosticReport(
        [Diagnostic(.error, .wrongType, "found `\u{1B}]0;x\u{7}`", at: source.span(0, 4))],
        sources: [source]))
    #expect(!text.unicodeScalars.contains("\u{1B}"))
    #expect(!text.unicodeScalars.contains("\u{202E}"))
    #expect(text.contains("\u{FFFD}[31mred"))
  }

  @Test func coloursAreAddedOnlyWhenAskedFor() {
    let report = DiagnosticReport([Self.unknownKey], sources: [Self.source])
    let colored = TextRenderer.text(report, isColored: true)
    #expect(colored.contains("\u{1B}[1;31merror: \u{1B}[0m"))
    var plain = ""
    var isEscape = false
    for character in colored {
      if character == "\u{1B}" { isEscape = true }
      if !isEscape { plain.append(character) }
      if isEscape, character == "m" { isEscape = false }
    }
    #expect(plain == TextRenderer.text(report))
  }

  @Test func programsReadTheSameValueAsJSON() throws {
    let report = DiagnosticReport([Self.unknownKey], sources: [Self.source])
    #expect(
      JSONRenderer.json(report).text(.spaced)
        == #"{"version": 1, "diagnostics": [{"severity": "error", "code": "unknown-key", "#
        + #""message": "unknown key `learing_rate` in `adam`", "place": {"file": "#
        + #""pipelines/sft.yaml", "start": {"line": 14, "column": 5}, "end": {"line": 14, "#
        + #""column": 17}, "line": "    learing_rate: 1e-4"}, "path": "#
        + #""stages[0].train.optimizer.adam.learing_rate", "help": "#
        + #""did you mean `learning_rate`?"}], "omitted": 0}"#)
  }

  @Test func findingsAreSortedByPlaceAndStandOnce() {
    func at(_ file: String, _ line: Int, _ message: String) -> Diagnostic {
      Diagnostic(.error, .invalidRow, message, at: SourceSpan(file: file, line: line))
    }
    var bag = DiagnosticBag()
    bag.report(Diagnostic(.warning, .noRows, "without a place"))
    #expect(!bag.hasErrors)
    for diagnostic in [at("b", 2, "x"), at("a", 1, "y"), at("b", 1, "z"), at("b", 2, "x")] {
      bag.report(diagnostic)
    }
    #expect(bag.hasErrors)
    #expect(bag.sorted.map(\.message) == ["z", "x", "y", "without a place"])
  }
}
