import Diagnostics
import JSONSyntax
import Pipelines
import SchemaChecker
import Testing

/// The forms of a report that other programs read.
@Suite struct ReportFormatTests {
  private static let sample = """
    hone: 1
    name: demo # 日本
    model: {load: m}
    data: {rows: {load: r.jsonl, split: {train: 0.9, eval: 0.1}}}
    stages:
      - train:
          data: rows.train
          method: {lora: {r: 8, alpha: 16}}
          max_steps: 10
          epochs: 2
          optimizer: {adamw: {learing_rate: 1e-4}}
          evaluate: {data: rows.eval, every: 100 steps}
    """

  /// A report with notes, fixes, a place of several lines, none, and one in another file.
  private static func report(_ file: String = "dir/my file#1.yaml", lead: String = "")
    -> DiagnosticReport
  {
    let source = SourceText(file: file, bytes: Array((lead + sample).utf8))
    let read = PipelineReader.read(source).diagnostics
    let rest = [
      Diagnostic(
        .warning, .deadTarget, "100% of `a`: b,\r\nc", at: source.span(0, 30),
        notes: [Diagnostic.Note("without a place")]),
      Diagnostic(.error, .missingFile, "`x` does not exist"),
      Diagnostic(.error, .invalidRow, "no object", at: SourceSpan(file: "r.jsonl", line: 7)),
    ]
    return DiagnosticReport(read + rest, sources: [source], pipeline: file)
  }

  private static let renderer = SARIFRenderer(honeVersion: "0.1.0", directory: "/work/here")

  private func firstRun(_ report: DiagnosticReport) -> JSONValue? {
    Self.renderer.json(report)["runs"]?.array?.first
  }

  // MARK: SARIF

  @Test func sarifKeepsTheSchemaOfOASIS() throws {
    let schema = try JSONSchema(
      JSONValue(parsing: text(projectFile("Tests/Fixtures/sarif/sarif-schema-2.1.0.json"))))
    let reports = [
      Self.report(), Self.report("/elsewhere/a.yaml"), Self.report("-"), DiagnosticReport([]),
      Self.report().limited(to: 1), Self.report().withWarningsAsErrors,
    ]
    for report in reports {
      #expect(schema.problems(in: Self.renderer.json(report)) == [])
    }
    #expect(!schema.accepts(["version": "2.1.0"]))
  }

  @Test func everyRuleOfSarifHasItsHelp() throws {
    let all = DiagnosticReport(DiagnosticCode.allCases.map { Diagnostic(.error, $0, "m") })
    let rules = try #require(firstRun(all)?["tool"]?["driver"]?["rules"]?.array)
    #expect(rules.map { $0["id"]?.string } == DiagnosticCode.allCases.map(\.rawValue))
    for (rule, code) in zip(rules, DiagnosticCode.allCases) {
      #expect(rule["help"]?["markdown"]?.string == DiagnosticCode.page(for: code))
      #expect(rule["help"]?["text"]?.string?.hasPrefix(code.explanation.text) == true)
      #expect(rule["shortDescription"]?["text"]?.string == code.explanation.title)
      #expect(["error", "warning"].contains(rule["defaultConfiguration"]?["level"]?.string))
    }
    #expect(rules.first { $0["id"] == "unknown-key" }?["name"] == "UnknownKey")
  }

  @Test func aResultOfSarifHasItsWholeRegionItsRuleAndItsFix() throws {
    let run = try #require(firstRun(Self.report()))
    let rules = try #require(run["tool"]?["driver"]?["rules"]?.array)
    let results = try #require(run["results"]?.array)
    for result in results {
      let index = try #require(result["ruleIndex"]?.integer)
      #expect(rules[index]["id"] == result["ruleId"])
      let location = result["locations"]?.array?.first?["physicalLocation"]
      #expect(location?["region"]?["startLine"]?.integer ?? 0 >= 1)
      #expect(location?["artifactLocation"]?["uri"]?.string?.isEmpty == false)
    }
    let slip = try #require(results.first { $0["ruleId"] == "unknown-key" })
    let location = slip["locations"]?.array?.first?["physicalLocation"]
    #expect(location?["artifactLocation"]?["uri"] == "dir/my%20file%231.yaml")
    #expect(
      location?["region"]?.text()
        == #"{"startLine":11,"startColumn":27,"endLine":11,"endColumn":39,"#
        + #""snippet":{"text":"learing_rate"}}"#)
    #expect(
      slip["message"]?["text"]?.string
        == "unknown key `learing_rate` in `adamw`\nhelp: did you mean `learning_rate`?")
    let change = slip["fixes"]?.array?.first?["artifactChanges"]?.array?.first
    #expect(
      change?["replacements"]?.array?.first?.text()
        == #"{"deletedRegion":{"startLine":11,"startColumn":27,"endLine":11,"endColumn":39},"#
        + #""insertedContent":{"text":"learning_rate"}}"#)
    let conflict = try #require(results.first { $0["ruleId"] == "conflicting-keys" })
    let related = try #require(conflict["relatedLocations"]?.array?.first)
    #expect(related["message"]?["text"]?.string == "`max_steps` stands here")
    #expect(related["physicalLocation"]?["region"]?["startLine"] == 9)
    #expect(run["columnKind"] == "unicodeCodePoints")
  }

  @Test func fingerprintsStayWhenLinesMoveAndNoTwoAreAlike() throws {
    func fingerprints(_ report: DiagnosticReport) throws -> [String] {
      try #require(firstRun(report)?["results"]?.array).compactMap {
        $0["partialFingerprints"]?["honeFinding/v1"]?.string
      }
    }
    let first = try fingerprints(Self.report())
    #expect(first.count == Self.report().entries.count)
    #expect(Set(first).count == first.count)
    let moved = try fingerprints(Self.report(lead: "# a line more\n"))
    #expect(zip(first, moved).count { $0 == $1 } >= first.count - 1)
    let twice = DiagnosticReport(
      Array(repeating: Diagnostic(.error, .missingFile, "x"), count: 3), pipeline: "a")
    #expect(Set(try fingerprints(twice)).count == 3)
  }

  // MARK: GitHub

  @Test func annotationsComeErrorsFirstAndEscaped() {
    let lines = GitHubRenderer.text(Self.report("a,b: 1%.yaml"), directory: nil)
      .split(separator: "\n")
    let kinds = lines.map { String($0.dropFirst(2).prefix { $0 != " " }) }
    #expect(kinds == kinds.sorted())
    #expect(kinds.contains("error") && kinds.contains("warning"))
    #expect(
      lines.contains(
        "::error file=a%2Cb%3A 1%25.yaml,line=11,endLine=11,col=27,endColumn=39,title=unknown-key::"
          + "unknown key `learing_rate` in `adamw`%0Ahelp: did you mean `learning_rate`?"))
    #expect(
      lines.contains(
        "::warning file=a%2Cb%3A 1%25.yaml,line=1,endLine=3,title=dead-target::"
          + "100%25 of `a`: b,%0D%0Ac%0Anote: without a place"))
    #expect(
      lines.contains("::error file=a%2Cb%3A 1%25.yaml,title=missing-file::`x` does not exist"))
  }

  // MARK: GitLab

  @Test func codeQualityHasWhatGitLabRequires() throws {
    let report = Self.report("/work/here/p/a.yaml")
    let json = GitLabRenderer.json(report, directory: "/work/here")
    let entries = try #require(json.array)
    #expect(entries.count == report.entries.count)
    for entry in entries {
      #expect(entry["description"]?.string?.isEmpty == false)
      #expect(entry["check_name"]?.string.flatMap(DiagnosticCode.init(rawValue:)) != nil)
      #expect(["major", "minor"].contains(entry["severity"]?.string))
      #expect(entry["location"]?["lines"]?["begin"]?.integer ?? 0 >= 1)
    }
    let paths = entries.compactMap { $0["location"]?["path"]?.string }
    #expect(Set(paths) == ["p/a.yaml", "r.jsonl"])
    #expect(Set(entries.compactMap { $0["fingerprint"]?.string }).count == entries.count)
  }

  // MARK: JSON, and what is common

  @Test func jsonHasTheFixAndThePipeline() throws {
    let json = JSONRenderer.json(Self.report())
    let slip = try #require(
      json["diagnostics"]?.array?.first { $0["code"] == "unknown-key" })
    #expect(slip["pipeline"] == "dir/my file#1.yaml")
    #expect(
      slip["fix"]?.text()
        == #"{"title":"replace `learing_rate` by `learning_rate`","edits":[{"file":"#
        + #""dir/my file#1.yaml","start":{"line":11,"column":27},"end":{"line":11,"column":39},"#
        + #""replacement":"learning_rate"}]}"#)
  }

  @Test func aFixThatDoesNotFitTheTextIsNotOffered() {
    let source = SourceText(file: "a", bytes: Array("seed: ${n}".utf8))
    let fix = Diagnostic.Fix("x", [Diagnostic.Edit(source.span(6, 10), "1", insteadOf: "1_0")])
    let diagnostic = Diagnostic(.error, .wrongType, "m", at: source.span(6, 10), fix: fix)
    #expect(DiagnosticReport([diagnostic], sources: [source]).fixableCount == 0)
    #expect(DiagnosticReport([diagnostic]).entries.first?.fix == nil)
  }

  @Test func ofManyFindingsTheErrorsAreKeptAndTheRestIsCounted() {
    let report = Self.report()
    let limited = report.limited(to: 2)
    #expect(limited.entries.map(\.severity) == [.error, .error])
    #expect(limited.omittedCount == report.entries.count - 2)
    #expect(limited.summary == report.summary)
    #expect(
      TextRenderer.text(limited).hasSuffix("\n\nand \(report.entries.count - 2) more\n"))
    #expect(
      GitHubRenderer.text(limited, directory: nil)
        .hasSuffix("::notice::and \(report.entries.count - 2) more\n"))
    #expect(JSONRenderer.json(limited)["omitted"]?.integer == report.entries.count - 2)
    #expect(report.limited(to: 100) == report)
    #expect(report.limited(to: 0).entries.isEmpty)
  }

  @Test func aFindingInASharedFileStandsOnce() {
    let base = SourceText(file: "base.yaml", bytes: Array("sede: 1".utf8))
    let shared = Diagnostic(.error, .unknownKey, "m", at: base.span(0, 4))
    let own = Diagnostic(.error, .missingFile, "n")
    let reports = ["a", "b"].map {
      DiagnosticReport([shared, own], sources: [base], pipeline: $0)
    }
    let merged = DiagnosticReport(merging: reports)
    #expect(merged.entries.map(\.pipeline) == ["a", "a", "b"])
  }
}
