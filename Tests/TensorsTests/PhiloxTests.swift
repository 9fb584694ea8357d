import Randomness
import Testing

/// The generator against the vectors that Random123 publishes, and what is derived from it.
@Suite struct PhiloxTests {
  @Test(arguments: [
    (
      SIMD4<UInt32>(0, 0, 0, 0), SIMD2<UInt32>(0, 0),
      SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4(.max, .max, .max, .max), SIMD2(.max, .max),
      SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      SIMD2(0xa409_3822, 0x299f_31d0), SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func wordsAreThoseOfRandom123(
    _ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>, _ expected: SIMD4<UInt32>
  ) {
    #expect(Philox.words(counter: counter, key: key) == expected)
  }

  @Test func aWordIsOneLaneOfItsPosition() {
    let stream = RandomStream(seed: 5, name: "a")
    for element in 0..<9 {
      let words = stream.words(step: 1 << 33, index: UInt64(element / 4))
      #expect(stream.word(step: 1 << 33, element: element) == words[element % 4])
    }
  }

  @Test func streamsDifferBySeedNameAndStep() {
    let words = [
      RandomStream(seed: 1, name: "a").word(element: 0),
      RandomStream(seed: 2, name: "a").word(element: 0),
      RandomStream(seed: 1, name: "b").word(element: 0),
      RandomStream(seed: 1, name: "a").word(step: 1, element: 0),
      RandomStream(seed: 1, name: "a").word(element: 1),
    ]
    #expect(Set(words).count == words.count)
  }

  @Test(arguments: [0, 1, 2, 3, 10, 257, 1000])
  func aPermutationHoldsEachNumberOnce(_ count: Int) {
    let stream = RandomStream(seed: 3, name: "shuffle")
    let order = stream.permutation(count: count, step: 7)
    #expect(order.sorted() == Array(0..<count))
    #expect(order == stream.permutation(count: count, step: 7))
    if count >= 10 { #expect(order != stream.permutation(count: count, step: 8)) }
  }

  @Test func allPermutationsOfThreeAreEquallyLikely() {
    let stream = RandomStream(seed: 4, name: "shuffle")
    var counts: [[Int]: Int] = [:]
    for step in 0..<6_000 {
      counts[stream.permutation(count: 3, step: UInt64(step)), default: 0] += 1
    }
    #expect(counts.count == 6)
    // Five standard deviations of a binomial of 6,000 at 1/6 are 144.
    #expect(counts.values.allSatisfy { abs($0 - 1_000) < 144 })
  }

  @Test func dropoutDropsItsShare() {
    let stream = RandomStream(seed: 6, name: "dropout")
    #expect((0..<100).allSatisfy { stream.keeps(step: 0, element: $0, rate: 0) })
    let kept = (0..<10_000).count { stream.keeps(step: 0, element: $0, rate: 0.3) }
    // Five standard deviations of a binomial of 10,000 at 0.7 are 229.
    #expect(abs(kept - 7_000) < 229)
  }

  @Test func normalAndUniformDrawsHaveTheirMoments() {
    var values = [Float](repeating: 0, count: 40_001)
    values.withUnsafeMutableBufferPointer {
      RandomStream(seed: 8, name: "n").fillNormal($0, mean: 1, deviation: 2)
    }
    let count = Double(values.count)
    let mean = values.reduce(0) { $0 + Double($1) } / count
    let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    // Five standard errors: 5·2/√40001 of the mean, 5·4·√(2/40001) of the variance.
    #expect(abs(mean - 1) < 0.05)
    #expect(abs(variance - 4) < 0.142)
    values.withUnsafeMutableBufferPointer {
      RandomStream(seed: 8, name: "u").fillUniform($0, bound: 0.5)
    }
    #expect(values.allSatisfy { $0 >= -0.5 && $0 < 0.5 })
    let uniformMean = values.reduce(0) { $0 + Double($1) } / count
    #expect(abs(uniformMean) < 5 * 0.2887 / count.squareRoot())
  }
}
