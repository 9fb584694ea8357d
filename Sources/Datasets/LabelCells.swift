import JSONSyntax

/// Labels as the cells of a row hold them.
enum LabelCells {
  /// Separates labels where a row's are one text.
  static let separator: Character = ";"

  /// The labels that one column holds.
  static func names(
    of row: SourceRow, column: String
  ) throws(DatasetError) -> [String] {
    switch try row.value(column) {
    case .null: return []
    case .string(let text):
      return text.split(separator: separator).map { String($0.trimmingBlanks()) }
        .filter { !$0.isEmpty }
    case .array(let elements):
      var names: [String] = []
      for element in elements {
        switch element {
        case .string(let text): names.append(text)
        case .integer, .number, .bool: names.append(element.text())
        case .null, .array, .object:
          throw .invalidRow(.notLabels(column: column), at: row.place)
        }
      }
      return names
    case .integer, .number, .bool: return [try row.text(column)]
    case .object: throw .invalidRow(.notLabels(column: column), at: row.place)
    }
  }

  /// The texts or numbers of a list.
  static func texts(of row: SourceRow, column: String) throws(DatasetError) -> [String] {
    guard let elements = try row.value(column).array else {
      throw .invalidRow(.notWords(column: column), at: row.place)
    }
    var texts: [String] = []
    for element in elements {
      switch element {
      case .string(let text): texts.append(text)
      case .integer, .number, .bool: texts.append(element.text())
      case .null, .array, .object: throw .invalidRow(.notWords(column: column), at: row.place)
      }
    }
    return texts
  }
}
