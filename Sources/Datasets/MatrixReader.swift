/// Reads a matrix from csv or tsv: the first line names the columns, the first cell of each other
/// line the row.
struct MatrixReader {
  /// One row.
  struct Row {
    let name: String
    /// The cells in the order of the file, as they are written.
    let cells: [String]
    let place: RowPlace
  }

  let path: String
  /// The columns' names.
  let columns: [String]
  private let records: DelimitedReader

  /// Opens the file and reads the names of its columns.
  ///
  /// - Throws: `missingFile`, `unreadableFile`, `invalidRow` where two columns have one name or
  ///   there is none beside the rows' names.
  init(
    path: String, format: DataFormat, maximumRowBytes: Int = RowReader.maximumRowBytes
  ) throws(DatasetError) {
    let bytes = try ByteReader(path: path, maximumRowBytes: maximumRowBytes)
    records = try DelimitedReader(bytes, delimiter: format.delimiter)
    guard records.header.count > 1 else { throw .invalidRow(.noColumns, at: records.headerPlace) }
    columns = Array(records.header.dropFirst())
    self.path = path
  }

  /// The next row; nil after the last.
  ///
  /// - Throws: `invalidRow`.
  func next() throws(DatasetError) -> Row? {
    guard let record = try records.nextRecord() else { return nil }
    let name = String(record.fields[0][...].trimmingBlanks())
    guard !name.isEmpty else { throw .invalidRow(.noSampleName, at: record.place) }
    return Row(name: name, cells: Array(record.fields.dropFirst()), place: record.place)
  }

  /// Where the cell of a column stands: the column of the first character of its text, as far as
  /// no cell before it is quoted.
  static func place(of column: Int, in row: Row) -> RowPlace {
    let before = row.cells.prefix(column).reduce(row.name.unicodeScalars.count + 1) {
      $0 + $1.unicodeScalars.count + 1
    }
    return RowPlace(file: row.place.file, line: row.place.line, column: before + 1)
  }

  /// For each of `names` the number of the file's column of that name.
  ///
  /// - Throws: `unlikeColumns` where the file has other columns.
  func order(of names: [String]) throws(DatasetError) -> [Int] {
    let numbers = Dictionary(
      zip(columns, columns.indices), uniquingKeysWith: { first, _ in first })
    let known = Set(names)
    let missing = names.filter { numbers[$0] == nil }
    let unknown = columns.filter { !known.contains($0) }
    guard missing.isEmpty, unknown.isEmpty else {
      throw .unlikeColumns(file: path, missing: missing, unknown: unknown)
    }
    return names.compactMap { numbers[$0] }
  }
}

extension SeriesNames {
  /// The names of the columns of the two matrices that a section names.
  ///
  /// - Throws: what is wrong with the files or their first lines.
  package init(of specification: RowSpecification) throws(DatasetError) {
    let file = try specification.matrixFile()
    inputs = try MatrixReader(path: file.path, format: file.format).columns
    outputs = try MatrixReader(path: file.targetPath, format: file.targetFormat).columns
  }
}
