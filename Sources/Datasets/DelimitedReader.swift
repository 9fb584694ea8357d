import JSONSyntax

/// Reads csv and tsv as RFC 4180 has them, the first record being the header.
///
/// Blank lines are skipped. A quote inside a field that does not start with one stands for itself.
struct DelimitedReader {
  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private let bytes: ByteReader
  private let delimiter: UInt8
  let header: [String]
  /// Where the header stands.
  let headerPlace: RowPlace

  /// Reads the header; of an empty file it is empty.
  init(_ bytes: ByteReader, delimiter: UInt8) throws(DatasetError) {
    self.bytes = bytes
    self.delimiter = delimiter
    let record = try Self.record(bytes, delimiter)
    header = record?.fields ?? []
    headerPlace = record?.place ?? bytes.place
    var seen: Set<String> = []
    for name in header where !seen.insert(name).inserted {
      throw .invalidRow(.repeatedColumn(name), at: record?.place ?? bytes.place)
    }
  }

  /// The next record as a row; nil after the last.
  func next() throws(DatasetError) -> SourceRow? {
    guard let record = try nextRecord() else { return nil }
    let members = zip(header, record.fields).map { ($0, JSONValue.string($1)) }
    return SourceRow(place: record.place, columns: JSONObject(members))
  }

  /// The next record as it stands; nil after the last.
  ///
  /// - Throws: `invalidRow` where it has another number of fields than the header.
  func nextRecord() throws(DatasetError) -> (fields: [String], place: RowPlace)? {
    guard let record = try Self.record(bytes, delimiter) else { return nil }
    guard record.fields.count == header.count else {
      throw .invalidRow(
        .fieldCount(found: record.fields.count, expected: header.count), at: record.place)
    }
    return record
  }

  private static func record(
    _ bytes: ByteReader, _ delimiter: UInt8
  ) throws(DatasetError) -> (fields: [String], place: RowPlace)? {
    while let byte = try bytes.peek(), byte == lineFeed || byte == carriageReturn {
      try endLine(bytes)
    }
    guard try bytes.peek() != nil else { return nil }
    let place = bytes.place
    var fields: [String] = []
    var size = 0
    while true {
      let field =
        try bytes.peek() == quote
        ? quotedField(bytes, &size, place) : plainField(bytes, delimiter, &size, place)
      fields.append(try bytes.text(field, at: place))
      guard let byte = try bytes.peek() else { return (fields, place) }
      if byte == delimiter {
        _ = try bytes.next()
        size += MemoryLayout<String>.size  // an empty field is not free
        try bytes.check(size, at: place)
      } else if byte == lineFeed || byte == carriageReturn {
        try endLine(bytes)
        return (fields, place)
      } else {
        throw .invalidRow(.textAfterQuote, at: bytes.place)
      }
    }
  }

  private static func plainField(
    _ bytes: ByteReader, _ delimiter: UInt8, _ size: inout Int, _ place: RowPlace
  ) throws(DatasetError) -> [UInt8] {
    var field: [UInt8] = []
    try bytes.take(into: &field, size: &size, from: place) { byte in
      byte == delimiter || byte == lineFeed || byte == carriageReturn
    }
    return field
  }

  private static func quotedField(
    _ bytes: ByteReader, _ size: inout Int, _ place: RowPlace
  ) throws(DatasetError) -> [UInt8] {
    let opening = bytes.place
    _ = try bytes.next()
    var field: [UInt8] = []
    while true {
      try bytes.take(into: &field, size: &size, from: place) { $0 == quote }
      guard try bytes.next() != nil else { break }
      guard try bytes.peek() == quote else { return field }
      _ = try bytes.next()
      field.append(quote)
      size += 1
    }
    throw .invalidRow(.unterminatedQuote, at: opening)
  }

  /// Passes over LF, CRLF, or a CR that ends the file.
  private static func endLine(_ bytes: ByteReader) throws(DatasetError) {
    let place = bytes.place
    if try bytes.next() == carriageReturn, let following = try bytes.peek() {
      guard following == lineFeed else { throw .invalidRow(.bareCarriageReturn, at: place) }
      _ = try bytes.next()
    }
  }
}
