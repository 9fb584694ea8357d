/// A byte-pair encoding: a vocabulary and ranked merges.
///
/// Source: Sennrich et al. 2016, arXiv 1508.07909; behaviour of Hugging Face `tokenizers`' `BPE`.
struct BytePairModel: Sendable {
  /// What a piece of text is cut into before the merges.
  enum Unit: Hashable, Sendable {
    /// Bytes, which the vocabulary writes by ``ByteAlphabet``.
    case byte
    /// Unicode scalars.
    case scalar
  }

  /// Switches of `tokenizer.json`'s `model`.
  struct Options: Hashable, Sendable {
    var unit = Unit.byte
    var unknownToken: String?
    var fusesUnknown = false
    var fallsBackToBytes = false
    var ignoresMerges = false
  }

  let options: Options
  let vocabulary: Vocabulary
  /// The tokens by the bytes they stand for, where a whole word is looked up before merging.
  private let words: ByteStringTable
  private let wordIDs: [Int32]
  let merges: MergeTable
  /// The merges as they were given, by rank.
  let mergeList: [(left: Int32, right: Int32)]
  /// The token of each single byte (``Unit/byte``) or of each ASCII scalar, or -1.
  let byteIDs: [Int32]
  /// The tokens `<0x00>` to `<0xFF>`, or -1.
  let fallbackIDs: [Int32]
  let unknownID: Int32?

  /// Makes a model of `vocabulary` and `merges`, the earliest first.
  ///
  /// - Throws: ``TokenizerError`` for merges of unknown tokens, and an unknown token that is not in
  ///   the vocabulary.
  init(
    vocabulary: Vocabulary, merges mergePairs: [(String, String)], options: Options
  ) throws(TokenizerError) {
    self.options = options
    self.vocabulary = vocabulary
    func id(_ token: String) -> Int32? { vocabulary.id(of: token) }

    var table = MergeTable(capacity: mergePairs.count)
    var list: [(left: Int32, right: Int32)] = []
    list.reserveCapacity(mergePairs.count)
    for (rank, (left, right)) in mergePairs.enumerated() {
      guard let leftID = id(left) else { throw .unknownMerge(index: rank, token: left) }
      guard let rightID = id(right) else { throw .unknownMerge(index: rank, token: right) }
      guard let whole = id(left + right) else {
        throw .unknownMerge(index: rank, token: left + right)
      }
      table.insert(leftID, rightID, .init(rank: UInt32(truncatingIfNeeded: rank), id: whole))
      list.append((leftID, rightID))
    }

    if let unknown = options.unknownToken {
      guard let unknownID = id(unknown) else {
        throw .unknownToken(unknown, role: "unknown token")
      }
      self.unknownID = unknownID
    } else {
      unknownID = nil
    }
    switch options.unit {
    case .byte: byteIDs = ByteAlphabet.scalars.map { id(String($0)) ?? -1 }
    case .scalar: byteIDs = (UInt8(0)..<128).map { id(String(Unicode.Scalar($0))) ?? -1 }
    }
    fallbackIDs = vocabulary.byteTokenIDs
    var words = ByteStringTable()
    var wordIDs: [Int32] = []
    if options.ignoresMerges, options.unit == .byte {
      for (id, token) in vocabulary.tokens.enumerated() {
        guard let token, let bytes = ByteAlphabet.bytes(of: token) else { continue }
        if words.insert(bytes) == wordIDs.count { wordIDs.append(Int32(truncatingIfNeeded: id)) }
      }
    }
    self.words = words
    self.wordIDs = wordIDs
    merges = table
    mergeList = list
  }

  /// The id of the token that is a whole word, given by the bytes that the word stands for.
  func id(ofWord word: UnsafeBufferPointer<UInt8>) -> Int32? {
    switch options.unit {
    case .byte: words.position(of: word).map { wordIDs[$0] }
    case .scalar: vocabulary.id(ofUTF8: word)
    }
  }
}
