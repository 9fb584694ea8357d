/// How rows are written in a data file.
package enum DataFormat: String, CaseIterable, Sendable {
  /// One JSON object a line; blank lines are skipped.
  case jsonl
  /// One array of JSON objects.
  case json
  /// RFC 4180 with a header line; blank lines are skipped.
  case csv
  /// As `csv`, with tabs in the place of commas.
  case tsv
  /// Prose: a row is a block of lines up to the next blank line, inner line ends kept, in the
  /// one column `text`.
  case text
  /// Records of a line `>name description` and lines of a sequence, in the columns `id`,
  /// `description` and `sequence`.
  case fasta

  /// The format that a file name's suffix stands for.
  package init?(suffixOf path: String) {
    switch path.pathSuffix.lowercased() {
    case "jsonl", "ndjson": self = .jsonl
    case "json": self = .json
    case "csv": self = .csv
    case "tsv", "tab": self = .tsv
    case "txt", "text": self = .text
    case "fasta", "fa", "fna", "faa", "ffn": self = .fasta
    default: return nil
    }
  }
}

extension DataFormat {
  /// Whether the first line names columns.
  package var isTable: Bool {
    switch self {
    case .csv, .tsv: true
    case .jsonl, .json, .text, .fasta: false
    }
  }

  /// What stands between the cells of a line.
  var delimiter: UInt8 { UInt8(ascii: self == .tsv ? "\t" : ",") }
}

extension String {
  /// What follows the last dot of the last path component; empty where there is none.
  var pathSuffix: String {
    let name = split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return String(name[name.index(after: dot)...])
  }
}
