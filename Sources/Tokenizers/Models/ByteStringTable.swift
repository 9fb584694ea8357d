/// Byte strings numbered in the order they came, found again by their bytes.
///
/// Open addressing over one arena: no `String` is made or compared.
struct ByteStringTable: Sendable {
  private var arena: [UInt8] = []
  private var ends: [Int] = [0]
  private var hashes: [UInt64] = []
  /// Positions plus one, where 0 is free; the count is a power of two, at least twice the strings'.
  private var slots: [UInt32]

  init(capacity: Int = 8) {
    var count = 16
    while count < capacity * 2 { count *= 2 }
    slots = Array(repeating: 0, count: count)
  }

  /// How many strings there are.
  var count: Int { hashes.count }

  /// The position of `bytes`, or nil.
  @inline(__always)
  func position(of bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    position(of: bytes, hash: Self.hash(bytes))
  }

  /// The position of `bytes`, whose ``hash(_:)`` is known, or nil.
  @inline(__always)
  func position(of bytes: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int? {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let position = Int(slots[slot]) - 1
      if hashes[position] == hash, holds(bytes, at: position) { return position }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// The position of `bytes`, or nil.
  func position(of bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { position(of: $0) }
  }

  /// Adds `bytes` unless they are there, and returns their position.
  @discardableResult
  mutating func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let hash = Self.hash(bytes)
    if let position = position(of: bytes, hash: hash) { return position }
    if (count + 1) * 2 > slots.count { grow() }
    arena.append(contentsOf: bytes)
    ends.append(arena.count)
    hashes.append(hash)
    place(hash, count - 1)
    return count - 1
  }

  /// Adds `bytes` unless they are there, and returns their position.
  @discardableResult
  mutating func insert(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBufferPointer { insert($0) }
  }

  /// The bytes at `position`.
  subscript(position: Int) -> ArraySlice<UInt8> { arena[ends[position]..<ends[position + 1]] }

  private func holds(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
    let start = ends[position]
    guard ends[position + 1] - start == bytes.count else { return false }
    for index in 0..<bytes.count where arena[start + index] != bytes[index] { return false }
    return true
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for (position, hash) in hashes.enumerated() { place(hash, position) }
  }

  private mutating func place(_ hash: UInt64, _ position: Int) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = UInt32(truncatingIfNeeded: position + 1)
  }

  /// A hash of `bytes`, eight at a time.
  @inline(__always)
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: bytes.count)
    var index = 0
    let raw = UnsafeRawBufferPointer(bytes)
    while index + 8 <= raw.count {
      hash = mixed(hash, raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    var tail: UInt64 = 0
    while index < raw.count {
      tail = tail << 8 | UInt64(raw[index])
      index += 1
    }
    hash = mixed(hash, tail)
    return hash ^ (hash >> 29)
  }

  @inline(__always)
  private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }
}
