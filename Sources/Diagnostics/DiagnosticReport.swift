/// Findings with the lines they point at: the one value that every renderer writes.
package struct DiagnosticReport: Hashable, Sendable {
  /// A place and the line that stands there.
  package struct Place: Hashable, Sendable {
    package let span: SourceSpan
    /// The text of the first line; nil where the file was not at hand.
    package let line: String?
    /// The text from start to end; nil where the file was not at hand, or it is long.
    package let excerpt: String?
  }

  /// A second place that explains the first.
  package struct Note: Hashable, Sendable {
    package let message: String
    package let place: Place?
  }

  /// One finding.
  package struct Entry: Hashable, Sendable {
    package let severity: Diagnostic.Severity
    package let code: DiagnosticCode
    package let message: String
    package let place: Place?
    package let path: String?
    package let help: String?
    package let notes: [Note]
    /// What `--fix` would do; every edit of it can be made to the texts as they are.
    package let fix: Diagnostic.Fix?
    /// The pipeline in which it was found, which may be another file than that of the place.
    package let pipeline: String?
  }

  package private(set) var entries: [Entry]
  /// How many more findings there are of each severity.
  private var omitted: [Diagnostic.Severity: Int] = [:]

  /// Takes the lines of `diagnostics` from `sources`; the order stays as given.
  package init(_ diagnostics: [Diagnostic], sources: [SourceText] = [], pipeline: String? = nil) {
    let known =
      diagnostics.isEmpty
      ? [:] : Dictionary(sources.map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
    func place(_ span: SourceSpan?) -> Place? {
      span.map { span in
        let source = known[span.file]
        return Place(
          span: span, line: source?.line(span.start.line), excerpt: source?.excerpt(span))
      }
    }
    func fix(_ fix: Diagnostic.Fix?) -> Diagnostic.Fix? {
      guard let fix, !fix.edits.isEmpty else { return nil }
      let canBeMade = fix.edits.allSatisfy { edit in
        known[edit.span.file].map { edit.stands(in: $0) } ?? false
      }
      return canBeMade ? fix : nil
    }
    entries = diagnostics.map { diagnostic in
      Entry(
        severity: diagnostic.severity, code: diagnostic.code, message: diagnostic.message,
        place: place(diagnostic.span), path: diagnostic.path, help: diagnostic.help,
        notes: diagnostic.notes.map { Note(message: $0.message, place: place($0.span)) },
        fix: fix(diagnostic.fix), pipeline: pipeline)
    }
  }

  /// The findings of several pipelines, one after the other; what stands in several stands once.
  package init(merging reports: [DiagnosticReport]) {
    entries = []
    var seen: Set<Entry> = []
    for report in reports {
      for entry in report.entries where seen.insert(entry.inAnyPipeline).inserted {
        entries.append(entry)
      }
      omitted.merge(report.omitted, uniquingKeysWith: +)
    }
  }

  // MARK: Counts

  /// How many findings have this severity, those that are left out included.
  package func count(_ severity: Diagnostic.Severity) -> Int {
    entries.count { $0.severity == severity } + omitted[severity, default: 0]
  }

  /// How many findings are left out.
  package var omittedCount: Int { omitted.values.reduce(0, +) }

  /// How many of the findings here `--fix` can put right.
  package var fixableCount: Int { entries.count { $0.fix != nil } }

  /// As `2 errors, 1 warning`; nil where nothing was found.
  package var summary: String? {
    let parts = Diagnostic.Severity.allCases.compactMap { severity -> String? in
      let count = count(severity)
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  // MARK: Changes

  /// The same findings with every warning an error.
  package var withWarningsAsErrors: DiagnosticReport {
    var report = self
    report.entries = entries.map { $0.severity == .error ? $0 : $0.asError }
    report.omitted = omittedCount == 0 ? [:] : [.error: omittedCount]
    return report
  }

  /// The first `count` findings in the order of the report, errors before warnings are dropped.
  package func limited(to count: Int) -> DiagnosticReport {
    guard entries.count > count else { return self }
    let errors = entries.indices.filter { entries[$0].severity == .error }
    let warnings = entries.indices.filter { entries[$0].severity == .warning }
    let kept = (errors + warnings).prefix(max(0, count)).sorted()
    var report = self
    report.entries = kept.map { entries[$0] }
    for severity in Diagnostic.Severity.allCases {
      let rest = self.count(severity) - report.entries.count { $0.severity == severity }
      report.omitted[severity] = rest == 0 ? nil : rest
    }
    return report
  }
}

extension DiagnosticReport.Entry {
  fileprivate var asError: Self {
    Self(
      severity: .error, code: code, message: message, place: place, path: path, help: help,
      notes: notes, fix: fix, pipeline: pipeline)
  }

  /// The finding without the pipeline, where it has a place of its own to be known by.
  fileprivate var inAnyPipeline: Self {
    Self(
      severity: severity, code: code, message: message, place: place, path: path, help: help,
      notes: notes, fix: fix, pipeline: place == nil ? pipeline : nil)
  }
}

extension SourceText {
  /// The text of `span`; nil where it is empty, long or not in this text.
  fileprivate func excerpt(_ span: SourceSpan) -> String? {
    let (start, end) = (span.start.offset, span.end.offset)
    guard start >= 0, start < end, end <= bytes.count, end - start <= 2000 else { return nil }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}
