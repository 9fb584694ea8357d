import Diagnostics
import Testing
import YAMLSyntax

@Suite struct SyntaxTests {
  private func parse(_ text: String) -> (root: SyntaxNode?, diagnostics: [Diagnostic]) {
    SyntaxParser.parse(SourceText(file: "t.yaml", bytes: Array(text.utf8)))
  }

  /// What the span of a node covers in the text.
  private func covered(_ span: SourceSpan, _ text: String) -> String {
    String(decoding: Array(text.utf8)[span.start.offset..<span.end.offset], as: UTF8.self)
  }

  private func place(_ diagnostic: Diagnostic) -> String {
    guard let start = diagnostic.span?.start else { return "-" }
    return "\(start.line):\(start.column)"
  }

  @Test func everyNodeAndKeyCoversItsOwnText() throws {
    let text = """
      a: plain text   # comment
      bé日: "quoted" # more
      list:
        - 1
        - {x: [y, z] , w: 'v'}

      last: |
        block

      """
    let root = try #require(parse(text).root)
    let entries = try #require(root.entries)
    #expect(entries.map { covered($0.keySpan, text) } == ["a", "bé日", "list", "last"])
    #expect(
      entries.map { covered($0.value.span, text) } == [
        "plain text", "\"quoted\"", "- 1\n  - {x: [y, z] , w: 'v'}", "|\n  block",
      ])
    #expect(entries[1].value.span.start.column == 6)
    let list = try #require(entries[2].value.elements)
    #expect(list.map { covered($0.span, text) } == ["1", "{x: [y, z] , w: 'v'}"])
    #expect(root.span.start.offset == 0)
  }

  @Test func columnsCountUnicodeScalars() throws {
    let text = "é日\u{1F600}e\u{301}: {k: v}"
    let entry = try #require(parse(text).root?.entries?.first)
    #expect(entry.keySpan.end.column == 6)
    #expect(entry.value.entries?.first?.keySpan.start.column == 9)
  }

  @Test func aByteOrderMarkAndCarriageReturnsDoNotMovePlaces() throws {
    let text = "\u{FEFF}a: 1\r\nb: x\r\n"
    let (root, diagnostics) = SyntaxParser.parse(
      SourceText(file: "t", bytes: Array(text.utf8)))
    #expect(diagnostics.isEmpty)
    let entries = try #require(root?.entries)
    #expect(entries.map(\.key) == ["a", "b"])
    #expect(entries[0].keySpan.start == SourcePosition(line: 1, column: 1, offset: 3))
    #expect(entries[1].value.span.start == SourcePosition(line: 2, column: 4, offset: 12))
    #expect(entries[1].value.scalar?.text == "x")
  }

  @Test func placesStayRightBehindLongTextsOfManyBytes() throws {
    let text = (0..<400).map { "k\($0): 日本é\($0)\n" }.joined()
    let entries = try #require(parse(text).root?.entries)
    for (index, entry) in entries.enumerated() {
      #expect(entry.keySpan.start.line == index + 1)
      #expect(covered(entry.value.span, text) == "日本é\(index)")
    }
  }

  @Test func aliasesAreWrittenOut() throws {
    let entries = try #require(parse("a: &x {k: 1}\nb: *x\n").root?.entries)
    #expect(entries[0].value == entries[1].value)
  }

  @Test(arguments: [
    ("a: [1, 2\nb: 3", "2:2", "a `,` or `]` is missing before this"),
    ("a: {b: 1", "1:9", "the text ends inside a mapping"),
    ("a: [1,\n", "2:1", "the text ends inside brackets"),
    ("a: b: c", "1:5", "a second `: ` in one value"),
    ("a: \"open", "1:9", "the text ends inside quotes"),
    ("a:\n\tb: 1", "2:1", "a tab cannot indent"),
    ("a: @x", "1:4", "a value cannot start with `@`"),
    ("a: 1\n b: 2", "2:3", "a second `: ` in one value"),
    ("a:\n  - 1\n - 2", "3:2", "this does not line up with what stands before it"),
    ("a: \"\\q\"", "1:5", "an unknown escape in double quotes"),
    ("a: 1\nb\n", "3:1", "the text ends before the `:` of a key"),
    ("a: \u{1}", "1:4", "a control character stands here"),
    ("a: *x", "1:4", "`*x` names nothing: there is no `&x` before it"),
  ])
  func whatIsNoYAMLIsSaidWithItsPlace(text: String, place: String, message: String) {
    let (root, diagnostics) = parse(text)
    #expect(root == nil)
    #expect(diagnostics.map(\.code) == [.invalidYAML])
    #expect(diagnostics.map(\.message) == [message])
    #expect(diagnostics.map(self.place) == [place])
    #expect(diagnostics.allSatisfy { $0.help != nil })
  }

  @Test func anOpenBracketIsShown() throws {
    let note = try #require(parse("a: 1\nb: [1, 2\n").diagnostics.first?.notes.first)
    #expect(note.message == "the list starts here")
    #expect(note.span?.start == SourcePosition(line: 2, column: 4, offset: 8))
  }

  @Test func bytesThatAreNoUTF8AreRefusedAtTheirPlace() {
    let bytes = Array("a: 1\nb: x".utf8) + [0xFF, 0x0A]
    let (root, diagnostics) = SyntaxParser.parse(SourceText(file: "t", bytes: bytes))
    #expect(root == nil)
    #expect(diagnostics.map(\.message) == ["the file is not UTF-8 here"])
    #expect(diagnostics.map(place) == ["2:5"])
    let wide: [UInt8] = [0xFF, 0xFE, 0x61, 0x00]
    #expect(
      SyntaxParser.parse(SourceText(file: "t", bytes: wide)).diagnostics.map(\.message)
        == ["the file is UTF-16"])
  }

  @Test func aDuplicateKeyIsAnErrorAtTheSecondWithANoteAtTheFirst() throws {
    let (root, diagnostics) = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    #expect(root?.entries?.map(\.key) == ["a", "b"])
    #expect(diagnostics.map(\.code) == [.duplicateKey, .duplicateKey])
    #expect(diagnostics.map(place) == ["2:11", "3:1"])
    #expect(diagnostics[1].notes.first?.span?.start.line == 1)
  }

  @Test(arguments: [
    ("a: 1\n<<: {b: 2}\n", "the merge key `<<` is not read", "2:1"),
    ("a: !!int 1\n", "the tag `!!int` is not read", "1:4"),
    ("a: !mine {b: 1}\n", "the tag `!mine` is not read", "1:4"),
    ("a: {{b}}\n", "a key must be a text; found a mapping", "1:5"),
    ("? [a]\n: 1\n", "a key must be a text; found a list", "1:3"),
    ("a: &x b\n*x : 1\n", "an alias cannot be a key", "2:1"),
    ("a: 1\n---\nb: 2\n", "a second document starts here", "2:1"),
    ("a: &x [*x]\n", "`*x` stands inside what `&x` names", "1:8"),
  ])
  func whatPipelinesDoNotUseIsRefused(text: String, message: String, place: String) {
    let diagnostics = parse(text).diagnostics
    #expect(diagnostics.map(\.code) == [.unsupportedYAML])
    #expect(diagnostics.map(\.message) == [message])
    #expect(diagnostics.map(self.place) == [place])
    #expect(diagnostics.allSatisfy { $0.help != nil })
  }

  @Test func aQuotedMergeKeyIsAKeyLikeAnother() {
    #expect(parse("'<<': 1").root?.entries?.map(\.key) == ["<<"])
  }

  @Test func severalFindingsOfOneTextAreMadeTogether() {
    let diagnostics = parse("a: !!int 1\na: 2\n<<: 3\n").diagnostics
    #expect(diagnostics.map(\.code) == [.unsupportedYAML, .duplicateKey, .unsupportedYAML])
  }

  @Test func limitsEndTheReading() {
    func code(_ text: String) -> [DiagnosticCode] { parse(text).diagnostics.map(\.code) }
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(code(nested(64)) == [])
    #expect(code(nested(65)) == [.limitExceeded])
    #expect(code(String(repeating: "[", count: 100_000)) == [.limitExceeded])
    #expect(code("[" + String(repeating: "1,", count: 9_999) + "]") == [])
    #expect(code("[" + String(repeating: "1,", count: 10_000) + "]") == [.limitExceeded])
    #expect(code("#" + String(repeating: "a", count: 1 << 20)) == [.limitExceeded])
    let aliases = "a: &x 1\nb: [" + String(repeating: "*x,", count: 100) + "]"
    #expect(code(aliases) == [])
    #expect(code(aliases + "\nc: *x") == [.limitExceeded])
    // Each line repeats the one before ten times: ten lines would be 10¹⁰ values.
    let bomb =
      "a0: &a0 1\n"
      + (1...10).map { level in
        let alias = "*a\(level - 1),"
        return "a\(level): &a\(level) [\(String(repeating: alias, count: 9))]\n"
      }.joined()
    #expect(code(bomb) == [.limitExceeded])
  }

  @Test func anEmptyTextHasNoRoot() {
    for text in ["", "\n\n", "# only a comment\n", "\u{FEFF}"] {
      let (root, diagnostics) = parse(text)
      #expect(root == nil && diagnostics.isEmpty)
    }
  }
}
