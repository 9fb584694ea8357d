package import Randomness

/// Which tokens are hidden for masked language modelling, and by what.
///
/// Of each row's `n` tokens that are not special, `max(1, round(probability · n))` are hidden, as
/// BERT's own data generation has it, so that each row teaches the same number of tokens in every
/// epoch. Of those 80 % become the mask token, 10 % another token, and 10 % stay as they are.
/// Source: Devlin et al. 2019, arXiv 1810.04805, section 3.1.
package struct MaskingRule: Hashable, Sendable {
  /// The share of tokens that are hidden, in (0, 1).
  package let probability: Double
  package let maskID: Int32
  /// Ids below this one are tokens.
  package let vocabularySize: Int
  /// Tokens that are never hidden, nor put in another's place.
  package let specialIDs: Set<Int32>

  package init(
    probability: Double = 0.15, maskID: Int32, vocabularySize: Int, specialIDs: Set<Int32>
  ) {
    self.probability = probability
    self.maskID = maskID
    self.vocabularySize = vocabularySize
    self.specialIDs = specialIDs
  }

  /// How many of `count` tokens that may be hidden are.
  package func hiddenCount(of count: Int) -> Int {
    guard count > 0 else { return 0 }
    return min(count, max(1, Int((probability * Double(count)).rounded())))
  }

  /// A token that is not special, by a 32-bit draw; the mask where there is none.
  func replacement(_ draw: UInt32) -> Int32 {
    guard vocabularySize > 0 else { return maskID }
    let first = Int((UInt64(draw) * UInt64(vocabularySize)) >> 32)
    for step in 0...min(specialIDs.count, vocabularySize - 1) {
      let id = Int32(truncatingIfNeeded: (first + step) % vocabularySize)
      if !specialIDs.contains(id) { return id }
    }
    return maskID
  }
}

/// The draw of one epoch: which tokens of each row are hidden is a function of stream, epoch and
/// row alone.
package struct MaskingDraw: Hashable, Sendable {
  package let rule: MaskingRule
  package let stream: RandomStream
  package let epoch: Int

  package init(rule: MaskingRule, stream: RandomStream, epoch: Int) {
    self.rule = rule
    self.stream = stream
    self.epoch = epoch
  }

  /// Chooses among the `candidates` of row number `row`, which it reorders, and calls `body` with
  /// each that is hidden and a function that gives what stands in its token's place.
  func hide(
    row: Int, candidates: inout [Int32], _ body: (Int32, (Int32) -> Int32) -> Void
  ) {
    for index in 0..<rule.hiddenCount(of: candidates.count) {
      // Rows have less than 2²⁴ tokens, so no two draws share words.
      let words = stream.words(
        step: UInt64(epoch), index: UInt64(row) << 24 | UInt64(index & 0xFF_FFFF))
      let choice = Int((UInt64(words[0]) * UInt64(candidates.count - index)) >> 32)
      candidates.swapAt(index, index + choice)
      body(candidates[index]) { token in
        switch (UInt64(words[1]) * 10) >> 32 {
        case 0..<8: rule.maskID
        case 8: rule.replacement(words[2])
        default: token
        }
      }
    }
  }
}
