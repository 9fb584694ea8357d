package import JSONSyntax

/// Findings with the lines they point at: the one value that every renderer writes.
package struct DiagnosticReport: Hashable, Sendable {
  /// A place and the line that stands there.
  package struct Place: Hashable, Sendable {
    package let span: SourceSpan
    /// The line's text; nil where the file was not at hand.
    package let line: String?
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
  }

  package let entries: [Entry]

  /// Takes the lines of `diagnostics` from `sources`; the order stays as given.
  package init(_ diagnostics: [Diagnostic], sources: [SourceText] = []) {
    let texts =
      diagnostics.isEmpty
      ? [:] : Dictionary(sources.map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
    func place(_ span: SourceSpan?) -> Place? {
      span.map { span in
        Place(span: span, line: texts[span.file]?.line(span.start.line))
      }
    }
    entries = diagnostics.map { diagnostic in
      Entry(
        severity: diagnostic.severity, code: diagnostic.code, message: diagnostic.message,
        place: place(diagnostic.span), path: diagnostic.path, help: diagnostic.help,
        notes: diagnostic.notes.map { Note(message: $0.message, place: place($0.span)) })
    }
  }

  /// How many findings have this severity.
  package func count(_ severity: Diagnostic.Severity) -> Int {
    entries.count { $0.severity == severity }
  }

  /// As `2 errors, 1 warning`; nil where nothing was found.
  package var summary: String? {
    let parts = Diagnostic.Severity.allCases.compactMap { severity -> String? in
      let count = count(severity)
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// Writes findings for programs.
package enum JSONRenderer {
  /// The version of the form below.
  package static let version: Int64 = 1

  /// `{"version": 1, "diagnostics": […]}`; a key whose value is missing is left out.
  ///
  /// Lines and columns count from 1, columns in Unicode scalars; `end` is the first place after.
  package static func json(_ report: DiagnosticReport) -> JSONValue {
    [
      "version": .integer(version),
      "diagnostics": .array(report.entries.map(json)),
    ]
  }

  private static func json(_ entry: DiagnosticReport.Entry) -> JSONValue {
    var object = JSONObject()
    object["severity"] = .string(entry.severity.rawValue)
    object["code"] = .string(entry.code.rawValue)
    object["message"] = .string(entry.message)
    object["place"] = entry.place.map(json)
    object["path"] = entry.path.map { .string($0) }
    object["help"] = entry.help.map { .string($0) }
    if !entry.notes.isEmpty {
      object["notes"] = .array(
        entry.notes.map { note in
          var object = JSONObject()
          object["message"] = .string(note.message)
          object["place"] = note.place.map(json)
          return .object(object)
        })
    }
    return .object(object)
  }

  private static func json(_ place: DiagnosticReport.Place) -> JSONValue {
    var object = JSONObject()
    object["file"] = .string(place.span.file)
    object["start"] = json(place.span.start)
    object["end"] = json(place.span.end)
    object["line"] = place.line.map { .string($0) }
    return .object(object)
  }

  private static func json(_ position: SourcePosition) -> JSONValue {
    ["line": .integer(Int64(position.line)), "column": .integer(Int64(position.column))]
  }
}
