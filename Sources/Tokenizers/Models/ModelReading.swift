import JSONSyntax

/// Reads the `model` of a `tokenizer.json`.
enum ModelReading {
  /// The model; `isByteLevel` says whether words come written by ``ByteAlphabet``.
  ///
  /// - Throws: ``TokenizerError`` for members of the wrong kind and models that are not known.
  static func model(
    _ value: JSONValue?, isByteLevel: Bool
  ) throws(TokenizerError) -> TokenModel {
    guard let value, value.object != nil else {
      throw .malformed(member: "model", expected: "an object")
    }
    let kind = try kind(of: value)
    if isByteLevel, kind != "BPE" {
      throw .unsupported(component: "model", kind: "\(kind) over bytes")
    }
    switch kind {
    case "BPE": return .bytePair(try bytePair(value, unit: isByteLevel ? .byte : .scalar))
    case "WordPiece":
      return .wordPiece(
        try WordPieceModel(
          vocabulary: try vocabulary(value), unknownToken: value["unk_token"]?.string ?? "[UNK]",
          continuingPrefix: value["continuing_subword_prefix"]?.string ?? "##",
          longestWord: try longestWord(value)))
    case "WordLevel":
      return .wordLevel(
        WordLevelModel(
          vocabulary: try vocabulary(value), unknownToken: value["unk_token"]?.string ?? "<unk>"))
    case "Unigram": return .unigram(try unigram(value))
    default: throw .unsupported(component: "model", kind: kind)
    }
  }

  /// The kind of a model; older files leave it out.
  private static func kind(of value: JSONValue) throws(TokenizerError) -> String {
    if let kind = value["type"] {
      guard let kind = kind.string else {
        throw .malformed(member: "model.type", expected: "a text")
      }
      return kind
    }
    if value["merges"] != nil { return "BPE" }
    if value["vocab"]?.array != nil { return "Unigram" }
    return value["max_input_chars_per_word"] != nil ? "WordPiece" : "BPE"
  }

  private static func longestWord(_ value: JSONValue) throws(TokenizerError) -> Int {
    guard let member = value["max_input_chars_per_word"], !member.isNull else { return 100 }
    guard let count = member.integer, count >= 0 else {
      throw .malformed(member: "model.max_input_chars_per_word", expected: "a number")
    }
    return count
  }

  private static func bytePair(
    _ value: JSONValue, unit: BytePairModel.Unit
  ) throws(TokenizerError) -> BytePairModel {
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
      guard value[name]?.string ?? "" == "" else {
        throw .unsupported(component: "model option", kind: name)
      }
    }
    guard value["dropout"]?.number ?? 0 == 0 else {
      throw .unsupported(component: "model option", kind: "dropout")
    }
    var options = BytePairModel.Options(unit: unit)
    options.unknownToken = value["unk_token"]?.string
    options.fusesUnknown = try ComponentReading.flag(value, "fuse_unk", in: "model", default: false)
    options.fallsBackToBytes = try ComponentReading.flag(
      value, "byte_fallback", in: "model", default: false)
    options.ignoresMerges = try ComponentReading.flag(
      value, "ignore_merges", in: "model", default: false)
    let vocabulary = try vocabulary(value)
    var merges: [(String, String)] = []
    for merge in try ComponentReading.list(value, "merges", in: "model") {
      guard let pair = pair(merge) else {
        throw .malformed(member: "model.merges[\(merges.count)]", expected: "two tokens")
      }
      merges.append(pair)
    }
    return try BytePairModel(vocabulary: vocabulary, merges: merges, options: options)
  }

  private static func unigram(_ value: JSONValue) throws(TokenizerError) -> UnigramModel {
    var entries: [(token: String, score: Double)] = []
    for entry in try ComponentReading.list(value, "vocab", in: "model") {
      guard let pair = entry.array, pair.count == 2, let token = pair[0].string,
        let score = pair[1].number
      else {
        throw .malformed(member: "model.vocab[\(entries.count)]", expected: "a token and its score")
      }
      entries.append((token, score))
    }
    var unknownID: Int?
    if let member = value["unk_id"], !member.isNull {
      guard let id = member.integer else {
        throw .malformed(member: "model.unk_id", expected: "a number")
      }
      unknownID = id
    }
    return try UnigramModel(
      entries, unknownID: unknownID,
      fallsBackToBytes: try ComponentReading.flag(
        value, "byte_fallback", in: "model", default: false))
  }

  /// The vocabulary, written as an object of ids.
  private static func vocabulary(_ value: JSONValue) throws(TokenizerError) -> Vocabulary {
    guard let members = value["vocab"]?.object?.members else {
      throw .malformed(member: "model.vocab", expected: "an object")
    }
    var vocabulary: [(token: String, id: Int)] = []
    vocabulary.reserveCapacity(members.count)
    for (token, id) in members {
      guard let id = id.integer else {
        throw .malformed(member: "model.vocab", expected: "an object of ids")
      }
      vocabulary.append((token, id))
    }
    return try Vocabulary(vocabulary)
  }

  /// A merge, written `["a", "b"]` or `"a b"`.
  private static func pair(_ merge: JSONValue) -> (String, String)? {
    if let text = merge.string { return pair(text) }
    guard let pair = merge.array, pair.count == 2, let left = pair[0].string,
      let right = pair[1].string
    else { return nil }
    return (left, right)
  }

  /// A merge written as two tokens with a space between.
  static func pair(_ merge: String) -> (String, String)? {
    let bytes = merge.utf8
    guard let space = bytes.firstIndex(of: 0x20) else { return nil }
    let left = bytes[..<space]
    let right = bytes[bytes.index(after: space)...]
    guard !left.isEmpty, !right.isEmpty, !right.contains(0x20) else { return nil }
    return (String(Substring(left)), String(Substring(right)))
  }
}
