/// A named stream of random numbers: a function of (seed, name, step, index), with no state.
///
/// Adding a stream never shifts another, and resuming a run needs no generator state.
package struct RandomStream: Hashable, Sendable {
  /// The Philox key that `seed` and `name` give.
  package let key: SIMD2<UInt32>

  /// Derives the key from the pipeline's seed and the stream's name, for example
  /// `dropout/model.layers.0.self_attn.q_proj`.
  package init(seed: UInt64, name: String) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a over the name's UTF-8
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    let mixed = Self.mixed(seed &+ Self.mixed(hash))
    key = SIMD2(UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
  }

  /// The four 32-bit words at position `index` of `step`.
  package func words(step: UInt64 = 0, index: UInt64) -> SIMD4<UInt32> {
    Philox.words(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
        UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32)),
      key: key)
  }

  /// The 32-bit word number `element`, counting four words to a position.
  package func word(step: UInt64 = 0, element: Int) -> UInt32 {
    words(step: step, index: UInt64(element / 4))[element % 4]
  }

  /// A float in `[0, 1)` with 24 random bits.
  package func uniform(step: UInt64 = 0, element: Int) -> Float {
    Float(word(step: step, element: element) >> 8) * 0x1p-24
  }

  /// Whether dropout at `rate` keeps element number `element` of a tensor, in row-major order.
  ///
  /// The rule that every backend implements: keep when `word >> 8 ≥ ceil(rate · 2²⁴)`.
  package func keeps(step: UInt64, element: Int, rate: Float) -> Bool {
    word(step: step, element: element) >> 8 >= Self.dropThreshold(rate: rate)
  }

  /// The smallest 24-bit number that dropout at `rate` keeps.
  package static func dropThreshold(rate: Float) -> UInt32 {
    UInt32((Double(rate) * 0x1p24).rounded(.up))
  }

  /// The permutation of `0..<count` that this stream gives at `step` (Fisher–Yates).
  package func permutation(count: Int, step: UInt64 = 0) -> [Int] {
    var order = Array(0..<count)
    guard count > 1 else { return order }
    for last in stride(from: count - 1, to: 0, by: -1) {
      let pair = words(step: step, index: UInt64(last))
      let wide = UInt64(pair[1]) << 32 | UInt64(pair[0])
      order.swapAt(last, Int(wide.multipliedFullWidth(by: UInt64(last + 1)).high))
    }
    return order
  }

  /// The finaliser of SplitMix64.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
