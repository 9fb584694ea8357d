#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The likeliest continuations of one text, several kept beside each other.
///
/// Texts that ended are ranked by the sum of their tokens' log-probabilities over their length to the
/// power of `lengthPenalty`; the search ends when no running text can beat the worst of as many
/// finished ones as there are beams, or at the limit. Source: transformers' beam search with
/// `early_stopping=False`, whose choices it makes.
struct BeamSearch {
  /// A text and the sum of its log-probabilities; of finished ones, over the length's power.
  private struct Beam {
    var tokens: [Int32]
    var score: Float
  }

  /// What each running beam goes on with.
  struct Step {
    /// The beam that each new one goes on from.
    let parents: [Int]
    /// The token that each is given.
    let tokens: [Int32]
  }

  private let beams: Int
  private let lengthPenalty: Float
  private let maxNewTokens: Int
  private let ends: Set<Int32>
  private var running: [Beam]
  private var finished: [Beam] = []
  private var canImprove = true

  /// Begins with empty texts.
  ///
  /// - Precondition: there is at least one beam and one token to write.
  init(beams: Int, lengthPenalty: Double, maxNewTokens: Int, ends: Set<Int32>) {
    self.beams = beams
    self.lengthPenalty = Float(lengthPenalty)
    self.maxNewTokens = maxNewTokens
    self.ends = ends
    // The first step sees the same logits in every beam: only one may bring candidates.
    running = (0..<beams).map { Beam(tokens: [], score: $0 == 0 ? 0 : -1e9) }
  }

  /// The best text: of the finished ones, else of those that still ran; without its end token.
  var best: [Int32] {
    let tokens = (finished.first ?? running.first)?.tokens ?? []
    return tokens.last.map(ends.contains) ?? false ? Array(tokens.dropLast()) : tokens
  }

  /// Chooses what each beam goes on with, from `logits` of the next token, a row a beam; nil when
  /// the search is over.
  ///
  /// A `forced` token is the only one that may follow, and as likely as what came before it.
  mutating func advance(_ logits: UnsafeBufferPointer<Float>, forced: Int32? = nil) -> Step? {
    let vocabulary = logits.count / beams
    let length = (running.first?.tokens.count ?? 0) + 1
    let isLast = length >= maxNewTokens
    let candidates = best(
      (1 + max(1, ends.count)) * beams, of: logits, vocabulary, forced: forced)
    var next: [(parent: Int, beam: Beam)] = []
    var ended: [Beam] = []
    for (place, candidate) in candidates.enumerated() {
      let token = Int32(candidate.index % vocabulary)
      let parent = candidate.index / vocabulary
      let beam = Beam(tokens: running[parent].tokens + [token], score: candidate.score)
      if isLast || ends.contains(token) {
        guard place < beams, canImprove else { continue }
        ended.append(
          Beam(tokens: beam.tokens, score: beam.score / pow(Float(length), lengthPenalty)))
      } else if next.count < beams {
        next.append((parent, beam))
      }
    }
    finished += ended
    // Of equal scores the earlier stays first.
    finished = finished.enumerated().sorted {
      ($0.element.score, $1.offset) > ($1.element.score, $0.offset)
    }.prefix(beams).map(\.element)
    guard !isLast, !next.isEmpty else { return nil }
    running = next.map(\.beam)
    let hope = running[0].score / pow(Float(length), lengthPenalty)
    let worst = finished.count == beams ? finished[beams - 1].score : -1e9
    canImprove = canImprove && hope > worst
    return canImprove
      ? Step(parents: next.map(\.parent), tokens: running.map { $0.tokens[length - 1] }) : nil
  }

  /// The `count` largest sums of a beam's score and a token's log-probability, largest first.
  private func best(
    _ count: Int, of logits: UnsafeBufferPointer<Float>, _ vocabulary: Int, forced: Int32?
  ) -> [(index: Int, score: Float)] {
    var top: [(index: Int, score: Float)] = []
    for beam in running.indices {
      if let forced {
        top.append((beam * vocabulary + Int(forced), running[beam].score))
        continue
      }
      let row = UnsafeBufferPointer(rebasing: logits[beam * vocabulary..<(beam + 1) * vocabulary])
      let highest = row.max() ?? 0
      let logSum = log(row.reduce(0) { $0 + exp(Double($1 - highest)) })
      for (token, logit) in row.enumerated() {
        let score = running[beam].score + Float(Double(logit - highest) - logSum)
        if top.count == count, let last = top.last, score <= last.score { continue }
        let place = top.firstIndex { $0.score < score } ?? top.count
        top.insert((beam * vocabulary + token, score), at: place)
        if top.count > count { top.removeLast() }
      }
    }
    return top
  }
}
