/// The pre-tokenizers that GGUF files name in `tokenizer.ggml.pre`, by what they do.
private enum GGUFPreTokenizer: String, CaseIterable {
  case gpt2 = "gpt-2"
  case `default`
  case smollm, starcoder, refact
  case commandR = "command-r"
  case codeshell, exaone
  case minerva = "minerva-7b"
  case llama3
  case llamaBPE = "llama-bpe"
  case llamaV3 = "llama-v3"
  case qwen2
  case stablelm2
  case mpt, olmo, jais
  case gpt2Chinese = "gpt-2-chinese"

  private static let words =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"#
  private static let rest =
    #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// The splits before the bytes are written, and whether GPT-2's pattern splits last.
  var splits: (patterns: [String], digits: Bool, gpt2: Bool) {
    switch self {
    case .gpt2, .mpt, .olmo, .jais, .gpt2Chinese: ([], false, true)
    case .smollm, .starcoder, .refact, .commandR, .codeshell, .exaone, .minerva:
      ([], true, true)
    case .llama3, .llamaBPE, .llamaV3: ([Self.words + #"\p{N}{1,3}"# + Self.rest], false, false)
    case .qwen2, .stablelm2: ([Self.words + #"\p{N}"# + Self.rest], false, false)
    case .default:
      (
        [
          #"[\p{P}\$\+<=>\^~\|]+"#,
          #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
          #"\p{N}+"#, "[0-9][0-9][0-9]",
        ], false, false
      )
    }
  }

  /// Whether a word that is a token is one, whatever the merges say.
  var ignoresMerges: Bool {
    switch self {
    case .llama3, .llamaBPE, .llamaV3: true
    case .gpt2, .default, .smollm, .starcoder, .refact, .commandR, .codeshell, .exaone, .minerva,
      .qwen2, .stablelm2, .mpt, .olmo, .jais, .gpt2Chinese:
      false
    }
  }
}

extension Tokenizer {
  /// How a GGUF file marks its tokens in `tokenizer.ggml.token_type`.
  private enum TokenType {
    static let unknown: Int32 = 2
    static let control: Int32 = 3
    static let userDefined: Int32 = 4
  }

  /// Makes a byte-level tokenizer of the metadata of a GGUF file (`tokenizer.ggml.model` `gpt2`).
  ///
  /// `bytePairTokens` are the tokens by id, written by GPT-2's alphabet of bytes; `merges` are two
  /// tokens with a space between; of `types` control tokens are special, user-defined ones added;
  /// `preTokenizer` is `tokenizer.ggml.pre`, for example `smollm`; with `addBOS` and `addEOS` a
  /// text's tokens stand between the beginning and the end token.
  ///
  /// - Throws: ``TokenizerError`` for a pre-tokenizer that is not known, and for ids, types and
  ///   merges that do not fit the tokens.
  package init(
    bytePairTokens: [String], merges: [String], types: [Int32]?, preTokenizer: String,
    bosID: Int?, eosID: Int?, unknownID: Int?, padID: Int?, addBOS: Bool, addEOS: Bool,
    chatTemplate: String?
  ) throws(TokenizerError) {
    guard let kind = GGUFPreTokenizer(rawValue: preTokenizer) else {
      throw .unsupported(component: "pre-tokenizer", kind: preTokenizer)
    }
    if let types, types.count != bytePairTokens.count {
      throw .malformed(member: "tokenizer.ggml.token_type", expected: "one for each token")
    }
    func token(_ id: Int?, _ role: String) throws(TokenizerError) -> String? {
      guard let id else { return nil }
      guard bytePairTokens.indices.contains(id) else { throw .invalidID(id, token: role) }
      return bytePairTokens[id]
    }
    let roles = Roles(
      beginning: try token(bosID, "beginning token"), end: try token(eosID, "end token"),
      pad: try token(padID, "pad token"), unknown: try token(unknownID, "unknown token"))
    var parts = TokenizerWriting.BytePairParts(
      vocabulary: bytePairTokens, merges: [],
      addedTokens: Self.addedTokens(bytePairTokens, types), preTokenizer: .null)
    for (rank, merge) in merges.enumerated() {
      guard let pair = ModelReading.pair(merge) else {
        throw .malformed(member: "tokenizer.ggml.merges[\(rank)]", expected: "two tokens")
      }
      parts.merges.append(pair)
    }
    let (patterns, digits, gpt2) = kind.splits
    var steps = patterns.map { TokenizerWriting.split($0) }
    if digits { steps.append(["type": "Digits", "individual_digits": true]) }
    steps.append(TokenizerWriting.byteLevel(splits: gpt2))
    parts.preTokenizer =
      steps.count == 1 ? steps[0] : ["type": "Sequence", "pretokenizers": .array(steps)]
    if kind == .qwen2 { parts.normalizer = ["type": "NFC"] }
    parts.ignoresMerges = kind.ignoresMerges
    if addBOS, let beginning = roles.beginning { parts.prefix = [beginning] }
    if addEOS, let end = roles.end { parts.suffix = [end] }
    try self.init(
      tokenizerJSON: try TokenizerWriting.tokenizer(parts),
      configuration: TokenizerWriting.configuration(roles, chatTemplate: chatTemplate))
  }

  private static func addedTokens(_ tokens: [String], _ types: [Int32]?) -> [AddedToken] {
    guard let types else { return [] }
    var added: [AddedToken] = []
    for (id, (token, type)) in zip(tokens, types).enumerated() where !token.isEmpty {
      switch type {
      case TokenType.unknown, TokenType.control:
        added.append(AddedToken(id: Int32(id), content: token))
      case TokenType.userDefined:
        added.append(AddedToken(id: Int32(id), content: token, isSpecial: false))
      default: continue
      }
    }
    return added
  }
}
