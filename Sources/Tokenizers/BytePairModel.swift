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

  /// The largest id that a vocabulary may hold.
  static let largestID = 1 << 24

  let options: Options
  /// The text of each id's token; nil for an id without one.
  let tokens: [String?]
  /// The positions of ``strings`` are those of ``stringIDs``.
  private let strings: ByteStringTable
  private let stringIDs: [Int32]
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

  /// Makes a model of `vocabulary`, whose ids must be distinct, and `merges`, the earliest first.
  ///
  /// - Throws: ``TokenizerError`` for ids out of range, merges of unknown tokens, and an unknown
  ///   token that is not in the vocabulary.
  init(
    vocabulary: [(token: String, id: Int)], merges mergePairs: [(String, String)],
    options: Options
  ) throws(TokenizerError) {
    self.options = options
    var tokens = [String?](repeating: nil, count: vocabulary.count)
    var strings = ByteStringTable(capacity: vocabulary.count)
    var stringIDs: [Int32] = []
    stringIDs.reserveCapacity(vocabulary.count)
    for (token, id) in vocabulary {
      guard id >= 0, id < Self.largestID else { throw .invalidID(id, token: token) }
      while tokens.count <= id { tokens.append(nil) }
      guard tokens[id] == nil else { throw .invalidID(id, token: token) }
      tokens[id] = token
      if strings.insert(Array(token.utf8)) == stringIDs.count {
        stringIDs.append(Int32(truncatingIfNeeded: id))
      }
    }
    func id(_ token: String) -> Int32? {
      strings.position(of: Array(token.utf8)).map { stringIDs[$0] }
    }

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
    fallbackIDs = (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return id("<0x" + (digits.count < 2 ? "0" : "") + digits + ">") ?? -1
    }
    var words = ByteStringTable()
    var wordIDs: [Int32] = []
    if options.ignoresMerges, options.unit == .byte {
      for (token, id) in vocabulary {
        guard let bytes = ByteAlphabet.bytes(of: token) else { continue }
        if words.insert(bytes) == wordIDs.count { wordIDs.append(Int32(truncatingIfNeeded: id)) }
      }
    }
    self.words = words
    self.wordIDs = wordIDs
    self.tokens = tokens
    self.strings = strings
    self.stringIDs = stringIDs
    merges = table
    mergeList = list
  }

  /// The id of a token by its text.
  func id(of token: String) -> Int32? {
    var token = token
    return token.withUTF8 { id(ofUTF8: $0) }
  }

  /// The id of a token by its text's UTF-8.
  func id(ofUTF8 bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
    strings.position(of: bytes).map { stringIDs[$0] }
  }

  /// The id of the token that is a whole word, given by the bytes that the word stands for.
  func id(ofWord word: UnsafeBufferPointer<UInt8>) -> Int32? {
    switch options.unit {
    case .byte: words.position(of: word).map { wordIDs[$0] }
    case .scalar: id(ofUTF8: word)
    }
  }

  /// The text of an id's token.
  func token(of id: Int32) -> String? {
    let position = Int(id)
    return tokens.indices.contains(position) ? tokens[position] : nil
  }
}
