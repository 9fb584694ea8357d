/// The tokens of a model by id, and their ids by text.
///
/// Texts are told apart by their bytes: `é` and `e` with an accent are different tokens.
struct Vocabulary: Sendable {
  /// The largest id that a vocabulary may hold.
  static let largestID = 1 << 24

  /// The text of each id's token; nil for an id without one.
  let tokens: [String?]
  /// The positions of ``strings`` are those of ``stringIDs``.
  private let strings: ByteStringTable
  private let stringIDs: [Int32]

  /// Makes a vocabulary of `entries`, whose ids must be distinct.
  ///
  /// Of a text with several ids the last counts.
  ///
  /// - Throws: ``TokenizerError/invalidID(_:token:)`` for an id out of range or given twice.
  init(_ entries: [(token: String, id: Int)]) throws(TokenizerError) {
    var tokens = [String?](repeating: nil, count: entries.count)
    var strings = ByteStringTable(capacity: entries.count)
    var stringIDs: [Int32] = []
    stringIDs.reserveCapacity(entries.count)
    for (token, id) in entries {
      guard id >= 0, id < Self.largestID else { throw .invalidID(id, token: token) }
      while tokens.count <= id { tokens.append(nil) }
      guard tokens[id] == nil else { throw .invalidID(id, token: token) }
      tokens[id] = token
      let position = strings.insert(Array(token.utf8))
      if position == stringIDs.count {
        stringIDs.append(Int32(truncatingIfNeeded: id))
      } else {
        stringIDs[position] = Int32(truncatingIfNeeded: id)
      }
    }
    self.tokens = tokens
    self.strings = strings
    self.stringIDs = stringIDs
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

  /// The text of an id's token.
  func token(of id: Int32) -> String? {
    let position = Int(id)
    return tokens.indices.contains(position) ? tokens[position] : nil
  }

  /// The ids of the tokens `<0x00>` to `<0xFF>`, or -1.
  var byteTokenIDs: [Int32] {
    (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return id(of: "<0x" + (digits.count < 2 ? "0" : "") + digits + ">") ?? -1
    }
  }
}
