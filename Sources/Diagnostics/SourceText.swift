/// A text with its lines, for turning offsets into places and places into lines.
///
/// Lines end at `\n`, `\r\n` or `\r`. A byte order mark at the start belongs to no column.
package struct SourceText: Sendable {
  /// The file as the user named it.
  package let file: String
  /// The text as it was read, a byte order mark included.
  package let bytes: [UInt8]
  /// Where each line starts, in bytes.
  private let lineStarts: [Int]
  /// Unicode scalars before each block of `blockSize` bytes; empty where every byte is a scalar.
  private let scalarCounts: [Int]

  /// Small, as each place in a text that is not plain ASCII counts through half a block.
  private static let blockSize = 32

  package init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
    var lineStarts = [bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0]
    var isASCII = true
    bytes.withUnsafeBufferPointer { bytes in
      for (offset, byte) in bytes.enumerated() {
        if byte >= 0x80 { isASCII = false }
        guard byte == 0x0A || byte == 0x0D else { continue }
        let isReturnBeforeNewline =
          byte == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A
        if !isReturnBeforeNewline { lineStarts.append(offset + 1) }
      }
    }
    self.lineStarts = lineStarts
    scalarCounts = isASCII ? [] : Self.scalarCounts(of: bytes)
  }

  private static func scalarCounts(of bytes: [UInt8]) -> [Int] {
    var counts: [Int] = []
    counts.reserveCapacity(bytes.count / blockSize + 1)
    var scalars = 0
    for (offset, byte) in bytes.enumerated() {
      if offset % blockSize == 0 { counts.append(scalars) }
      if byte & 0xC0 != 0x80 { scalars += 1 }
    }
    return counts
  }

  /// The bytes that may open a UTF-8 text.
  package static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Where the text starts, after a byte order mark.
  package var contentStart: Int { lineStarts[0] }
  /// The number of lines; a text that ends with a line break has an empty last one.
  package var lineCount: Int { lineStarts.count }

  /// The place of the byte at `offset`, which is clamped to the text.
  package func position(atOffset offset: Int) -> SourcePosition {
    let offset = min(max(offset, contentStart), bytes.count)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let column = scalarCount(before: offset) - scalarCount(before: lineStarts[low]) + 1
    return SourcePosition(line: low + 1, column: column, offset: offset)
  }

  /// The offset of the Unicode scalar with this `index`, the text's end where there is none.
  ///
  /// A byte order mark is not counted.
  package func offset(ofScalar index: Int) -> Int {
    if scalarCounts.isEmpty { return min(index, bytes.count) }
    let target = index + (contentStart == 0 ? 0 : 1)
    var low = 0
    var high = scalarCounts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if scalarCounts[middle] <= target { low = middle } else { high = middle }
    }
    var scalars = scalarCounts[low]
    var offset = low * Self.blockSize
    while offset < bytes.count {
      if bytes[offset] & 0xC0 != 0x80 {
        if scalars == target { return offset }
        scalars += 1
      }
      offset += 1
    }
    return bytes.count
  }

  /// The span between two byte offsets.
  package func span(_ start: Int, _ end: Int) -> SourceSpan {
    SourceSpan(
      file: file, start: position(atOffset: start), end: position(atOffset: max(start, end)))
  }

  /// The text of a line without its break, and nil where there is none; bad UTF-8 is replaced.
  package func line(_ number: Int) -> String? {
    guard number >= 1, number <= lineStarts.count else { return nil }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] : bytes.count
    while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The offset of the first byte that is no UTF-8, nil where all is.
  package var firstInvalidOffset: Int? {
    if scalarCounts.isEmpty { return nil }
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): offset += UTF8.width(scalar)
      case .emptyInput: return nil
      case .error: return offset
      }
    }
  }

  private func scalarCount(before offset: Int) -> Int {
    if scalarCounts.isEmpty { return offset }
    let block = min(offset / Self.blockSize, scalarCounts.count - 1)
    var count = scalarCounts[block]
    for position in (block * Self.blockSize)..<offset where bytes[position] & 0xC0 != 0x80 {
      count += 1
    }
    return count
  }
}
