/// How many n-grams two sequences have, and have in common, summed over pairs of sequences.
struct NGramMatches: Hashable, Sendable {
  private(set) var hypothesis = 0
  private(set) var reference = 0
  private(set) var common = 0

  /// The longest n-gram that can be counted.
  static let largestOrder = 8

  /// Counts the n-grams of that order; where `needsReference`, a hypothesis is counted only beside
  /// a reference that has some.
  mutating func add(
    _ hypothesis: [UInt32], _ reference: [UInt32], order: Int, needsReference: Bool
  ) {
    var left: [SIMD8<UInt32>: Int] = [:]
    Self.forEach(reference, order: order) { left[$0, default: 0] += 1 }
    let referenceCount = max(0, reference.count - order + 1)
    self.reference += referenceCount
    if !needsReference || referenceCount > 0 {
      self.hypothesis += max(0, hypothesis.count - order + 1)
    }
    Self.forEach(hypothesis, order: order) { ngram in
      guard let count = left[ngram], count > 0 else { return }
      left[ngram] = count - 1
      common += 1
    }
  }

  private static func forEach(
    _ sequence: [UInt32], order: Int, _ body: (SIMD8<UInt32>) -> Void
  ) {
    guard (1...largestOrder).contains(order), sequence.count >= order else { return }
    for start in 0...sequence.count - order {
      var ngram = SIMD8<UInt32>(repeating: .max)
      for offset in 0..<order { ngram[offset] = sequence[start + offset] }
      body(ngram)
    }
  }
}

/// Gives equal tokens equal numbers.
struct TokenNumbers {
  private var numbers: [Scalars: UInt32] = [:]

  mutating func numbers(of tokens: [Scalars]) -> [UInt32] {
    tokens.map { token in
      if let known = numbers[token] { return known }
      let number = UInt32(truncatingIfNeeded: numbers.count)
      numbers[token] = number
      return number
    }
  }
}
