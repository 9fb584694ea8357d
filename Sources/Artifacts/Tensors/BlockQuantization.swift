/// The block quantisations of ggml, 32 elements a block, decoded to float32.
///
/// Source: the block layouts in ggml's `ggml-quants.c`, as gguf-py's `quants.py` restates them.
enum BlockQuantization {
  /// Decodes `x = d · (q − 8)`; a block is `d` and 16 bytes, low halves before high halves.
  static func decodeQ40(
    _ source: UnsafeRawPointer, blocks: Int, into target: UnsafeMutablePointer<Float>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 18
      let elements = target + block &* 32
      let scale = ElementConversion.widenFloat16(bytes.loadUnaligned(as: UInt16.self))
      for index in 0..<16 {
        let pair = bytes.load(fromByteOffset: 2 &+ index, as: UInt8.self)
        elements[index] = scale * Float(Int32(pair & 15) &- 8)
        elements[index &+ 16] = scale * Float(Int32(pair &>> 4) &- 8)
      }
    }
  }

  /// Decodes `x = d · q + m`; a block is `d`, `m` and 16 bytes, low halves before high halves.
  static func decodeQ41(
    _ source: UnsafeRawPointer, blocks: Int, into target: UnsafeMutablePointer<Float>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 20
      let elements = target + block &* 32
      let scale = ElementConversion.widenFloat16(bytes.loadUnaligned(as: UInt16.self))
      let minimum = ElementConversion.widenFloat16(
        bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      for index in 0..<16 {
        let pair = bytes.load(fromByteOffset: 4 &+ index, as: UInt8.self)
        elements[index] = scale * Float(Int32(pair & 15)) + minimum
        elements[index &+ 16] = scale * Float(Int32(pair &>> 4)) + minimum
      }
    }
  }

  /// Decodes `x = d · q`; a block is `d` and 32 signed bytes.
  static func decodeQ80(
    _ source: UnsafeRawPointer, blocks: Int, into target: UnsafeMutablePointer<Float>
  ) {
    for block in 0..<blocks {
      let bytes = source + block &* 34
      let elements = target + block &* 32
      let scale = ElementConversion.widenFloat16(bytes.loadUnaligned(as: UInt16.self))
      for index in 0..<32 {
        elements[index] = scale * Float(bytes.load(fromByteOffset: 2 &+ index, as: Int8.self))
      }
    }
  }
}
