/// The merges of a byte-pair encoding: a pair of ids → its rank and the id it becomes.
struct MergeTable: Sendable {
  /// What a pair becomes and how early.
  struct Merge: Hashable, Sendable {
    let rank: UInt32
    let id: Int32
  }

  /// Keys of pairs; all ones is free.
  private var keys: [UInt64]
  private var values: [Merge]
  private(set) var count = 0

  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    keys = Array(repeating: .max, count: size)
    values = Array(repeating: Merge(rank: 0, id: 0), count: size)
  }

  /// The merge of `left` and `right`, or nil.
  @inline(__always)
  func merge(of left: Int32, _ right: Int32) -> Merge? {
    let key = Self.key(left, right)
    let mask = keys.count - 1
    var slot = Self.slot(key, mask)
    while keys[slot] != .max {
      if keys[slot] == key { return values[slot] }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// Sets the merge of a pair; a later one replaces an earlier.
  mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    if (count + 1) * 2 > keys.count { grow() }
    let key = Self.key(left, right)
    let mask = keys.count - 1
    var slot = Self.slot(key, mask)
    while keys[slot] != .max, keys[slot] != key { slot = (slot + 1) & mask }
    if keys[slot] == .max { count += 1 }
    keys[slot] = key
    values[slot] = merge
  }

  private mutating func grow() {
    var larger = MergeTable(capacity: keys.count)
    for (slot, key) in keys.enumerated() where key != .max {
      larger.insert(
        Int32(truncatingIfNeeded: key >> 32), Int32(truncatingIfNeeded: key), values[slot])
    }
    self = larger
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private static func slot(_ key: UInt64, _ mask: Int) -> Int {
    let product = key.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: product.high ^ product.low) & mask
  }
}
