/// Conversion between the types of elements, in loops that the compiler vectorises.
package enum ElementConversion {
  /// Rounds float32 to bfloat16, to nearest, ties to even; a NaN stays one.
  package static func roundToBFloat16(
    _ source: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<UInt16>
  ) {
    for index in 0..<count {
      let bits = source[index].bitPattern
      let rounded = (bits &+ 0x7FFF &+ ((bits &>> 16) & 1)) &>> 16
      let isNaN = bits & 0x7FFF_FFFF > 0x7F80_0000
      target[index] = UInt16(truncatingIfNeeded: isNaN ? (bits &>> 16) | 0x40 : rounded)
    }
  }

  /// Widens bfloat16 to float32, exactly.
  package static func widenBFloat16(
    _ source: UnsafePointer<UInt16>, _ count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<count {
      target[index] = Float(bitPattern: UInt32(source[index]) &<< 16)
    }
  }

  /// Decodes `count` elements, a whole number of blocks, from bytes of any alignment.
  static func decode(
    _ type: StoredType, _ source: UnsafeRawPointer, _ count: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    switch type {
    case .float32:
      UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: 4 * count)
    case .float16: map(source, count, target) { (bits: UInt16) in widenFloat16(bits) }
    case .bfloat16:
      map(source, count, target) { (bits: UInt16) in Float(bitPattern: UInt32(bits) &<< 16) }
    case .float64: map(source, count, target) { (value: Double) in Float(value) }
    case .int8: map(source, count, target) { (value: Int8) in Float(value) }
    case .int16: map(source, count, target) { (value: Int16) in Float(value) }
    case .int32: map(source, count, target) { (value: Int32) in Float(value) }
    case .int64: map(source, count, target) { (value: Int64) in Float(value) }
    case .uint8: map(source, count, target) { (value: UInt8) in Float(value) }
    case .bool: map(source, count, target) { (value: UInt8) in value == 0 ? 0 : 1 }
    case .q40: BlockQuantization.decodeQ40(source, blocks: count / 32, into: target)
    case .q41: BlockQuantization.decodeQ41(source, blocks: count / 32, into: target)
    case .q80: BlockQuantization.decodeQ80(source, blocks: count / 32, into: target)
    }
  }

  /// The value of float16 bits: moved into a float32's fields, the exponent's bias corrected by a
  /// multiplication, which is exact and brings subnormal numbers right as well.
  @inline(__always)
  static func widenFloat16(_ bits: UInt16) -> Float {
    let bits = UInt32(bits)
    let magnitude = Float(bitPattern: (bits & 0x7FFF) &<< 13) * 0x1p112
    let infiniteOrNaN: UInt32 = bits & 0x7C00 == 0x7C00 ? 0x7F80_0000 : 0
    return Float(bitPattern: magnitude.bitPattern | infiniteOrNaN | (bits & 0x8000) &<< 16)
  }

  @inline(__always)
  private static func map<Element: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutablePointer<Float>,
    _ convert: (Element) -> Float
  ) {
    for index in 0..<count {
      target[index] = convert(
        source.loadUnaligned(
          fromByteOffset: index &* MemoryLayout<Element>.stride, as: Element.self))
    }
  }
}
