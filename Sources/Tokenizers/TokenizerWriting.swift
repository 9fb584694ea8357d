import JSONSyntax

/// Writes `tokenizer.json` and `tokenizer_config.json` for tokenizers that came without them.
enum TokenizerWriting {
  /// What a byte-pair tokenizer is made of.
  struct BytePairParts {
    var vocabulary: [String]
    var merges: [(String, String)]
    var addedTokens: [AddedToken]
    var normalizer: JSONValue = .null
    var preTokenizer: JSONValue
    var decoder = TokenizerWriting.byteLevel(splits: true)
    var unknown: String?
    var ignoresMerges = false
    /// The tokens put before and after a text.
    var prefix: [String] = []
    var suffix: [String] = []
    /// Whether two texts are written `<s> A </s> </s> B </s>`, as BART's, or each by itself.
    var joinsPairs = false
  }

  /// A byte-level pre-tokenizer or decoder.
  static func byteLevel(splits: Bool) -> JSONValue {
    [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
      "use_regex": .bool(splits),
    ]
  }

  /// A split by a regular expression into matches and what lies between.
  static func split(_ pattern: String) -> JSONValue {
    [
      "type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated",
      "invert": false,
    ]
  }

  /// The `tokenizer.json` of `parts`.
  ///
  /// - Throws: ``TokenizerError/invalidID(_:token:)`` where two ids have the same text.
  static func tokenizer(_ parts: BytePairParts) throws(TokenizerError) -> JSONValue {
    var vocabulary = JSONObject()
    for (id, token) in parts.vocabulary.enumerated() {
      guard vocabulary[token] == nil else { throw .invalidID(id, token: token) }
      vocabulary[token] = .integer(Int64(id))
    }
    let added = parts.addedTokens.map { token -> JSONValue in
      [
        "id": .integer(Int64(token.id)), "content": .string(token.content),
        "single_word": .bool(token.isSingleWord), "lstrip": .bool(token.stripsLeft),
        "rstrip": .bool(token.stripsRight), "normalized": .bool(token.isNormalized),
        "special": .bool(token.isSpecial),
      ]
    }
    return [
      "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(added),
      "normalizer": parts.normalizer, "pre_tokenizer": parts.preTokenizer,
      "post_processor": postProcessor(parts, vocabulary), "decoder": parts.decoder,
      "model": [
        "type": "BPE", "dropout": nil, "unk_token": parts.unknown.map { .string($0) } ?? .null,
        "continuing_subword_prefix": nil,
        "end_of_word_suffix": nil, "fuse_unk": false, "byte_fallback": false,
        "ignore_merges": .bool(parts.ignoresMerges), "vocab": .object(vocabulary),
        "merges": .array(parts.merges.map { .array([.string($0.0), .string($0.1)]) }),
      ],
    ]
  }

  private static func postProcessor(
    _ parts: BytePairParts, _ vocabulary: JSONObject
  ) -> JSONValue {
    let tokens = parts.prefix + parts.suffix
    guard !tokens.isEmpty else {
      return [
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false,
        "use_regex": true,
      ]
    }
    func special(_ token: String, _ type: Int64) -> JSONValue {
      ["SpecialToken": ["id": .string(token), "type_id": .integer(type)]]
    }
    func around(_ sequence: String, _ type: Int64) -> [JSONValue] {
      let text: JSONValue = ["Sequence": ["id": .string(sequence), "type_id": .integer(type)]]
      return parts.prefix.map { special($0, type) } + [text]
        + parts.suffix.map { special($0, type) }
    }
    var specials = JSONObject()
    for token in tokens {
      specials[token] = [
        "id": .string(token), "ids": .array([vocabulary[token] ?? .null]),
        "tokens": .array([.string(token)]),
      ]
    }
    var pair = around("A", 0) + around("B", 1)
    if parts.joinsPairs {
      pair = around("A", 0) + parts.suffix.map { special($0, 0) }
      pair += around("B", 0).dropFirst(parts.prefix.count)
    }
    return [
      "type": "TemplateProcessing", "single": .array(around("A", 0)), "pair": .array(pair),
      "special_tokens": .object(specials),
    ]
  }

  /// A `tokenizer_config.json` with the special tokens by role.
  static func configuration(_ roles: Tokenizer.Roles, chatTemplate: String?) -> JSONValue {
    var members = JSONObject()
    members["tokenizer_class"] = "PreTrainedTokenizerFast"
    members["clean_up_tokenization_spaces"] = false
    let tokens = [
      ("bos_token", roles.beginning), ("eos_token", roles.end), ("pad_token", roles.pad),
      ("unk_token", roles.unknown), ("mask_token", roles.mask), ("cls_token", roles.classification),
      ("sep_token", roles.separator),
    ]
    for (name, token) in tokens { members[name] = token.map { .string($0) } }
    members["chat_template"] = chatTemplate.map { .string($0) }
    return .object(members)
  }
}
