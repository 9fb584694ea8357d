/// Columns of text, padded: the first to the right of nothing, the others as asked.
package struct TextTable {
  private var rows: [[String]] = []
  private let isRightAligned: [Bool]

  /// A table whose columns are aligned as said: true is to the right.
  package init(rightAligned: [Bool]) { isRightAligned = rightAligned }

  /// Adds a row; it may be shorter than the table.
  package mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The rows with two spaces between columns, nothing after the last letter.
  package var lines: [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.compactMap { column < $0.count ? $0[column].count : nil }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        if column > 0 { line += "  " }
        let isRight = column < isRightAligned.count && isRightAligned[column]
        line +=
          isRight ? Quantities.right(cell, widths[column]) : Quantities.left(cell, widths[column])
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
