import Randomness

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Chooses the next token from logits: the largest at temperature 0, else by chance among the
/// `topK` largest and the fewest that hold `topP` of the probability.
struct TokenSampler: Sendable {
  let temperature: Double
  let topK: Int?
  let topP: Double?
  /// Numbered by the position of the token.
  let stream: RandomStream

  /// The token for `logits (V)` at `position`; of equal ones the first.
  func token(_ logits: UnsafeBufferPointer<Float>, position: Int) -> Int32 {
    guard temperature > 0 else { return Self.largest(logits) }
    var candidates = logits.indices.map { (token: $0, logit: Double(logits[$0]) / temperature) }
    candidates.sort { ($0.logit, $1.token) > ($1.logit, $0.token) }
    if let topK { candidates = Array(candidates.prefix(max(1, topK))) }
    let top = candidates.first?.logit ?? 0
    var weights = candidates.map { exp($0.logit - top) }
    if let topP {
      let total = weights.reduce(0, +)
      var sum = 0.0
      let kept = weights.firstIndex { weight in
        sum += weight
        return sum >= topP * total
      }
      weights = Array(weights.prefix((kept ?? weights.count - 1) + 1))
    }
    let words = stream.words(step: UInt64(position), index: 0)
    let unit = (Double(words[0]) + Double(words[1]) * 0x1p32) * 0x1p-64
    var left = unit * weights.reduce(0, +)
    for (weight, candidate) in zip(weights, candidates) {
      left -= weight
      if left < 0 { return Int32(candidate.token) }
    }
    return Int32(candidates.first?.token ?? 0)
  }

  /// The token with the largest logit; of equal ones the first.
  static func largest(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    return Int32(best)
  }
}
