/// The CRC-32 of zip archives, eight bytes a step.
///
/// Source: ISO 3309 with the reflected polynomial `0xEDB88320`; the tables by eight are those of
/// Kounavis and Berry 2005, "A systematic approach to building high performance CRC generators".
struct CyclicChecksum {
  private var state: UInt32 = 0xFFFF_FFFF

  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for index in 0..<256 {
      var value = UInt32(index)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      tables[index] = value
    }
    for index in 256..<8 * 256 {
      let value = tables[index - 256]
      tables[index] = value >> 8 ^ tables[Int(value & 0xFF)]
    }
    return tables
  }()

  /// The checksum of all that was added.
  var value: UInt32 { ~state }

  /// Adds `bytes` to what was added before.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var sum = state
    var place = 0
    Self.tables.withUnsafeBufferPointer { tables in
      while bytes.count &- place >= 8 {
        let low = sum ^ bytes.little(place, as: UInt32.self)
        let high = bytes.little(place &+ 4, as: UInt32.self)
        sum =
          tables[1792 &+ Int(low & 0xFF)] ^ tables[1536 &+ Int(low &>> 8 & 0xFF)]
          ^ tables[1280 &+ Int(low &>> 16 & 0xFF)] ^ tables[1024 &+ Int(low &>> 24)]
        sum ^=
          tables[768 &+ Int(high & 0xFF)] ^ tables[512 &+ Int(high &>> 8 & 0xFF)]
          ^ tables[256 &+ Int(high &>> 16 & 0xFF)] ^ tables[Int(high &>> 24)]
        place &+= 8
      }
      while place < bytes.count {
        sum = sum &>> 8 ^ tables[Int((sum ^ UInt32(bytes[place])) & 0xFF)]
        place &+= 1
      }
    }
    state = sum
  }

  /// The checksum of `bytes`.
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var checksum = CyclicChecksum()
    checksum.add(bytes)
    return checksum.value
  }
}
