/// How a decoder's text begins and ends.
package struct TextBounds: Hashable, Sendable {
  /// What stands before the first token that is written.
  package let start: Int32
  /// What stands where a line has no token.
  package let padding: Int32
  /// The tokens that end a text.
  package let ends: Set<Int32>
  /// What the first token must be, and what the last; nil leaves them free.
  package let forcedFirst: Int32?
  package let forcedLast: Int32?

  /// The only token that may stand at `position` of a text of at most `limit` tokens.
  package func forced(_ position: Int, of limit: Int) -> Int32? {
    if position == 0, let forcedFirst { return forcedFirst }
    return position + 1 == limit ? forcedLast : nil
  }
}

extension PreparedModel {
  /// The tokens that end a text: the tokenizer's, and those of config.json.
  package var endIDs: Set<Int32> {
    Set([tokenizer.endID].compactMap { $0 })
      .union(description.configuration.endTokenIDs.map { Int32(clamping: $0) })
  }

  /// How the model's decoder begins and ends a text.
  package var textBounds: TextBounds {
    TextBounds(
      start: startToken, padding: tokenizer.padID ?? 0, ends: endIDs,
      forcedFirst: forcedToken("forced_bos_token_id"),
      forcedLast: forcedToken("forced_eos_token_id"))
  }
}
