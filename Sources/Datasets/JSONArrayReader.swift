/// Cuts a JSON array into its elements without holding more than one of them.
struct JSONArrayReader {
  private enum State { case start, first, later, done }

  private let bytes: ByteReader
  private var state = State.start

  init(_ bytes: ByteReader) { self.bytes = bytes }

  /// The next element as a row; nil after the last, or where the file is empty.
  mutating func next() throws(DatasetError) -> SourceRow? {
    if state == .start {
      guard let opening = try skipSpace() else { return nil }
      guard opening == UInt8(ascii: "[") else { throw .invalidRow(.notAnArray, at: bytes.place) }
      _ = try bytes.next()
      state = .first
    }
    if state == .done { return nil }
    if state == .first, try skipSpace() == UInt8(ascii: "]") {
      try close()
      return nil
    }
    _ = try skipSpace()
    let place = bytes.place
    let element = try nextElement(from: place)
    let row = try RowReader.row(parsing: element, at: place, isOneLine: false)
    if try bytes.peek() == UInt8(ascii: "]") {
      try close()
    } else {
      _ = try bytes.next()
      state = .later
    }
    return row
  }

  /// The bytes up to the `,` or `]` that ends an element, which stays unread.
  private func nextElement(from place: RowPlace) throws(DatasetError) -> [UInt8] {
    var element: [UInt8] = []
    var depth = 0
    var isText = false
    var isEscaped = false
    while let byte = try bytes.peek() {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isText = true
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ",") where depth == 0: return element
        case UInt8(ascii: "]") where depth == 0: return element
        case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
        default: break
        }
      }
      element.append(byte)
      try bytes.check(element.count, at: place)
      _ = try bytes.next()
    }
    throw .invalidRow(.unterminatedArray, at: place)
  }

  private mutating func close() throws(DatasetError) {
    _ = try bytes.next()
    state = .done
    if try skipSpace() != nil { throw .invalidRow(.textAfterArray, at: bytes.place) }
  }

  /// Passes over white space and tells the byte after it.
  private func skipSpace() throws(DatasetError) -> UInt8? {
    while let byte = try bytes.peek() {
      guard [0x20, 0x09, 0x0A, 0x0D].contains(byte) else { return byte }
      _ = try bytes.next()
    }
    return nil
  }
}
