/// The tokens of two texts as a model that takes pairs reads them.
package struct PairEncoding: Hashable, Sendable {
  /// The token ids of both texts, with what the post-processor adds.
  package var ids: [Int32] = []
  /// For each token the number that tells the model which text it belongs to.
  package var typeIDs: [Int32] = []
  /// For each token the text that it is part of, nil for one that the post-processor added.
  package var sources: [Source?] = []
  /// For each token the bytes of its own text's UTF-8 that it holds; an added one holds none.
  package var spans: [Range<Int>] = []

  /// One of the two texts.
  package enum Source: Hashable, Sendable {
    case first
    case second
  }
}

extension Tokenizer {
  /// How many tokens the post-processor adds to one text, or to two.
  package func addedTokenCount(forPair isPair: Bool) -> Int {
    parts.postProcessor.addedCount(toPair: isPair)
  }

  /// Encodes two texts as one row: what BERT writes as `[CLS] first [SEP] second [SEP]`.
  ///
  /// With `maxLength` the longer text is cut at its end until both, with what is added, have at
  /// most that many tokens; of equally long ones the second keeps the odd token. This is
  /// Hugging Face's `longest_first`.
  package func encode(
    _ first: String, pair second: String, addSpecialTokens: Bool = true, maxLength: Int? = nil
  ) -> PairEncoding {
    var encodings = [
      encode(first, addSpecialTokens: false), encode(second, addSpecialTokens: false),
    ]
    if let maxLength {
      let added = addSpecialTokens ? addedTokenCount(forPair: true) : 0
      let counts = Self.counts(
        encodings[0].ids.count, encodings[1].ids.count, within: max(0, maxLength - added))
      for (index, count) in [counts.0, counts.1].enumerated() {
        encodings[index].ids.removeSubrange(min(count, encodings[index].ids.count)...)
        encodings[index].spans.removeSubrange(min(count, encodings[index].spans.count)...)
      }
    }
    var result = PairEncoding()
    for piece in parts.postProcessor.pair {
      switch piece {
      case .text(let isSecond, let type):
        let encoding = encodings[isSecond ? 1 : 0]
        result.append(encoding.ids, encoding.spans, type, isSecond ? .second : .first)
      case .tokens(let ids, let type) where addSpecialTokens:
        result.append(ids, Array(repeating: 0..<0, count: ids.count), type, nil)
      case .tokens: continue
      }
    }
    return result
  }

  /// How many tokens of each text are kept so that together they are at most `limit`.
  private static func counts(_ first: Int, _ second: Int, within limit: Int) -> (Int, Int) {
    guard first + second > limit else { return (first, second) }
    var shorter = min(first, second)
    var longer = shorter > limit ? shorter : max(shorter, limit - shorter)
    if shorter + longer > limit {
      shorter = limit / 2
      longer = shorter + limit % 2
    }
    return first > second ? (longer, shorter) : (shorter, longer)
  }
}

extension PairEncoding {
  fileprivate mutating func append(
    _ ids: [Int32], _ spans: [Range<Int>], _ type: Int32, _ source: Source?
  ) {
    self.ids += ids
    self.spans += spans
    typeIDs += Array(repeating: type, count: ids.count)
    sources += Array(repeating: source, count: ids.count)
  }
}
