/// What a tokenizer puts around one text.
struct SpecialFrame: Hashable, Sendable {
  let prefix: [Int32]
  let suffix: [Int32]

  /// Nothing around.
  init() { (prefix, suffix) = ([], []) }

  /// Learns the frame from a text of one letter.
  init(_ encoder: some TextEncoder) {
    let plain = encoder.encode("a", addSpecialTokens: false).ids
    let framed = encoder.encode("a", addSpecialTokens: true).ids
    let count = max(0, framed.count - plain.count)
    let start = (0...count).first { framed.dropFirst($0).starts(with: plain) } ?? count
    prefix = Array(framed.prefix(start))
    suffix = Array(framed.suffix(count - start))
  }

  /// The tokens with the frame around them, cut so that all are at most `limit`.
  ///
  /// As Hugging Face truncates: what is cut is the end of the text, the frame stays.
  func around(_ ids: [Int32], limit: Int?) -> [Int32] {
    let room = limit.map { max(0, $0 - prefix.count - suffix.count) } ?? ids.count
    let framed = prefix + ids.prefix(room) + suffix
    return limit.map { Array(framed.prefix($0)) } ?? framed
  }

  /// How many tokens a text of `count` has with the frame.
  func length(around count: Int) -> Int { prefix.count + count + suffix.count }
}

extension RowTokenizer {
  /// The row of a text with what the tokenizer puts around it, cut to the limit.
  func framed(_ text: String) -> EncodedRow {
    let ids = encoder.encode(text, addSpecialTokens: false).ids
    guard !ids.isEmpty else { return EncodedRow() }
    var row = EncodedRow(ids: frame.around(ids, limit: maxLength))
    row.isSupervised = Array(repeating: false, count: row.ids.count)
    row.wholeLength = frame.length(around: ids.count)
    return row
  }

  /// The row of a text whose tokens may be hidden; those that the rule calls special may not.
  func maskable(_ text: String, _ rule: MaskingRule) -> EncodedRow {
    var row = framed(text)
    row.isSupervised = row.ids.map { !rule.specialIDs.contains($0) }
    row.isUnmasked = true
    return row
  }

  /// The row of a source and a target, each cut to its own limit.
  ///
  /// The labels are the target's tokens with what the tokenizer puts around them; the decoder's
  /// inputs are these, shifted.
  func translated(
    source: String, target: String, _ start: DecoderStart
  ) -> EncodedRow {
    let sourceIDs = encoder.encode(source, addSpecialTokens: false).ids
    let targetIDs = encoder.encode(target, addSpecialTokens: false).ids
    guard !sourceIDs.isEmpty, !targetIDs.isEmpty else { return EncodedRow() }
    let labels = frame.around(targetIDs, limit: maxLength)
    var row = EncodedRow(
      ids: start.inputs(for: labels), isSupervised: Array(repeating: true, count: labels.count))
    row.targets = labels
    row.sourceIDs = frame.around(sourceIDs, limit: maxSourceLength)
    row.wholeLength = frame.length(around: targetIDs.count)
    row.wholeSourceLength = frame.length(around: sourceIDs.count)
    row.isUnmasked = true
    return row
  }

  /// The row of a text, or of two as one.
  func described(_ text: String, pair: String?) -> EncodedRow {
    guard let pair else { return framed(text) }
    let whole = encoder.encode(text, pair: pair, limit: nil)
    let isCut = maxLength.map { whole.ids.count > $0 } ?? false
    let tokens = isCut ? encoder.encode(text, pair: pair, limit: maxLength) : whole
    var row = EncodedRow(
      ids: tokens.ids, isSupervised: Array(repeating: false, count: tokens.ids.count))
    row.secondStart = tokens.types.firstIndex { $0 != 0 }
    row.wholeLength = whole.ids.count
    return row
  }
}
