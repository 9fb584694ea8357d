package import JSONSyntax

/// Writes findings as SARIF 2.1.0, which GitHub's code scanning and editors read.
///
/// Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", and GitHub's
/// "SARIF support for code scanning".
package struct SARIFRenderer {
  /// The schema that the output keeps.
  package static let schema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
  /// What stands for the working directory, in the name that GitHub knows.
  private static let root = "%SRCROOT%"

  private let version: String
  private let directory: String?

  /// Names the Hone that found it, and the working directory, from which paths are said.
  package init(honeVersion: String, directory: String?) {
    version = honeVersion
    self.directory = directory
  }

  /// One run with the rules that were broken and a result for each finding.
  package func json(_ report: DiagnosticReport) -> JSONValue {
    let found = Set(report.entries.map(\.code))
    let codes = DiagnosticCode.allCases.filter(found.contains)
    let indices = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
    let results = zip(report.entries, report.fingerprints(in: directory)).map {
      result($0, fingerprint: $1, ruleIndex: indices[$0.code] ?? 0)
    }
    let driver: JSONValue = [
      "name": "Hone", "version": .string(version), "semanticVersion": .string(version),
      "rules": .array(codes.map(rule)),
    ]
    var run = JSONObject()
    run["tool"] = ["driver": driver]
    run["columnKind"] = "unicodeCodePoints"
    let root: JSONValue = ["description": ["text": "the directory that Hone ran in"]]
    run["originalUriBaseIds"] = .object(JSONObject([(Self.root, root)]))
    run["results"] = .array(results)
    if report.omittedCount > 0 {
      run["properties"] = ["omittedResults": .integer(Int64(report.omittedCount))]
    }
    return [
      "$schema": .string(Self.schema), "version": "2.1.0", "runs": [.object(run)],
    ]
  }

  // MARK: Rules

  private func rule(_ code: DiagnosticCode) -> JSONValue {
    let explanation = code.explanation
    let level: JSONValue =
      switch explanation.warning {
      case .never: "error"
      case .whenReading, .whenPlanning: "warning"
      }
    let text = ([explanation.text] + examples(explanation)).joined(separator: "\n\n")
    return [
      "id": .string(code.rawValue),
      "name": .string(Self.name(of: code)),
      "shortDescription": ["text": .string(explanation.title)],
      "fullDescription": ["text": .string(explanation.text)],
      "help": ["text": .string(text), "markdown": .string(DiagnosticCode.page(for: code))],
      "defaultConfiguration": ["level": level],
      "properties": [
        "tags": ["pipeline", "correctness"], "precision": "very-high",
        "problem.severity": level,
      ],
    ]
  }

  private func examples(_ explanation: DiagnosticExplanation) -> [String] {
    explanation.example.map { ["Refused:", $0.bad, "Accepted:", $0.good] } ?? []
  }

  /// `unknown-key` as `UnknownKey`.
  private static func name(of code: DiagnosticCode) -> String {
    code.rawValue.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  // MARK: Results

  private func result(
    _ entry: DiagnosticReport.Entry, fingerprint: String, ruleIndex: Int
  ) -> JSONValue {
    var result = JSONObject()
    result["ruleId"] = .string(entry.code.rawValue)
    result["ruleIndex"] = .integer(Int64(ruleIndex))
    result["level"] = .string(entry.severity.rawValue)
    result["message"] = ["text": .string(message(entry))]
    if let file = entry.file {
      result["locations"] = [
        ["physicalLocation": physicalLocation(file, entry.placeInFile)]
      ]
    }
    let places = entry.notes.filter { $0.place?.span.isOnCommandLine == false }
    if !places.isEmpty {
      result["relatedLocations"] = .array(
        places.enumerated().map { index, note in
          [
            "id": .integer(Int64(index + 1)),
            "physicalLocation": physicalLocation(note.place?.span.file ?? "", note.place),
            "message": ["text": .string(note.message)],
          ]
        })
    }
    result["partialFingerprints"] = ["honeFinding/v1": .string(fingerprint)]
    result["fixes"] = entry.fix.map { [fix($0)] }
    result["properties"] = entry.path.map { ["path": .string($0)] }
    return .object(result)
  }

  /// The message, the way out and the notes that have no place of their own.
  private func message(_ entry: DiagnosticReport.Entry) -> String {
    var lines = [entry.message]
    if let help = entry.help { lines.append("help: \(help)") }
    for note in entry.notes where note.place?.span.isOnCommandLine != false {
      lines.append("note: \(note.message)")
    }
    return lines.joined(separator: "\n")
  }

  private func physicalLocation(
    _ file: String, _ place: DiagnosticReport.Place?
  ) -> JSONValue {
    guard let place else {
      return ["artifactLocation": artifact(file), "region": ["startLine": 1]]
    }
    var location = JSONObject()
    location["artifactLocation"] = artifact(file)
    var region = Self.region(place.span)
    region["snippet"] = place.excerpt.map { ["text": .string($0)] }
    location["region"] = .object(region)
    if let line = place.line, place.span.end.line == place.span.start.line {
      location["contextRegion"] = [
        "startLine": .integer(Int64(place.span.start.line)), "snippet": ["text": .string(line)],
      ]
    }
    return .object(location)
  }

  private static func region(_ span: SourceSpan) -> JSONObject {
    JSONObject([
      ("startLine", .integer(Int64(max(1, span.start.line)))),
      ("startColumn", .integer(Int64(max(1, span.start.column)))),
      ("endLine", .integer(Int64(max(1, span.end.line)))),
      ("endColumn", .integer(Int64(max(1, span.end.column)))),
    ])
  }

  private func artifact(_ file: String) -> JSONValue {
    let path = ReportedPath(file == "-" ? "stdin" : file, in: directory)
    var location = JSONObject()
    location["uri"] = .string(path.uri)
    if !path.isAbsolute { location["uriBaseId"] = .string(Self.root) }
    return .object(location)
  }

  private func fix(_ fix: Diagnostic.Fix) -> JSONValue {
    var files: [String] = []
    for edit in fix.edits where !files.contains(edit.span.file) { files.append(edit.span.file) }
    return [
      "description": ["text": .string(fix.title)],
      "artifactChanges": .array(
        files.map { file in
          [
            "artifactLocation": artifact(file),
            "replacements": .array(
              fix.edits.filter { $0.span.file == file }.map { edit in
                [
                  "deletedRegion": .object(Self.region(edit.span)),
                  "insertedContent": ["text": .string(edit.replacement)],
                ]
              }),
          ]
        }),
    ]
  }
}
