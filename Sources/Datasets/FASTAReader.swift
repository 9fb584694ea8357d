import JSONSyntax

/// Reads records of FASTA: a line `>name description`, then lines of a sequence.
///
/// Blank lines are skipped, and lines that start with `;`, once comments. Spaces at the ends of a
/// sequence's lines do not count.
final class FASTAReader {
  /// One record.
  struct Record {
    let name: String
    let description: String
    let sequence: String
    let place: RowPlace

    var columns: JSONObject {
      JSONObject([
        ("id", .string(name)), ("description", .string(description)),
        ("sequence", .string(sequence)),
      ])
    }
  }

  private let bytes: ByteReader
  /// The line that starts the next record, and where it stands.
  private var header: (line: [UInt8], place: RowPlace)?
  private var hasBegun = false

  init(_ bytes: ByteReader) { self.bytes = bytes }

  /// The next record; nil after the last.
  ///
  /// - Throws: `invalidRow` where text stands before the first record, or a record is too large.
  func next() throws(DatasetError) -> Record? {
    if !hasBegun {
      hasBegun = true
      try findFirst()
    }
    guard let (line, place) = header else { return nil }
    header = nil
    var sequence: [UInt8] = []
    var start = bytes.place
    while let line = try bytes.nextLine() {
      if line.first == UInt8(ascii: ">") {
        header = (line, start)
        break
      }
      if line.first != UInt8(ascii: ";") {
        let first = line.firstIndex { !Self.isSpace($0) } ?? line.endIndex
        let last = line.lastIndex { !Self.isSpace($0) } ?? line.startIndex
        if first <= last, first < line.endIndex { sequence += line[first...last] }
        try bytes.check(sequence.count, at: place)
      }
      start = bytes.place
    }
    let words = try bytes.text(Array(line.dropFirst()), at: place)
    let trimmed = words[...].trimmingBlanks()
    let name = trimmed.prefix { $0 != " " && $0 != "\t" }
    return Record(
      name: String(name), description: String(trimmed.dropFirst(name.count).trimmingBlanks()),
      sequence: try bytes.text(sequence, at: place), place: place)
  }

  private func findFirst() throws(DatasetError) {
    while true {
      let place = bytes.place
      guard let line = try bytes.nextLine() else { return }
      if line.isBlank || line.first == UInt8(ascii: ";") { continue }
      guard line.first == UInt8(ascii: ">") else { throw .invalidRow(.textBeforeRecord, at: place) }
      header = (line, place)
      return
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D
  }
}
