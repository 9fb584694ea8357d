package import JSONSyntax

/// Writes findings for programs.
package enum JSONRenderer {
  /// The version of the form below.
  package static let version: Int64 = 1

  /// `{"version": 1, "diagnostics": […], "omitted": 0}`; a key whose value is missing is left out.
  ///
  /// Lines and columns count from 1, columns in Unicode scalars; `end` is the first place after.
  /// docs/ci.md describes the form.
  package static func json(_ report: DiagnosticReport) -> JSONValue {
    [
      "version": .integer(version),
      "diagnostics": .array(report.entries.map(json)),
      "omitted": .integer(Int64(report.omittedCount)),
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
    object["pipeline"] = entry.pipeline.map { .string($0) }
    if !entry.notes.isEmpty {
      object["notes"] = .array(
        entry.notes.map { note in
          var object = JSONObject()
          object["message"] = .string(note.message)
          object["place"] = note.place.map(json)
          return .object(object)
        })
    }
    object["fix"] = entry.fix.map(json)
    return .object(object)
  }

  private static func json(_ fix: Diagnostic.Fix) -> JSONValue {
    [
      "title": .string(fix.title),
      "edits": .array(
        fix.edits.map { edit in
          [
            "file": .string(edit.span.file), "start": json(edit.span.start),
            "end": json(edit.span.end), "replacement": .string(edit.replacement),
          ]
        }),
    ]
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
