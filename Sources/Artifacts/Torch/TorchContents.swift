/// What a torch file holds before anything is chosen from it: the pickle's value, and where the
/// bytes of each storage are.
struct TorchContents {
  let root: PickleValue
  let objects: PickleObjects
  /// The bytes of each storage in the file, by its key.
  let storageRanges: [String: Range<Int>]
  /// All of the file that is not bytes of storages.
  let headerRanges: [Range<Int>]

  /// Reads a file in torch's zip format or in the older one.
  ///
  /// - Throws: ``TorchFlaw``.
  init(_ bytes: UnsafeRawBufferPointer) throws(TorchFlaw) {
    if TorchArchive.isArchive(bytes) {
      try self.init(archive: TorchArchive(bytes), bytes)
    } else if bytes.count > 262, bytes[257..<262].elementsEqual("ustar".utf8) {
      throw .tarFormat
    } else if bytes.first == PickleOpcode.protocol.rawValue {
      try self.init(legacy: bytes)
    } else {
      throw .unknownContainer
    }
  }

  private init(archive: TorchArchive, _ bytes: UnsafeRawBufferPointer) throws(TorchFlaw) {
    guard
      let pickle = archive.entries.first(where: {
        $0.name.hasSuffix("/data.pkl") && $0.name.utf8.count { $0 == UInt8(ascii: "/") } == 1
      })
    else { throw .archive(.missing("data.pkl")) }
    let prefix = pickle.name.dropLast("data.pkl".count)
    if archive[prefix + "constants.pkl"] != nil { throw .torchScript }
    if let order = archive[prefix + "byteorder"], bytes[order.range].elementsEqual("big".utf8) {
      throw .bigEndian
    }
    guard pickle.range.count <= Unpickler.maximumBytes else {
      throw .tooMany("bytes of the pickle", limit: Unpickler.maximumBytes)
    }
    let pickleBytes = UnsafeRawBufferPointer(rebasing: bytes[pickle.range])
    guard CyclicChecksum.of(pickleBytes) == pickle.checksum else {
      throw .archive(.checksum(pickle.name))
    }
    var unpickler = Unpickler(bytes, pickle.range)
    root = try unpickler.load()
    objects = unpickler.objects
    var ranges: [String: Range<Int>] = [:]
    for storage in objects.storages {
      guard let entry = archive["\(prefix)data/\(storage.key)"] else {
        throw .storageMissing(storage.key)
      }
      try storage.check(byteCount: entry.range.count)
      ranges[storage.key] = entry.range
    }
    storageRanges = ranges
    headerRanges = [pickle.range, archive.directoryRange]
  }

  /// The format before version 1.6: a magic number, a version, facts of the machine, the object,
  /// the keys of its storages, then each storage with the number of its elements before it.
  private init(legacy bytes: UnsafeRawBufferPointer) throws(TorchFlaw) {
    let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    var prelude = Unpickler(bytes, 0..<bytes.count, namesStorages: false)
    guard case .bytes(let range) = try prelude.load(), bytes[range].elementsEqual(magic) else {
      throw .unknownContainer
    }
    guard case .integer(1001) = try prelude.load() else { throw .unknownContainer }
    let machine = try prelude.load()
    if case .bool(false)? = prelude.objects.entry("little_endian", of: machine) {
      throw .bigEndian
    }
    var unpickler = Unpickler(bytes, prelude.cursor.offset..<bytes.count)
    root = try unpickler.load()
    objects = unpickler.objects
    var epilogue = Unpickler(
      bytes, unpickler.cursor.offset..<bytes.count, namesStorages: false)
    let keys = try epilogue.load()
    var storages: [String: TorchStorage] = [:]
    for storage in objects.storages {
      let known = storages.updateValue(storage, forKey: storage.key)
      if let known, known.elementCount != storage.elementCount || known.element != storage.element {
        throw .storageDisagrees(storage.key)
      }
    }
    var headers = [0..<epilogue.cursor.offset]
    storageRanges = try Self.legacyRanges(
      bytes, epilogue.objects.elements(of: keys) ?? [], storages, from: epilogue.cursor.offset,
      &headers)
    for storage in objects.storages where storageRanges[storage.key] == nil {
      throw .storageMissing(storage.key)
    }
    headerRanges = headers
  }

  private static func legacyRanges(
    _ bytes: UnsafeRawBufferPointer, _ keys: [PickleValue], _ storages: [String: TorchStorage],
    from start: Int, _ headers: inout [Range<Int>]
  ) throws(TorchFlaw) -> [String: Range<Int>] {
    var ranges: [String: Range<Int>] = [:]
    var offset = start
    for value in keys {
      guard case .text(let key) = value, let storage = storages[key], ranges[key] == nil else {
        throw .brokenPickle("the key of a storage", offset: start)
      }
      guard bytes.count - offset >= 8 else { throw .truncated("the storage `\(key)`") }
      let count = bytes.little(offset, as: Int64.self)
      headers.append(offset..<offset + 8)
      offset += 8
      guard count == storage.elementCount, let size = storage.element.byteCount,
        storage.elementCount <= (bytes.count - offset) / size
      else { throw .truncated("the storage `\(key)`") }
      ranges[key] = offset..<offset + storage.elementCount * size
      offset += storage.elementCount * size
    }
    guard offset == bytes.count else { throw .trailingBytes(bytes.count - offset) }
    return ranges
  }
}

extension TorchStorage {
  /// Whether the storage takes `byteCount` bytes in its file.
  func check(byteCount: Int) throws(TorchFlaw) {
    let (needed, overflow) = elementCount.multipliedReportingOverflow(by: element.byteCount ?? 1)
    guard !overflow, needed == byteCount else {
      throw .storageSize(
        key, expectedBytes: overflow ? .max : needed, foundBytes: byteCount)
    }
  }
}
