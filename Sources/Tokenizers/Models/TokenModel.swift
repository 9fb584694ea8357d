/// What makes tokens of a word.
enum TokenModel: Sendable {
  case bytePair(BytePairModel)
  case wordPiece(WordPieceModel)
  case wordLevel(WordLevelModel)
  case unigram(UnigramModel)

  /// The model's tokens.
  var vocabulary: Vocabulary {
    switch self {
    case .bytePair(let model): model.vocabulary
    case .wordPiece(let model): model.vocabulary
    case .wordLevel(let model): model.vocabulary
    case .unigram(let model): model.vocabulary
    }
  }

  /// The token for what the vocabulary does not have.
  var unknownID: Int32? {
    switch self {
    case .bytePair(let model): model.unknownID
    case .wordPiece(let model): model.unknownID
    case .wordLevel(let model): model.unknownID
    case .unigram(let model): model.unknownID
    }
  }

  /// The longest word in bytes; a longer one is encoded in parts, cut between scalars.
  var longestWord: Int {
    switch self {
    case .bytePair, .wordPiece, .wordLevel: BytePairModel.longestWord
    // The best path keeps a node for each byte.
    case .unigram: 1 << 22
    }
  }

  /// Appends the tokens of one word of at most ``longestWord`` bytes of valid UTF-8.
  func encode(_ word: UnsafeBufferPointer<UInt8>, into output: inout [WordToken]) {
    switch self {
    case .bytePair(let model): model.encode(word, into: &output)
    case .wordPiece(let model): model.encode(word, into: &output)
    case .wordLevel(let model): model.encode(word, into: &output)
    case .unigram(let model): model.encode(word, into: &output)
    }
  }
}

/// A model that knows whole words only.
struct WordLevelModel: Sendable {
  let vocabulary: Vocabulary
  /// The token for other words; without one they are left out.
  let unknownID: Int32?

  init(vocabulary: Vocabulary, unknownToken: String) {
    self.vocabulary = vocabulary
    unknownID = vocabulary.id(of: unknownToken)
  }

  func encode(_ word: UnsafeBufferPointer<UInt8>, into output: inout [WordToken]) {
    guard !word.isEmpty, let id = vocabulary.id(ofUTF8: word) ?? unknownID else { return }
    output.append(WordToken(id: id, 0, word.count))
  }
}
