/// The quantised dtypes: float32 to blocks and back, by the plain formulas.
///
/// | dtype | block | bytes | value |
/// |---|---|---|---|
/// | `q8_0` | 32 | float16 `d`, 32 signed bytes `q` | `d · q` |
/// | `q4_0` | 32 | float16 `d`, 16 bytes: element `i` in the low half of byte `i`, `i + 16` in its high half | `d · (q − 8)` |
/// | `nf4` | 64 | float32 `m`, 32 bytes: element `2i` in the high half of byte `i`, `2i + 1` in its low half | `m · level[q]` |
///
/// All little-endian. Blocks lie one after the other, rows in their order.
/// Source: ggml's `ggml-quants.c` as gguf-py's `quants.py` restates it; for NF4 Dettmers et al. 2023,
/// arXiv 2305.14314, and bitsandbytes' order of the halves, without its double quantisation.
package enum BlockCodec {
  /// Quantises `count` elements, a whole number of blocks.
  ///
  /// - Precondition: `type` is quantised.
  package static func encode(
    _ type: DType, _ source: UnsafePointer<Float>, _ count: Int,
    into target: UnsafeMutableRawPointer
  ) {
    let (elements, bytes) = (type.blockElements, type.blockBytes)
    for block in 0..<count / elements {
      let (from, to) = (source + block * elements, target + block * bytes)
      switch type {
      case .q80: encodeQ80(from, into: to)
      case .q40: encodeQ40(from, into: to)
      case .nf4: encodeNF4(from, into: to)
      case .float32, .bfloat16, .float16, .int32:
        preconditionFailure("`type` must be quantised")
      }
    }
  }

  /// Gives `count` elements, a whole number of blocks, as float32.
  ///
  /// - Precondition: `type` is quantised.
  package static func decode(
    _ type: DType, _ source: UnsafeRawPointer, _ count: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    let (elements, bytes) = (type.blockElements, type.blockBytes)
    for block in 0..<count / elements {
      let (from, to) = (source + block * bytes, target + block * elements)
      switch type {
      case .q80: decodeQ80(from, into: to)
      case .q40: decodeQ40(from, into: to)
      case .nf4: decodeNF4(from, into: to)
      case .float32, .bfloat16, .float16, .int32:
        preconditionFailure("`type` must be quantised")
      }
    }
  }

  // MARK: q8_0

  /// Quantises by `d = max|x| / 127` and `q = round(x / d)`, halves away from zero.
  private static func encodeQ80(
    _ source: UnsafePointer<Float>, into target: UnsafeMutableRawPointer
  ) {
    let scale = magnitude(source, 32) / 127
    let inverse: Float = scale > 0 ? 1 / scale : 0
    target.storeBytes(of: Float16(scale).bitPattern, as: UInt16.self)
    for index in 0..<32 {
      let value = bounded(source[index] * inverse, -127, 127)
      let size = abs(value)
      let whole = Int32(size)
      let rounded = whole &+ Int32(2 * (size - Float(whole)))
      target.storeBytes(
        of: Int8(truncatingIfNeeded: value < 0 ? -rounded : rounded), toByteOffset: 2 &+ index,
        as: Int8.self)
    }
  }

  private static func decodeQ80(
    _ source: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>
  ) {
    let scale = Float(Float16(bitPattern: source.loadUnaligned(as: UInt16.self)))
    for index in 0..<32 {
      target[index] = scale * Float(source.load(fromByteOffset: 2 &+ index, as: Int8.self))
    }
  }

  // MARK: q4_0

  /// Quantises by `d = x / −8` of the `x` of largest magnitude and `q = ⌊x / d + 8.5⌋`, at most 15.
  private static func encodeQ40(
    _ source: UnsafePointer<Float>, into target: UnsafeMutableRawPointer
  ) {
    var extreme: Float = 0
    for index in 0..<32 where abs(source[index]) > abs(extreme) { extreme = source[index] }
    let scale = extreme / -8
    let inverse: Float = scale == 0 ? 0 : 1 / scale
    target.storeBytes(of: Float16(scale).bitPattern, as: UInt16.self)
    /// The sum is that of a fused multiplication and addition: exact before it is rounded.
    func number(_ value: Float) -> UInt8 {
      let sum = Float(Double(value) * Double(inverse) + 8.5)
      return UInt8(truncatingIfNeeded: Int32(bounded(sum, 0, 15)))
    }
    for index in 0..<16 {
      let pair = number(source[index]) | number(source[index &+ 16]) &<< 4
      target.storeBytes(of: pair, toByteOffset: 2 &+ index, as: UInt8.self)
    }
  }

  private static func decodeQ40(
    _ source: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>
  ) {
    let scale = Float(Float16(bitPattern: source.loadUnaligned(as: UInt16.self)))
    for index in 0..<16 {
      let pair = source.load(fromByteOffset: 2 &+ index, as: UInt8.self)
      target[index] = scale * Float(Int32(pair & 15) &- 8)
      target[index &+ 16] = scale * Float(Int32(pair &>> 4) &- 8)
    }
  }

  // MARK: nf4

  /// The 16 levels: quantiles of the normal distribution, with an exact zero.
  package static let levels: [Float] = [
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
    0.7229568362236023, 1.0,
  ]

  /// What lies halfway between one level and the next.
  private static let midpoints: [Float] = zip(levels, levels.dropFirst()).map { ($0 + $1) / 2 }

  /// Quantises to the level nearest to `x / max|x|`.
  private static func encodeNF4(
    _ source: UnsafePointer<Float>, into target: UnsafeMutableRawPointer
  ) {
    let largest = magnitude(source, 64)
    target.storeBytes(of: largest, as: Float.self)
    let divisor = largest > 0 ? largest : 1
    midpoints.withUnsafeBufferPointer { midpoints in
      func number(_ value: Float) -> UInt8 {
        let part = value / divisor
        var above: UInt8 = 0
        for midpoint in midpoints { above &+= part > midpoint ? 1 : 0 }
        return above
      }
      for index in 0..<32 {
        let pair = number(source[2 &* index]) &<< 4 | number(source[2 &* index &+ 1])
        target.storeBytes(of: pair, toByteOffset: 4 &+ index, as: UInt8.self)
      }
    }
  }

  private static func decodeNF4(
    _ source: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>
  ) {
    let largest = source.loadUnaligned(as: Float.self)
    levels.withUnsafeBufferPointer { levels in
      for index in 0..<32 {
        let pair = Int(source.load(fromByteOffset: 4 &+ index, as: UInt8.self))
        target[2 &* index] = largest * levels[pair &>> 4]
        target[2 &* index &+ 1] = largest * levels[pair & 15]
      }
    }
  }

  // MARK: both

  /// The largest magnitude, numbers that are none left out.
  private static func magnitude(_ source: UnsafePointer<Float>, _ count: Int) -> Float {
    var largest: Float = 0
    for index in 0..<count {
      let size = abs(source[index])
      largest = size > largest ? size : largest
    }
    return largest
  }

  /// `value` within the bounds; the lower one for what is no number.
  @inline(__always)
  private static func bounded(_ value: Float, _ lower: Float, _ upper: Float) -> Float {
    let least = value > lower ? value : lower
    return least < upper ? least : upper
  }
}
