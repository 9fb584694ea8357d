import Diagnostics
import Pipelines
import Testing
import YAMLSyntax

/// Where findings point, from their first character to what follows their last.
@Suite struct SpanTests {
  /// The text that a span covers, taken by its offsets and by its lines and columns.
  private static func covered(_ span: SourceSpan, _ source: SourceText) -> (String, String) {
    let bytes = source.bytes[span.start.offset..<span.end.offset]
    var scalars: [Unicode.Scalar] = []
    for number in span.start.line...span.end.line {
      let line = Array((source.line(number) ?? "").unicodeScalars)
      let first = number == span.start.line ? span.start.column - 1 : 0
      let last = number == span.end.line ? span.end.column - 1 : line.count
      if number > span.start.line { scalars.append("\n") }
      scalars += line[min(first, line.count)..<min(max(first, last), line.count)]
    }
    return (
      String(decoding: bytes, as: UTF8.self), String(String.UnicodeScalarView(scalars))
    )
  }

  private func expect(
    _ text: String, _ code: DiagnosticCode, covers expected: String,
    location: Testing.SourceLocation = #_sourceLocation
  ) {
    let source = SourceText(file: "t.yaml", bytes: Array(text.utf8))
    let found = PipelineReader.read(source).diagnostics
    #expect(found.map(\.code) == [code], "\(rendered(text))", sourceLocation: location)
    for finding in found {
      guard let span = finding.span else {
        Issue.record("no place", sourceLocation: location)
        continue
      }
      let (byOffset, byColumn) = Self.covered(span, source)
      #expect(byOffset == expected, sourceLocation: location)
      let unbroken = byOffset.unicodeScalars.split { $0 == "\r" || $0 == "\n" }
      let lines = byColumn.unicodeScalars.split { $0 == "\n" }
      #expect(
        unbroken.map { String($0) } == lines.map { String($0) }, sourceLocation: location)
    }
  }

  /// A pipeline whose `seed` is written as `value`, after `before`.
  private func seed(_ value: String, before: String = "", newline: String = "\n") -> String {
    before
      + [
        "hone: 1", "name: a", "seed: \(value)", "model: {load: m}",
        "stages: [{generate: {prompts: [x]}}]", "",
      ].joined(separator: newline)
  }

  @Test(arguments: [
    ("many", "many"), ("'8'", "'8'"), ("\"a \\\" b\"", "\"a \\\" b\""), ("[1, 2]", "[1, 2]"),
    ("{a: 1}", "{a: 1}"), ("many   # why", "many"), ("two words  ", "two words"),
    ("&here many", "many"), ("&here [1]", "[1]"), ("\tmany", "many"),
    ("日本", "日本"), ("\u{1F600} x", "\u{1F600} x"), ("e\u{301}", "e\u{301}"),
    ("|\n  one\n  two\n\n", "|\n  one\n  two"), (">-\n  one\n  two\n", ">-\n  one\n  two"),
    ("one\n  two", "one\n  two"), ("[1,\n  2\n  ]", "[1,\n  2\n  ]"),
    ("\n  - 1\n  - 2  # last\n", "- 1\n  - 2"), ("\n  a: 1\n  b: 2\n", "a: 1\n  b: 2"),
    ("&x\n  a: 1\n", "a: 1"),
  ])
  func aValueIsMarkedFromItsFirstCharacterToItsLast(value: String, covered: String) {
    expect(seed(value), .wrongType, covers: covered)
  }

  @Test(arguments: ["# \u{1F600} 日本 é\n", "\u{FEFF}", "\u{FEFF}# 日本\n", "x-a: '日本\u{1F600}'\n"])
  func whatStandsBeforeMovesNothing(before: String) {
    expect(seed("many", before: before), .wrongType, covers: "many")
    expect(seed("日本 [", before: before), .wrongType, covers: "日本 [")
  }

  @Test(arguments: ["\r\n", "\r", "\n"])
  func lineBreaksOfAnyKindEndLines(newline: String) throws {
    expect(seed("many", newline: newline), .wrongType, covers: "many")
    expect(
      seed("|\n  one\n  two".split(separator: "\n").joined(separator: newline), newline: newline),
      .wrongType, covers: ["|", "  one", "  two"].joined(separator: newline))
    let span = try #require(findings(seed("many", newline: newline)).first?.span)
    #expect(span.start.line == 3 && span.start.column == 7)
    #expect(span.end.line == 3 && span.end.column == 11)
  }

  @Test func placesInFlowStyleAreThoseOfTheValue() {
    expect(
      "{hone: 1, name: a, seed: many, model: {load: m}, stages: [{generate: {prompts: [x]}}]}",
      .wrongType, covers: "many")
    expect(
      "{\"hone\": 1, \"name\": \"日本\", \"model\": {\"load\": \"m\"}, "
        + "\"stages\": [{\"generate\": {\"prompts\": [\"x\"]}}]}",
      .valueOutOfRange, covers: "\"日本\"")
  }

  @Test(arguments: [
    ("sed: 1", "sed"), ("\"sed\": 1", "\"sed\""), ("? sed\n: 1", "sed"), ("日本: 1", "日本"),
    ("&k sed: 1", "sed"),
  ])
  func anUnknownKeyIsMarkedAlone(line: String, covered: String) {
    expect(seed("1") + line + "\n", .unknownKey, covers: covered)
  }

  @Test(arguments: [("!!int 8", "!!int"), ("&a !mine 8", "!mine"), ("!<x:y> 8", "!<x:y>")])
  func aTagIsMarkedAlone(value: String, covered: String) {
    expect(seed(value), .unsupportedYAML, covers: covered)
  }

  @Test func anAliasIsMarkedWhereItsValueStands() {
    let text =
      "hone: 1\nname: &n many\nseed: *n\nmodel: {load: m}\nstages: [{generate: {prompts: [x]}}]\n"
    expect(text, .wrongType, covers: "many")
  }

  @Test(arguments: [
    ("model: {}\n", "model"), ("model:\n  task: causal_lm\n", "model"), ("model:\n", "model"),
    ("\"model\": {task: causal_lm}\n", "\"model\""),
  ])
  func aMissingKeyIsMarkedAtItsSection(model: String, covered: String) {
    expect(
      "hone: 1\nname: a\n\(model)stages: [{generate: {prompts: [x]}}]\n", .missingKey,
      covers: covered)
  }

  @Test(arguments: [
    ("data: {rows: {}}", "stages: [{generate: {prompts: [x]}}]", "rows"),
    (
      "data: {rows: {load: r, columns: {prompt: p}}}", "stages: [{generate: {prompts: [x]}}]",
      "columns"
    ),
    ("x-a: 1", "stages: [{generate: {}}]", "generate"),
    ("x-a: 1", "stages:\n  - evaluate:\n      batch_size: 2", "evaluate"),
    ("x-a: 1", "stages:\n  - export:", "export"),
  ])
  func aMissingKeyOfAnInnerSectionIsMarkedThere(data: String, stages: String, covered: String) {
    expect(
      "hone: 1\nname: a\nmodel: {load: m}\n\(data)\n\(stages)\n", .missingKey, covers: covered)
  }

  @Test func aMissingKeyOfThePipelineIsMarkedAtItsFirstCharacter() throws {
    let found = findings(
      "# a comment\n\nname: a\nmodel: {load: m}\nstages: [{export: {merged: o}}]")
    #expect(found.map(\.message) == ["missing key `hone` in the pipeline"])
    let span = try #require(found.first?.span)
    #expect(span.start.line == 3 && span.start.column == 1)
  }

  @Test(arguments: [
    ("model: {load: m, create: {architecture: llama}}", "create", "load"),
    ("model: {load: m}\ndata: {r: {mix: [{data: s}], format: csv}, s: {load: s}}", "format", "mix"),
    ("model: {load: m}\nmodel: {load: n}", "model", "model"),
  ])
  func aConflictShowsBothPlaces(lines: String, second: String, first: String) throws {
    let text = "hone: 1\nname: a\n\(lines)\nstages: [{generate: {prompts: [x]}}]\n"
    let source = SourceText(file: "t.yaml", bytes: Array(text.utf8))
    let found = PipelineReader.read(source).diagnostics.filter {
      $0.code == .conflictingKeys || $0.code == .duplicateKey
    }
    let finding = try #require(found.first)
    #expect(found.count == 1)
    #expect(try Self.covered(#require(finding.span), source).0 == second)
    let note = try #require(finding.notes.first?.span)
    #expect(Self.covered(note, source).0 == first)
    #expect(note != finding.span)
    #expect(rendered(text).contains("note: "))
  }

  @Test(arguments: [24, 25, 26, 60])
  func aKeyThatStandsTwiceIsSeenInAMappingOfAnySize(count: Int) {
    let keys = (0..<count).map { "k\($0): 1\n" }.joined()
    let source = SourceText(file: "t.yaml", bytes: Array((keys + "k0: 2\nlast: 1\nk0: 3\n").utf8))
    let (root, found) = SyntaxParser.parse(source)
    #expect(found.map(\.code) == [.duplicateKey, .duplicateKey])
    #expect(found.map(\.span?.start.line) == [count + 1, count + 3])
    #expect(found.allSatisfy { $0.notes.first?.span?.start.line == 1 })
    #expect(root?.entries?.count == count + 1)
  }

  // MARK: Carets

  /// The columns of a terminal that come before, and those that the mark takes.
  @Test(arguments: [
    ("", "many", 0, 4), ("日本", "many", 4, 4), ("\u{1F600}", "many", 2, 4),
    ("e\u{301}", "many", 1, 4), ("", "日本", 0, 4), ("", "\u{1F600}\u{2705}", 0, 4),
    ("한국", "é", 4, 1), ("ｶﾀｶﾅ", "x", 4, 1), ("Ｆ", "x", 2, 1), ("\u{200B}", "x", 0, 1),
    ("\u{2764}\u{FE0F}", "x", 1, 1), ("\u{1F1E9}\u{1F1EA}", "x", 2, 1), ("\u{202E}", "x", 1, 1),
  ])
  func caretsLineUpUnderWideCharacters(before: String, value: String, lead: Int, width: Int) {
    let source = SourceText(file: "t", bytes: Array("a\(before)\(value)b".utf8))
    let start = 1 + before.utf8.count
    let diagnostic = Diagnostic(
      .error, .wrongType, "x", at: source.span(start, start + value.utf8.count))
    let lines = TextRenderer.text(DiagnosticReport([diagnostic], sources: [source]))
      .split(separator: "\n")
    let mark = String(lines[3].drop { $0 != "|" }.dropFirst(2))
    #expect(
      mark == String(repeating: " ", count: 1 + lead) + "^"
        + String(repeating: "~", count: width - 1))
  }

  @Test func tabsBeforeAMarkStayTabs() {
    let source = SourceText(file: "t", bytes: Array("a:\t\tmany".utf8))
    let diagnostic = Diagnostic(.error, .wrongType, "x", at: source.span(4, 8))
    let text = TextRenderer.text(DiagnosticReport([diagnostic], sources: [source]))
    #expect(text.contains("\n  |   \t\t^~~~\n"))
  }
}
