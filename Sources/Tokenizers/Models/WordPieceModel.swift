/// BERT's model: a word is cut into the longest tokens that fit, from left to right.
///
/// A word that does not come out even, or that is too long, is one unknown token.
///
/// Source: Devlin et al. 2018, arXiv 1810.04805; behaviour of Hugging Face `tokenizers`'
/// `WordPiece`.
struct WordPieceModel: Sendable {
  let vocabulary: Vocabulary
  let unknownID: Int32?
  private let unknown: Int32
  private let trie: ByteTrie
  /// Where the tokens lie that do not begin a word: behind a prefix, for example `##`.
  private let continuing: Int32?
  /// How many scalars a word has at most.
  private let longestWord: Int

  /// Makes a model of `vocabulary`.
  ///
  /// - Throws: ``TokenizerError/unknownToken(_:role:)`` where the unknown token is none.
  init(
    vocabulary: Vocabulary, unknownToken: String, continuingPrefix: String, longestWord: Int
  ) throws(TokenizerError) {
    guard let id = vocabulary.id(of: unknownToken) else {
      throw .unknownToken(unknownToken, role: "unknown token")
    }
    self.vocabulary = vocabulary
    unknown = id
    unknownID = id
    var trie = ByteTrie(capacity: vocabulary.tokens.count * 4)
    for case let token? in vocabulary.tokens {
      if let id = vocabulary.id(of: token) { trie.insert(token.utf8, value: id) }
    }
    self.trie = trie
    continuing = trie.node(after: continuingPrefix.utf8)
    self.longestWord = longestWord
  }

  /// Appends the tokens of one word.
  ///
  /// Cost: for n bytes and a longest token of L bytes O(n · L).
  func encode(_ word: UnsafeBufferPointer<UInt8>, into output: inout [WordToken]) {
    guard !word.isEmpty else { return }
    let first = output.count
    func giveUp() {
      output.removeSubrange(first...)
      output.append(WordToken(id: unknown, 0, word.count))
    }
    guard Self.scalarCount(of: word, atMost: longestWord) != nil else { return giveUp() }
    var start = 0
    while start < word.count {
      var found: (end: Int, id: Int32)?
      if let node = start == 0 ? 0 : continuing {
        trie.forEachPrefix(of: word, from: start, at: node) { found = ($0, $1) }
      }
      guard let found else { return giveUp() }
      output.append(WordToken(id: found.id, start, found.end))
      start = found.end
    }
  }

  /// How many scalars `word` has; nil where they are more than `limit`.
  private static func scalarCount(
    of word: UnsafeBufferPointer<UInt8>, atMost limit: Int
  ) -> Int? {
    var count = 0
    for byte in word where byte & 0xC0 != 0x80 {
      count += 1
      if count > limit { return nil }
    }
    return count
  }
}
