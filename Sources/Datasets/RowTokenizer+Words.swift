extension RowTokenizer {
  /// What stands before a word that is encoded alone, so that it is encoded as inside a text.
  ///
  /// Byte-level tokenizers tell a word behind a space from one at the start of a text. Where a
  /// space is a token of its own it would be one too many.
  static func wordPrefix(_ encoder: Encoder) -> String {
    let alone = encoder.encode("a", addSpecialTokens: false).ids
    let spaced = encoder.encode(" a", addSpecialTokens: false).ids
    return spaced.count > alone.count ? "" : " "
  }

  /// The row of words that were told apart before, with a label at the first token of each.
  ///
  /// A word's other tokens, and those that the tokenizer adds, carry no loss, as in Hugging Face's
  /// recipe for token classification; neither does a word whose tag is −100.
  func tagged(
    _ source: SourceRow, tokens: String, tags: String, _ labels: LabelNumbers
  ) throws(DatasetError) -> EncodedRow {
    let words = try LabelCells.texts(of: source, column: tokens)
    let names = try LabelCells.texts(of: source, column: tags)
    guard words.count == names.count else {
      throw .invalidRow(.tagCount(words: words.count, tags: names.count), at: source.place)
    }
    var ids: [Int32] = []
    var targets: [Int32] = []
    for (word, name) in zip(words, names) {
      let number =
        name == "-100" ? -1 : Int32(clamping: try labels.number(of: name, at: source.place))
      let pieces = encoder.encode(wordPrefix + word, addSpecialTokens: false).ids
      ids += pieces
      targets += pieces.indices.map { $0 == 0 ? number : -1 }
    }
    guard !ids.isEmpty else { return EncodedRow() }
    var row = EncodedRow(ids: frame.around(ids, limit: maxLength))
    let padding = Array(repeating: Int32(-1), count: row.ids.count)
    row.targets = Array((padding.prefix(frame.prefix.count) + targets).prefix(row.ids.count))
    let room = max(0, row.ids.count - frame.suffix.count)
    row.targets = Array((row.targets.prefix(room) + padding).prefix(row.ids.count))
    row.isSupervised = row.targets.map { $0 >= 0 }
    row.wholeLength = frame.length(around: ids.count)
    return row
  }
}
