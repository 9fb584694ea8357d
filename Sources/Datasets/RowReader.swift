import JSONSyntax

/// Reads the rows of one file, one at a time; memory is bounded by the largest row.
package struct RowReader: ~Copyable {
  /// The most bytes that a row may have unless said otherwise.
  package static let maximumRowBytes = 64 << 20

  private enum Source {
    case lines(ByteReader)
    case array(JSONArrayReader)
    case delimited(DelimitedReader)
    case blocks(ByteReader)
    case records(FASTAReader)
    case pair(PairReader)
  }

  private var source: Source

  /// Opens the file; of csv and tsv it reads the header.
  ///
  /// - Throws: `missingFile`, `unreadableFile`, `unpairedFiles`, or `invalidRow` at the header.
  package init(
    _ file: DataFile, maximumRowBytes: Int = RowReader.maximumRowBytes
  ) throws(DatasetError) {
    if file.target != nil {
      source = .pair(try PairReader(file, maximumRowBytes: maximumRowBytes))
      return
    }
    let bytes = try ByteReader(path: file.path, maximumRowBytes: maximumRowBytes)
    switch file.format {
    case .jsonl: source = .lines(bytes)
    case .json: source = .array(JSONArrayReader(bytes))
    case .csv: source = .delimited(try DelimitedReader(bytes, delimiter: UInt8(ascii: ",")))
    case .tsv: source = .delimited(try DelimitedReader(bytes, delimiter: UInt8(ascii: "\t")))
    case .text: source = .blocks(bytes)
    case .fasta: source = .records(FASTAReader(bytes))
    }
  }

  /// The next row; nil after the last.
  ///
  /// - Throws: `invalidRow` with the row's line, `unreadableFile`, `unpairedFiles`.
  package mutating func next() throws(DatasetError) -> SourceRow? {
    switch source {
    case .lines(let bytes): return try Self.nextObject(bytes)
    case .blocks(let bytes): return try Self.nextBlock(bytes)
    case .array(var reader):
      defer { source = .array(reader) }
      return try reader.next()
    case .delimited(let reader): return try reader.next()
    case .records(let reader):
      return try reader.next().map { SourceRow(place: $0.place, columns: $0.columns) }
    case .pair(let reader): return try reader.next()
    }
  }

  private static func nextObject(_ reader: ByteReader) throws(DatasetError) -> SourceRow? {
    while true {
      let place = reader.place
      guard let line = try reader.nextLine() else { return nil }
      if line.isBlank { continue }
      return try row(parsing: line, at: place, isOneLine: true)
    }
  }

  /// The row that an object of JSON is.
  static func row(
    parsing bytes: [UInt8], at place: RowPlace, isOneLine: Bool
  ) throws(DatasetError) -> SourceRow {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw .invalidRow(.invalidUTF8, at: place)
    }
    let parsed: Result<JSONValue, JSONError> = bytes.withUnsafeBytes { raw in
      Result { () throws(JSONError) -> JSONValue in try JSONValue(parsing: raw) }
    }
    switch parsed {
    case .success(.object(let columns)): return SourceRow(place: place, columns: columns)
    case .success: throw .invalidRow(.notAnObject, at: place)
    case .failure(let error):
      // In an array the first line of a row has other rows before it.
      let column = isOneLine || error.line > 1 ? error.column : 1
      let found = RowPlace(file: place.file, line: place.line + error.line - 1, column: column)
      throw .invalidRow(.invalidJSON(reason: error.reason), at: found)
    }
  }

  private static func nextBlock(_ reader: ByteReader) throws(DatasetError) -> SourceRow? {
    var place = reader.place
    var block: [UInt8] = []
    while true {
      let start = reader.place
      let line = try reader.nextLine()
      if let line, !line.isBlank {
        if block.isEmpty { place = start } else { block.append(UInt8(ascii: "\n")) }
        try reader.check(block.count + line.count, at: place)
        block.append(contentsOf: line)
        continue
      }
      if !block.isEmpty {
        let text = try reader.text(block, at: place)
        return SourceRow(place: place, columns: JSONObject([("text", .string(text))]))
      }
      if line == nil { return nil }
    }
  }
}

extension [UInt8] {
  /// Whether there is nothing but spaces and tabs.
  var isBlank: Bool {
    allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
  }
}
