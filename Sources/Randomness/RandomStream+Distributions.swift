#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension RandomStream {
  /// Fills `values` with draws of U(−bound, bound).
  package func fillUniform(_ values: UnsafeMutableBufferPointer<Float>, bound: Float) {
    fill(values) { words in
      let u = SIMD4<Float>(
        Float(words[0] >> 8), Float(words[1] >> 8), Float(words[2] >> 8), Float(words[3] >> 8))
      return (u * 0x1p-23 - 1) * bound
    }
  }

  /// Fills `values` with draws of N(mean, deviation²), by Box–Muller on pairs of words.
  package func fillNormal(
    _ values: UnsafeMutableBufferPointer<Float>, mean: Float = 0, deviation: Float
  ) {
    fill(values) { words in
      let (a, b) = Self.normalPair(words[0], words[1])
      let (c, d) = Self.normalPair(words[2], words[3])
      return SIMD4(a, b, c, d) * deviation + mean
    }
  }

  private func fill(
    _ values: UnsafeMutableBufferPointer<Float>, with draw: (SIMD4<UInt32>) -> SIMD4<Float>
  ) {
    for start in stride(from: 0, to: values.count, by: 4) {
      let four = draw(words(index: UInt64(start / 4)))
      for lane in 0..<min(4, values.count - start) { values[start + lane] = four[lane] }
    }
  }

  private static func normalPair(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
    let u = (Double(first) + 0.5) * 0x1p-32
    let angle = 2 * Double.pi * Double(second) * 0x1p-32
    let radius = (-2 * log(u)).squareRoot()
    return (Float(radius * cos(angle)), Float(radius * sin(angle)))
  }
}
