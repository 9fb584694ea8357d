import Datasets
import JSONSyntax
import Planning

/// A data file: its format, its columns and its first rows.
enum DataInspection {
  private static let shownRows = 3
  private static let shownScalars = 160

  /// Reads the whole file, so that a row that cannot be read is found.
  static func lines(_ file: DataFile) throws -> [String] {
    var reader = try RowReader(file)
    var rows = 0
    var columns: [(name: String, count: Int)] = []
    var places: [String: Int] = [:]
    var first: [String] = []
    while let row = try reader.next() {
      rows += 1
      for (name, _) in row.columns.members {
        if let place = places[name] {
          columns[place].count += 1
        } else {
          places[name] = columns.count
          columns.append((name, 1))
        }
      }
      if rows <= shownRows { first += text(row) }
    }
    var lines = [
      "\(file.format.rawValue), \(Quantities.grouped(rows)) \(rows == 1 ? "row" : "rows")",
      "columns",
    ]
    let width = columns.map(\.name.count).max() ?? 0
    for column in columns {
      let share =
        column.count == rows ? "in every row" : "in \(Quantities.grouped(column.count)) rows"
      lines.append("  \(Quantities.left(column.name, width))  \(share)")
    }
    return lines + first
  }

  /// A row over several lines, each of its values as JSON and cut where it is long.
  private static func text(_ row: SourceRow) -> [String] {
    ["line \(row.place.line)"]
      + row.columns.members.map { name, value in
        let text = value.text(.spaced)
        let cut = String(text.unicodeScalars.prefix(shownScalars))
        return "  \(name): \(cut)\(cut.utf8.count < text.utf8.count ? "…" : "")"
      }
  }
}
