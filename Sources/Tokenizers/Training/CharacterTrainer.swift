import JSONSyntax

/// Makes a tokenizer whose tokens are single characters.
package enum CharacterTrainer {
  /// Takes the Unicode scalars of `texts` as tokens.
  ///
  /// Ids: the special tokens of `layout`, then the scalars in the order of their code points. With
  /// a `vocabularySize` that does not hold all of them the rarest are left out, of equals the one
  /// of the highest code point; what is not in the vocabulary is `<unk>`, as is U+0000, which many
  /// readers of JSON refuse.
  ///
  /// Written as a byte-pair encoding without merges, which other readers of `tokenizer.json` know.
  /// Cost: O(text).
  ///
  /// - Throws: ``TokenizerError/invalidTraining(setting:found:)`` where the size does not hold the
  ///   special tokens and one scalar, and ``TokenizerError/noTrainingText`` where there is none.
  package static func train(
    texts: some Sequence<String>, vocabularySize: Int? = nil, layout: SpecialTokenLayout = .bart
  ) throws(TokenizerError) -> Tokenizer {
    var counts: [UInt32: Int] = [:]
    for text in texts {
      for scalar in text.unicodeScalars where scalar.value > 0 {
        counts[scalar.value, default: 0] += 1
      }
    }
    guard !counts.isEmpty else { throw .noTrainingText }
    let special = layout.characterTokens
    if let vocabularySize {
      guard vocabularySize > special.count, vocabularySize < Vocabulary.largestID else {
        throw .invalidTraining(setting: "vocabulary_size", found: vocabularySize)
      }
    }
    let limit = (vocabularySize ?? Vocabulary.largestID - 1) - special.count
    let kept = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit)
    let scalars = kept.map(\.key).sorted().compactMap(Unicode.Scalar.init)
    var parts = TokenizerWriting.BytePairParts(
      vocabulary: special + scalars.map { String($0) }, merges: [], addedTokens: [],
      preTokenizer: .null)
    layout.apply(to: &parts)
    parts.decoder = ["type": "Fuse"]
    parts.unknown = "<unk>"
    for (id, token) in special.enumerated() {
      parts.addedTokens.append(AddedToken(id: Int32(truncatingIfNeeded: id), content: token))
    }
    return try Tokenizer(
      tokenizerJSON: try TokenizerWriting.tokenizer(parts),
      configuration: TokenizerWriting.configuration(
        layout.roles(unknown: "<unk>"), chatTemplate: nil))
  }
}
