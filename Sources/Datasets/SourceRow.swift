package import JSONSyntax

/// A row as a data file has it: its columns and its place.
package struct SourceRow: Hashable, Sendable {
  package let place: RowPlace
  /// Text formats have strings only; JSON formats any value.
  package let columns: JSONObject

  package init(place: RowPlace, columns: JSONObject) {
    self.place = place
    self.columns = columns
  }

  /// The value of `column` as text; numbers and truth values are written as JSON writes them.
  ///
  /// - Throws: `unknownColumn` where the row lacks the column, `invalidRow` where its value is null
  ///   or nested.
  func text(_ column: String) throws(DatasetError) -> String {
    switch try value(column) {
    case .string(let text): return text
    case .null: throw .invalidRow(.nullValue(column: column), at: place)
    case .array, .object:
      throw .invalidRow(.notText(column: column), at: place)
    case let scalar: return scalar.text()
    }
  }

  /// The value of `column`.
  ///
  /// - Throws: `unknownColumn` where the row lacks the column.
  func value(_ column: String) throws(DatasetError) -> JSONValue {
    if let value = columns[column] { return value }
    throw .unknownColumn(column, available: columns.members.map(\.key), at: place)
  }
}
