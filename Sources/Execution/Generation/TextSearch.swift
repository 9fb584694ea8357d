import Planning

/// The choice of one text's tokens: greedy, or by beams.
enum TextSearch {
  case greedy([Int32], isOver: Bool, ends: Set<Int32>, limit: Int)
  case beams(BeamSearch, isOver: Bool)

  init(_ settings: PreparedWriting, ends: Set<Int32>) {
    self =
      settings.beams == 1
      ? .greedy([], isOver: false, ends: ends, limit: settings.maxNewTokens)
      : .beams(
        BeamSearch(
          beams: settings.beams, lengthPenalty: settings.lengthPenalty,
          maxNewTokens: settings.maxNewTokens, ends: ends), isOver: false)
  }

  var isOver: Bool {
    switch self {
    case .greedy(_, let isOver, _, _), .beams(_, let isOver): isOver
    }
  }

  /// The text so far, without its end token.
  var best: [Int32] {
    switch self {
    case .greedy(let tokens, _, _, _): tokens
    case .beams(let search, _): search.best
    }
  }

  /// Chooses from the next token's `logits`, a row a beam; nil when the text is over.
  ///
  /// A `forced` token is the only one that may follow.
  mutating func advance(
    _ logits: UnsafeBufferPointer<Float>, forced: Int32?
  ) -> BeamSearch.Step? {
    switch self {
    case .greedy(var tokens, _, let ends, let limit):
      let next = forced ?? TokenSampler.largest(logits)
      let isEnd = ends.contains(next)
      if !isEnd { tokens.append(next) }
      let isOver = isEnd || tokens.count >= limit
      self = .greedy(tokens, isOver: isOver, ends: ends, limit: limit)
      return isOver ? nil : BeamSearch.Step(parents: [0], tokens: [next])
    case .beams(var search, _):
      let step = search.advance(logits, forced: forced)
      self = .beams(search, isOver: step == nil)
      return step
    }
  }
}
