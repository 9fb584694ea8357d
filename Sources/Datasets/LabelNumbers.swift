/// The numbers of labels.
struct LabelNumbers: Hashable, Sendable {
  /// In the order of their numbers.
  let names: [String]
  private let numbers: [String: Int]

  init(_ names: [String]) {
    self.names = names
    numbers = Dictionary(
      zip(names, names.indices), uniquingKeysWith: { first, _ in first })
  }

  /// The number of a label, which may be written as its name or, where no label is called so, as
  /// its number.
  ///
  /// - Throws: `unknownLabel`.
  func number(of label: String, at place: RowPlace) throws(DatasetError) -> Int {
    if let number = numbers[label] { return number }
    if let number = Int(label), names.indices.contains(number), String(number) == label {
      return number
    }
    throw .unknownLabel(label, known: names, at: place)
  }
}

extension RowTokenizer {
  /// Gives `row` its only label.
  func label(
    _ row: inout EncodedRow, from source: SourceRow, _ columns: [String], _ labels: LabelNumbers
  ) throws(DatasetError) {
    guard let column = columns.first else { return }
    let text = try source.text(column)
    guard !text.isEmpty else { throw .invalidRow(.noLabel(column: column), at: source.place) }
    row.label = Int32(clamping: try labels.number(of: text, at: source.place))
  }

  /// Gives `row` its labels: 1 for each that applies, 0 for all others.
  ///
  /// One column holds a list of names, or a text with `;` between them; several columns are each
  /// a label's, and hold whether it applies.
  func labels(
    _ row: inout EncodedRow, from source: SourceRow, _ columns: [String], _ labels: LabelNumbers
  ) throws(DatasetError) {
    row.values = Array(repeating: 0, count: labels.names.count)
    row.weights = Array(repeating: 1, count: labels.names.count)
    if columns.count == 1, let column = columns.first {
      for name in try LabelCells.names(of: source, column: column) {
        row.values[try labels.number(of: name, at: source.place)] = 1
      }
      return
    }
    for column in columns {
      let number = try labels.number(of: column, at: source.place)
      row.values[number] = try Self.flag(of: source, column: column) ? 1 : 0
    }
  }

  private static func flag(
    of row: SourceRow, column: String
  ) throws(DatasetError) -> Bool {
    let text = try row.text(column)
    switch text.lowercased() {
    case "1", "1.0", "true": return true
    case "0", "0.0", "false", "": return false
    default: throw .invalidRow(.notAFlag(column: column, found: text), at: row.place)
    }
  }

  /// Gives `row` its numbers; one that is missing counts for nothing.
  func numbers(
    _ row: inout EncodedRow, from source: SourceRow, _ columns: [String]
  ) throws(DatasetError) {
    for column in columns {
      let value = try source.value(column)
      let text = value.isNull ? "" : try source.text(column)
      let number = try CellNumber.value(text, column: column, at: source.place)
      let changed = try number.map { (value) throws(DatasetError) -> Float in
        try CellNumber.changed(value, targetTransform, text, column: column, at: source.place)
      }
      row.values.append(changed ?? 0)
      row.weights.append(changed == nil ? 0 : 1)
    }
  }
}

extension Substring {
  /// Without spaces and tabs at both ends.
  func trimmingBlanks() -> Substring {
    var rest = self.drop { $0 == " " || $0 == "\t" }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return rest
  }
}
