/// Walking through valid UTF-8 without making a `String`.
enum UTF8Scan {
  /// The length of the scalar that begins with `byte`.
  @inline(__always)
  static func length(from byte: UInt8) -> Int {
    switch byte {
    case 0..<0xC0: 1
    case 0xC0..<0xE0: 2
    case 0xE0..<0xF0: 3
    default: 4
    }
  }

  /// The scalar at `offset` and where it ends.
  ///
  /// A malformed scalar reads as U+FFFD; valid UTF-8 has none.
  @inline(__always)
  static func scalar(
    at offset: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (scalar: Unicode.Scalar, end: Int) {
    let first = bytes[offset]
    if first < 0x80 { return (Unicode.Scalar(first), offset + 1) }
    let end = min(bytes.count, offset + length(from: first))
    var value = UInt32(first) & (end - offset == 2 ? 0x1F : end - offset == 3 ? 0x0F : 0x07)
    for index in offset + 1..<max(end, offset + 1) {
      value = value << 6 | UInt32(bytes[index] & 0x3F)
    }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", end)
  }

  /// The start of the scalar that ends at `end`.
  @inline(__always)
  static func start(before end: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var start = end - 1
    while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }
}
