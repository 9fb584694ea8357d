import JSONSyntax
import Testing

/// The 2,000 texts that Tests/Oracles/make_subword_fixtures.py puts together, and its hashes.
enum SubwordTexts {
  /// Knuth's MMIX sequence, of whose numbers the upper half is used.
  private struct Numbers {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 32) % bound
    }
  }

  static var all: [String] {
    get throws {
      let fragments = try Fixtures.strings(Fixtures.json("fragments.json"))
      var numbers = Numbers(state: 4)
      return (0..<2000).map { _ in
        var text = ""
        for _ in 0...numbers.below(12) {
          text += fragments[numbers.below(fragments.count)]
          if numbers.below(3) == 0 { text += " " }
        }
        return text
      }
    }
  }

  /// The hashes that a fixture holds one after another.
  static func hashes(_ value: JSONValue?) throws -> [String] {
    let digits = Array(try #require(value?.string))
    return stride(from: 0, to: digits.count, by: 8).map { String(digits[$0..<$0 + 8]) }
  }

  static func hash(_ bytes: some Sequence<UInt8>) -> String {
    var value: UInt32 = 0x811C_9DC5
    for byte in bytes { value = (value ^ UInt32(byte)) &* 0x0100_0193 }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  static func hash(_ ids: [Int32]) -> String {
    hash(ids.flatMap { id in (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } })
  }
}
