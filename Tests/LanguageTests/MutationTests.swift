import Diagnostics
import JSONSyntax
import Pipelines
import Testing

/// Whatever is done to a text, reading it ends with a pipeline or with errors that can be shown.
@Suite struct MutationTests {
  /// 20,000 mutations of all fixtures in all, as CI runs the tests; a tenth without optimization.
  private static let shards = 20
  #if DEBUG
    private static let mutationsPerShard = 100
  #else
    private static let mutationsPerShard = 1000
  #endif

  /// What a short text may lead to at most, so that no mutation makes work without end.
  private enum Bound {
    static let findings = 10_000
    static let reportBytes = 16 << 20
  }

  @Test(.timeLimit(.minutes(5)), arguments: 0..<shards)
  func whateverIsDoneToATextReadingEndsWithAPipelineOrWithErrors(shard: Int) throws {
    let fixtures = FixturePipeline.all
    try #require(fixtures.count > 40)
    let texts = fixtures.map(\.bytes)
    var mutations = Mutations(seed: 20_260_517 + UInt64(shard), texts: texts)
    var refused = 0
    for round in 0..<Self.mutationsPerShard {
      // Every fixture has its turn: the shards start where others end.
      let fixture = fixtures[(shard * Self.mutationsPerShard + round) % fixtures.count]
      let source = SourceText(file: fixture.name, bytes: mutations.mutate(fixture.bytes))
      let surroundings = Self.surroundings(texts)
      let reading = PipelineReader.read(source, in: surroundings)
      refused += reading.cases.isEmpty ? 1 : 0
      let flaw =
        Self.flaw(in: reading) ?? Self.rendererFlaw(reading)
        ?? Self.fixFlaw(reading, surroundings)
      if let flaw {
        Issue.record("shard \(shard), round \(round), \(fixture.name): \(flaw)")
      }
    }
    #expect(refused > Self.mutationsPerShard / 3 && refused < Self.mutationsPerShard)
  }

  @Test func aTextIsReadTheSameTwice() {
    let fixtures = FixturePipeline.all
    var mutations = Mutations(seed: 7, texts: fixtures.map(\.bytes))
    for fixture in fixtures {
      let source = SourceText(file: fixture.name, bytes: mutations.mutate(fixture.bytes))
      let surroundings = Self.surroundings(fixtures.map(\.bytes))
      let first = PipelineReader.read(source, in: surroundings)
      let second = PipelineReader.read(source, in: surroundings)
      #expect(first.diagnostics == second.diagnostics)
      #expect(first.cases.map(\.pipeline) == second.cases.map(\.pipeline))
    }
  }

  /// Another fixture for each file that a text extends, and an environment that holds something.
  private static func surroundings(_ texts: [[UInt8]]) -> PipelineSurroundings {
    PipelineSurroundings(
      environment: { $0.isEmpty ? nil : "value of \($0)" },
      readFile: { (path: String) throws(DiagnosticError) -> SourceText in
        guard !path.isEmpty, !texts.isEmpty else {
          throw DiagnosticError(
            Diagnostic(.error, .missingFile, "`\(path)` does not exist", help: "name another file"))
        }
        return SourceText(file: path, bytes: texts[path.utf8.count % texts.count])
      })
  }

  // MARK: What every reading keeps to

  private static func flaw(in reading: PipelineReading) -> String? {
    let hasErrors = reading.diagnostics.contains { $0.severity == .error }
    if reading.cases.isEmpty != hasErrors { return "neither a pipeline nor errors, or both" }
    if reading.diagnostics.count > Bound.findings {
      return "\(reading.diagnostics.count) findings"
    }
    for diagnostic in reading.diagnostics {
      guard let span = diagnostic.span else { return "no place: \(diagnostic.message)" }
      let spans =
        [span] + diagnostic.notes.compactMap(\.span) + (diagnostic.fix?.edits.map(\.span) ?? [])
      if let flaw = spans.lazy.compactMap({ Self.flaw(in: $0, reading.sources) }).first {
        return "\(flaw): \(diagnostic.message)"
      }
      if !isWellPut(diagnostic) { return "not well put: \(diagnostic)" }
    }
    return nil
  }

  /// A span lies in its text, and its lines and columns are those of its offsets.
  private static func flaw(in span: SourceSpan, _ sources: [SourceText]) -> String? {
    guard let source = sources.first(where: { $0.file == span.file }) else {
      return "a span in `\(span.file)`, which was not read"
    }
    if span.start > span.end { return "a span that ends before it starts" }
    if span.end.offset > source.bytes.count { return "a span beyond the text" }
    for position in [span.start, span.end]
    where source.position(atOffset: position.offset) != position {
      return "line \(position.line), column \(position.column) is not at \(position.offset)"
    }
    return nil
  }

  /// Lower case, no full stop, a way out for every error.
  private static func isWellPut(_ diagnostic: Diagnostic) -> Bool {
    guard let first = diagnostic.message.first, let last = diagnostic.message.last else {
      return false
    }
    return !first.isUppercase && last != "." && diagnostic.help?.isEmpty == false
      && diagnostic.help?.hasSuffix(".") == false
  }

  /// Every renderer shows every finding, and lets nothing steer a terminal.
  private static func rendererFlaw(_ reading: PipelineReading) -> String? {
    let report = DiagnosticReport(reading.diagnostics, sources: reading.sources)
    let text = TextRenderer.text(report)
    if text.isEmpty != reading.diagnostics.isEmpty { return "no text" }
    if text.utf8.count > Bound.reportBytes { return "\(text.utf8.count) bytes of text" }
    let steers = text.unicodeScalars.first { scalar in
      scalar != "\n" && scalar != "\t" && scalar.properties.generalCategory == .control
    }
    if let steers { return "the text holds \(steers.value)" }
    _ = TextRenderer.text(report, isColored: true)
    let json = JSONRenderer.json(report)
    let sarif = SARIFRenderer(honeVersion: "1.0.0", directory: "/somewhere").json(report)
    let documents = [
      json, sarif, GitLabRenderer.json(report, directory: "/somewhere"),
    ]
    guard json["diagnostics"]?.array?.count == reading.diagnostics.count,
      sarif["runs"]?.array?.first?["results"]?.array?.count == reading.diagnostics.count
    else { return "a finding is left out" }
    for document in documents {
      guard let parsed = try? JSONValue(parsing: document.text()) else {
        return "JSON that cannot be read"
      }
      if parsed != document { return "JSON that reads back as something else" }
    }
    let annotations = GitHubRenderer.text(report, directory: "/somewhere")
    let lines = annotations.unicodeScalars.split { $0 == "\n" || $0 == "\r" }
    let isWhole = lines.allSatisfy { String($0).hasPrefix("::") }
    return isWhole ? nil : "an annotation that breaks its line"
  }

  /// Edits are made or left out, and what they make is read like any other text.
  private static func fixFlaw(
    _ reading: PipelineReading, _ surroundings: PipelineSurroundings
  ) -> String? {
    let fixes = reading.diagnostics.compactMap(\.fix)
    guard !fixes.isEmpty, let source = reading.sources.first else { return nil }
    let (texts, count) = FixApplication.apply(fixes, to: reading.sources)
    if count > fixes.count { return "\(count) fixes of \(fixes.count)" }
    guard count > 0, let text = texts.first else { return nil }
    if texts.elementsEqual(reading.sources, by: { $0.bytes == $1.bytes }) {
      return "\(count) fixes that change nothing"
    }
    let fixed = PipelineReader.read(
      SourceText(file: source.file, bytes: text.bytes), in: surroundings)
    return flaw(in: fixed).map { "after --fix: \($0)" }
  }
}
