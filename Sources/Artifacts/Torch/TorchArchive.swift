/// The entries of a zip archive of stored files, as `torch.save` writes it.
///
/// Only the directory at the end and each entry's local header are read. Whatever could be read in
/// two ways is refused: entries that overlap, occur twice, or whose two headers differ.
/// Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3.
struct TorchArchive {
  /// One stored file.
  struct Entry: Hashable {
    let name: String
    let checksum: UInt32
    /// Its bytes in the archive.
    let range: Range<Int>
  }

  /// In the order of the directory.
  let entries: [Entry]
  /// The directory and what follows it: all there is but the entries.
  let directoryRange: Range<Int>
  private let positions: [String: Int]

  /// Whether `bytes` begin as an archive does.
  static func isArchive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06])
  }

  /// Reads the directory.
  ///
  /// - Throws: ``TorchFlaw/archive(_:)``.
  init(_ bytes: UnsafeRawBufferPointer) throws(TorchFlaw) {
    let directory = try TorchArchiveDirectory(bytes)
    var entries: [Entry] = []
    var positions: [String: Int] = [:]
    var taken: [(range: Range<Int>, name: String)] = []
    var offset = directory.range.lowerBound
    for index in 0..<directory.count {
      let header = try TorchArchiveHeader(
        bytes, at: &offset, end: directory.range.upperBound, index)
      let data = try header.dataRange(in: bytes, end: directory.range.lowerBound)
      guard positions.updateValue(index, forKey: header.name) == nil else {
        throw .archive(.duplicate(header.name))
      }
      taken.append((header.localOffset..<data.upperBound, header.name))
      entries.append(Entry(name: header.name, checksum: header.checksum, range: data))
    }
    guard offset == directory.range.upperBound else { throw .archive(.directoryOutOfPlace) }
    taken.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for (entry, next) in zip(taken, taken.dropFirst())
    where next.range.lowerBound < entry.range.upperBound {
      throw .archive(.overlap(next.name))
    }
    self.entries = entries
    self.positions = positions
    directoryRange = directory.range.lowerBound..<bytes.count
  }

  /// The entry called `name`.
  subscript(name: String) -> Entry? { positions[name].map { entries[$0] } }
}

/// Where the directory of an archive is, as its end says.
private struct TorchArchiveDirectory {
  let range: Range<Int>
  let count: Int

  init(_ bytes: UnsafeRawBufferPointer) throws(TorchFlaw) {
    guard let end = Self.endRecord(of: bytes) else { throw .archive(.noDirectory) }
    var count = UInt64(bytes.little(end + 10, as: UInt16.self))
    var size = UInt64(bytes.little(end + 12, as: UInt32.self))
    var start = UInt64(bytes.little(end + 16, as: UInt32.self))
    var limit = end
    // The larger record goes before, where there is one.
    if end >= 20, bytes.little(end - 20, as: UInt32.self) == 0x0706_4B50 {
      let place = bytes.little(end - 12, as: UInt64.self)
      guard place <= UInt64(end - 20), UInt64(end - 20) - place >= 56,
        bytes.little(Int(place), as: UInt32.self) == 0x0606_4B50
      else { throw .archive(.directoryOutOfPlace) }
      count = bytes.little(Int(place) + 32, as: UInt64.self)
      size = bytes.little(Int(place) + 40, as: UInt64.self)
      start = bytes.little(Int(place) + 48, as: UInt64.self)
      limit = Int(place)
    }
    // The directory must end where the end begins: nothing stands between, nothing before counts.
    guard size <= UInt64(limit), start == UInt64(limit) - size, count <= size / 46 else {
      throw .archive(.directoryOutOfPlace)
    }
    range = Int(start)..<limit
    self.count = Int(count)
  }

  /// The last place that can be the end of an archive: its comment reaches the end of the file.
  private static func endRecord(of bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 22 else { return nil }
    var place = bytes.count - 22
    let first = max(0, place - 0xFFFF)
    while place >= first {
      if bytes.little(place, as: UInt32.self) == 0x0605_4B50,
        Int(bytes.little(place + 20, as: UInt16.self)) == bytes.count - place - 22
      {
        return place
      }
      place -= 1
    }
    return nil
  }
}

/// What the directory says of one entry.
private struct TorchArchiveHeader {
  let name: String
  let checksum: UInt32
  let byteCount: UInt64
  let localOffset: Int
  private let nameBytes: UnsafeRawBufferPointer

  /// Reads the header at `offset`, which moves on.
  init(
    _ bytes: UnsafeRawBufferPointer, at offset: inout Int, end: Int, _ index: Int
  ) throws(TorchFlaw) {
    guard end - offset >= 46, bytes.little(offset, as: UInt32.self) == 0x0201_4B50 else {
      throw .archive(.badEntry(index))
    }
    let flags = bytes.little(offset + 8, as: UInt16.self)
    let method = bytes.little(offset + 10, as: UInt16.self)
    let nameCount = Int(bytes.little(offset + 28, as: UInt16.self))
    let extraCount = Int(bytes.little(offset + 30, as: UInt16.self))
    let commentCount = Int(bytes.little(offset + 32, as: UInt16.self))
    guard end - offset - 46 >= nameCount + extraCount + commentCount else {
      throw .archive(.badEntry(index))
    }
    nameBytes = UnsafeRawBufferPointer(rebasing: bytes[offset + 46..<offset + 46 + nameCount])
    guard let name = String(validating: nameBytes, as: UTF8.self), !name.isEmpty else {
      throw .archive(.badEntry(index))
    }
    self.name = name
    if flags & 1 != 0 { throw .archive(.encrypted(name)) }
    if method != 0 { throw .archive(.compressed(name)) }
    checksum = bytes.little(offset + 16, as: UInt32.self)
    var sizes = [
      UInt64(bytes.little(offset + 24, as: UInt32.self)),
      UInt64(bytes.little(offset + 20, as: UInt32.self)),
      UInt64(bytes.little(offset + 42, as: UInt32.self)),
    ]
    let extra = offset + 46 + nameCount
    guard Self.widen(&sizes, bytes, extra..<extra + extraCount) else {
      throw .archive(.badEntry(index))
    }
    guard sizes[0] == sizes[1], sizes[2] < UInt64(end) else { throw .archive(.badEntry(index)) }
    byteCount = sizes[0]
    localOffset = Int(sizes[2])
    offset = extra + extraCount + commentCount
  }

  /// Takes from the extra field what does not fit into 32 bits; false if it is not there.
  private static func widen(
    _ sizes: inout [UInt64], _ bytes: UnsafeRawBufferPointer, _ extra: Range<Int>
  ) -> Bool {
    guard sizes.contains(0xFFFF_FFFF) else { return true }
    var place = extra.lowerBound
    while extra.upperBound - place >= 4 {
      let kind = bytes.little(place, as: UInt16.self)
      let next = place + 4 + Int(bytes.little(place + 2, as: UInt16.self))
      guard next <= extra.upperBound else { return false }
      if kind == 1 {
        var field = place + 4
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
          guard next - field >= 8 else { return false }
          sizes[index] = bytes.little(field, as: UInt64.self)
          field += 8
        }
        return true
      }
      place = next
    }
    return false
  }

  /// Where the entry's bytes are, once its local header agrees.
  func dataRange(in bytes: UnsafeRawBufferPointer, end: Int) throws(TorchFlaw) -> Range<Int> {
    guard end - localOffset >= 30, bytes.little(localOffset, as: UInt32.self) == 0x0403_4B50,
      bytes.little(localOffset + 8, as: UInt16.self) == 0
    else { throw .archive(.headerDisagrees(name)) }
    let nameCount = Int(bytes.little(localOffset + 26, as: UInt16.self))
    let extraCount = Int(bytes.little(localOffset + 28, as: UInt16.self))
    let start = localOffset + 30 + nameCount + extraCount
    guard start <= end,
      bytes[localOffset + 30..<localOffset + 30 + nameCount].elementsEqual(nameBytes),
      byteCount <= UInt64(end - start)
    else { throw .archive(.headerDisagrees(name)) }
    return start..<start + Int(byteCount)
  }
}

extension UnsafeRawBufferPointer {
  /// The integer at `offset`, in little-endian order.
  func little<Value: FixedWidthInteger & BitwiseCopyable>(
    _ offset: Int, as type: Value.Type
  ) -> Value {
    Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }
}
