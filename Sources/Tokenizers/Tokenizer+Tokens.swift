extension Tokenizer {
  /// The bytes that a token stands for inside a text, which may end within a character.
  ///
  /// An added token is written as it stands in a text; an id without a token has no bytes.
  package func bytes(ofToken id: Int32) -> [UInt8] {
    if let added = addedByID[id] { return Array(added.content.utf8) }
    guard parts.decoder != nil else {
      return parts.model.vocabulary.token(of: id).map { Array($0.utf8) } ?? []
    }
    return decodeBytes([id], skipSpecialTokens: false, continuing: true)
  }

  /// Whether the token is one that decoding leaves out when special tokens are to be skipped.
  package func isSpecial(_ id: Int32) -> Bool { addedByID[id]?.isSpecial ?? false }

  /// The tokens that the post-processor puts before a text.
  package var beginningIDs: [Int32] { parts.postProcessor.prefix }
}
