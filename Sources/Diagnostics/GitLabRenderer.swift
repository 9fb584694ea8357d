package import JSONSyntax

/// Writes findings as GitLab's code quality report.
///
/// Source: GitLab's "Code Quality report format".
package enum GitLabRenderer {
  /// A list of `{description, check_name, fingerprint, severity, location}`.
  package static func json(_ report: DiagnosticReport, directory: String?) -> JSONValue {
    let fingerprints = report.fingerprints(in: directory)
    return .array(
      zip(report.entries, fingerprints).map { entry, fingerprint in
        let span = entry.placeInFile?.span
        let severity: JSONValue =
          switch entry.severity {
          case .error: "major"
          case .warning: "minor"
          }
        let lines: JSONValue = [
          "begin": .integer(Int64(span?.start.line ?? 1)),
          "end": .integer(Int64(span?.end.line ?? 1)),
        ]
        return [
          "description": .string(entry.wholeMessage),
          "check_name": .string(entry.code.rawValue),
          "fingerprint": .string(fingerprint),
          "severity": severity,
          "location": [
            "path": .string(ReportedPath(entry.file ?? ".", in: directory).path),
            "lines": lines,
          ],
        ]
      })
  }
}
