/// Writes findings as GitHub's workflow commands, which annotate the lines of a change.
///
/// Source: GitHub's "Workflow commands for GitHub Actions".
package enum GitHubRenderer {
  /// One line a finding, errors first, as GitHub shows only the first ten of each kind.
  package static func text(_ report: DiagnosticReport, directory: String?) -> String {
    var lines: [String] = []
    for severity in Diagnostic.Severity.allCases {
      for entry in report.entries where entry.severity == severity {
        lines.append(command(entry, directory))
      }
    }
    if report.omittedCount > 0 { lines.append("::notice::and \(report.omittedCount) more") }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func command(_ entry: DiagnosticReport.Entry, _ directory: String?) -> String {
    var properties: [(String, String)] = []
    if let file = entry.file, file != "-" {
      properties.append(("file", ReportedPath(file, in: directory).path))
    }
    if let span = entry.placeInFile?.span {
      properties.append(("line", String(span.start.line)))
      properties.append(("endLine", String(span.end.line)))
      if span.start.line == span.end.line {
        properties.append(("col", String(span.start.column)))
        properties.append(("endColumn", String(span.end.column)))
      }
    }
    properties.append(("title", entry.code.rawValue))
    let text = properties.map { "\($0)=\(escaped($1, isProperty: true))" }.joined(separator: ",")
    let message = escaped(entry.wholeMessage, isProperty: false)
    return "::\(entry.severity.rawValue) \(text)::\(message)"
  }

  private static func escaped(_ text: String, isProperty: Bool) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": output += "%25"
      case "\r": output += "%0D"
      case "\n": output += "%0A"
      case ":" where isProperty: output += "%3A"
      case "," where isProperty: output += "%2C"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}

extension DiagnosticReport.Entry {
  /// The message with the way out and with what the notes say, a line each.
  var wholeMessage: String {
    var lines = [message]
    if let help { lines.append("help: \(help)") }
    for note in notes {
      let place = note.place.map { " (line \($0.span.start.line))" } ?? ""
      lines.append("note: \(note.message)\(place)")
    }
    return lines.joined(separator: "\n")
  }
}
