/// A place in the bytes of a file, which moves on as a pickle is read and never past its end.
struct PickleCursor {
  private let bytes: UnsafeRawBufferPointer
  /// The offset in the file of the next byte.
  private(set) var offset: Int
  /// Where the bytes of the pickle end, or would at the latest.
  private let end: Int

  /// Reads `range` of `bytes`.
  ///
  /// - Precondition: `range` is within `bytes`.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count, "a pickle must be in its file")
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// Reads the next byte.
  mutating func byte() throws(TorchFlaw) -> UInt8 {
    guard offset < end else { throw .truncated("the pickle") }
    defer { offset += 1 }
    return bytes[offset]
  }

  /// Reads an integer in little-endian order.
  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(TorchFlaw) -> Value {
    let range = try take(UInt64(MemoryLayout<Value>.size))
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: type))
  }

  /// Reads a float64 in big-endian order.
  mutating func float() throws(TorchFlaw) -> Double {
    let range = try take(8)
    return Double(
      bitPattern: UInt64(
        bigEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self)))
  }

  /// Moves over `count` bytes and says where they lie.
  mutating func take(_ count: UInt64) throws(TorchFlaw) -> Range<Int> {
    guard count <= UInt64(end - offset) else { throw .truncated("the pickle") }
    defer { offset += Int(count) }
    return offset..<offset + Int(count)
  }

  /// Reads `count` bytes as UTF-8; what is not is replaced.
  mutating func text(_ count: UInt64) throws(TorchFlaw) -> String {
    String(decoding: bytes[try take(count)], as: UTF8.self)
  }

  /// Reads an integer of `count` bytes, two's complement; nil beyond 64 bits.
  mutating func long(_ count: UInt64) throws(TorchFlaw) -> PickleValue {
    let range = try take(count)
    guard range.count <= 8 else { return .bytes(range) }
    var value: UInt64 = 0
    for place in range.reversed() { value = value << 8 | UInt64(bytes[place]) }
    guard !range.isEmpty else { return .integer(0) }
    let unused = UInt64(64 - 8 * range.count)
    return .integer(Int(Int64(bitPattern: value << unused) >> Int64(unused)))
  }

  /// Reads up to the end of the line, which is passed over.
  mutating func line() throws(TorchFlaw) -> String {
    guard let length = bytes[offset..<end].firstIndex(of: UInt8(ascii: "\n")).map({ $0 - offset })
    else { throw .truncated("the pickle") }
    let line = try text(UInt64(length))
    offset += 1
    return line
  }
}
