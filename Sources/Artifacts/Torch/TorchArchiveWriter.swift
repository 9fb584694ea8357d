/// Writes a zip archive of stored files from its start to its end, as torch lays it out.
///
/// Checksums follow each entry's bytes, since these are not known before. Entries or archives
/// beyond 4 GiB take the 64-bit forms.
/// Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3.
final class TorchArchiveWriter {
  private struct Entry {
    let name: [UInt8]
    let offset: UInt64
    let byteCount: UInt64
    let checksum: UInt32
  }

  private let file: OutputFile
  private var entries: [Entry] = []
  /// What 32 bits cannot hold is marked with all bits set.
  private static let limit: UInt64 = 0xFFFF_FFFF
  /// The date of every entry, the first that the format has: 1 January 1980.
  private static let date: UInt16 = 0x21

  init(_ file: OutputFile) { self.file = file }

  /// Appends an entry with these bytes.
  func add(_ name: String, _ bytes: [UInt8]) throws(ArtifactError) {
    try add(name, byteCount: bytes.count) { (file) throws(ArtifactError) in
      try file.write(bytes)
    }
  }

  /// Appends an entry whose `byteCount` bytes `body` writes.
  func add(
    _ name: String, byteCount: Int, _ body: (OutputFile) throws(ArtifactError) -> Void
  ) throws(ArtifactError) {
    let name = Array("archive/\(name)".utf8)
    let offset = UInt64(file.byteCount)
    let isLarge = UInt64(byteCount) >= Self.limit
    var header = LittleBytes()
    header.put(UInt32(0x0403_4B50))
    header.put(UInt16(isLarge ? 45 : 20))
    // The checksum follows the bytes; the name is UTF-8.
    header.put(UInt16(0x0808))
    header.put(UInt16(0))
    header.put(UInt16(0))
    header.put(Self.date)
    header.put(UInt32(0))
    header.put(isLarge ? UInt32.max : 0)
    header.put(isLarge ? UInt32.max : 0)
    header.put(UInt16(name.count))
    let large = isLarge ? 20 : 0
    let padding = (64 - (file.byteCount + 30 + name.count + large + 4) % 64) % 64
    header.put(UInt16(large + 4 + padding))
    header.bytes += name
    if isLarge {
      header.put(UInt16(1))
      header.put(UInt16(16))
      header.put(UInt64(0))
      header.put(UInt64(0))
    }
    header.bytes += Array("FB".utf8)
    header.put(UInt16(padding))
    header.bytes += [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
    try file.write(header.bytes)

    let checksum = try file.summing(body)
    var descriptor = LittleBytes()
    descriptor.put(UInt32(0x0807_4B50))
    descriptor.put(checksum)
    for _ in 0..<2 {
      if isLarge {
        descriptor.put(UInt64(byteCount))
      } else {
        descriptor.put(UInt32(byteCount))
      }
    }
    try file.write(descriptor.bytes)
    entries.append(
      Entry(name: name, offset: offset, byteCount: UInt64(byteCount), checksum: checksum))
  }

  /// Appends the directory.
  func finish() throws(ArtifactError) {
    let start = UInt64(file.byteCount)
    for entry in entries { try file.write(Self.header(of: entry)) }
    let end = UInt64(file.byteCount)
    let isLarge = start >= Self.limit || entries.count >= 0xFFFF
    var record = LittleBytes()
    if isLarge {
      record.put(UInt32(0x0606_4B50))
      record.put(UInt64(44))
      record.put(UInt16(45))
      record.put(UInt16(45))
      record.put(UInt32(0))
      record.put(UInt32(0))
      record.put(UInt64(entries.count))
      record.put(UInt64(entries.count))
      record.put(end - start)
      record.put(start)
      record.put(UInt32(0x0706_4B50))
      record.put(UInt32(0))
      record.put(end)
      record.put(UInt32(1))
    }
    record.put(UInt32(0x0605_4B50))
    record.put(UInt32(0))
    record.put(UInt16(isLarge ? 0xFFFF : entries.count))
    record.put(UInt16(isLarge ? 0xFFFF : entries.count))
    record.put(isLarge ? UInt32.max : UInt32(end - start))
    record.put(isLarge ? UInt32.max : UInt32(start))
    record.put(UInt16(0))
    try file.write(record.bytes)
  }

  private static func header(of entry: Entry) -> [UInt8] {
    var extra = LittleBytes()
    // The order of the fields is fixed: size, stored size, offset, those that need it.
    if entry.byteCount >= limit {
      extra.put(entry.byteCount)
      extra.put(entry.byteCount)
    }
    if entry.offset >= limit { extra.put(entry.offset) }
    var header = LittleBytes()
    header.put(UInt32(0x0201_4B50))
    header.put(UInt16(extra.bytes.isEmpty ? 20 : 45))
    header.put(UInt16(extra.bytes.isEmpty ? 20 : 45))
    header.put(UInt16(0x0808))
    header.put(UInt16(0))
    header.put(UInt16(0))
    header.put(date)
    header.put(entry.checksum)
    header.put(UInt32(min(entry.byteCount, limit)))
    header.put(UInt32(min(entry.byteCount, limit)))
    header.put(UInt16(entry.name.count))
    header.put(UInt16(extra.bytes.isEmpty ? 0 : extra.bytes.count + 4))
    header.put(UInt16(0))
    header.put(UInt16(0))
    header.put(UInt16(0))
    header.put(UInt32(0))
    header.put(UInt32(min(entry.offset, limit)))
    header.bytes += entry.name
    if !extra.bytes.isEmpty {
      header.put(UInt16(1))
      header.put(UInt16(extra.bytes.count))
      header.bytes += extra.bytes
    }
    return header.bytes
  }
}

/// Bytes that grow by integers in little-endian order.
private struct LittleBytes {
  var bytes: [UInt8] = []

  mutating func put<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
