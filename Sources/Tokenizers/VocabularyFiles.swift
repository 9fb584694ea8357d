import JSONSyntax

/// Tokenizers of directories without `tokenizer.json`: BERT's `vocab.txt`, and GPT-2's and
/// RoBERTa's `vocab.json` with `merges.txt`.
///
/// What they are made into is what `transformers` makes of such files; `tokenizer_config.json` and
/// `special_tokens_map.json` name the special tokens and the class.
enum VocabularyFiles {
  /// What a tokenizer is by its class in `tokenizer_config.json`, or by its model's type.
  private enum Family {
    case gpt2
    case roberta
    case qwen2
  }

  /// The special tokens by role, and which of them an added token is made for.
  private struct Special {
    let configuration: JSONObject
    let vocabulary: JSONObject
    private(set) var added: [JSONValue] = []
    private var taken: Set<String> = []

    init(_ configuration: JSONObject, _ vocabulary: JSONObject) {
      self.configuration = configuration
      self.vocabulary = vocabulary
    }

    /// The token of `role`, which is added where the vocabulary has it.
    mutating func token(_ role: String, _ fallback: String?) -> String? {
      let member = configuration[role]
      if let member, member.isNull { return nil }
      guard let token = member?.string ?? member?["content"]?.string ?? fallback else { return nil }
      if let id = vocabulary[token], taken.insert(token).inserted {
        added.append(
          [
            "id": id, "content": .string(token), "special": true, "normalized": false,
            "lstrip": member?["lstrip"] ?? false, "rstrip": member?["rstrip"] ?? false,
            "single_word": false,
          ])
      }
      return token
    }

    /// The tokens that `added_tokens_decoder` lists by id.
    mutating func addListed() {
      for (id, token) in configuration["added_tokens_decoder"]?.object?.members ?? [] {
        guard var entry = token.object, let content = entry["content"]?.string, let id = Int64(id),
          taken.insert(content).inserted
        else { continue }
        entry["id"] = .integer(id)
        added.append(.object(entry))
      }
    }
  }

  /// BERT's tokenizer of the lines of `vocab.txt`.
  static func wordPiece(
    _ text: String, configuration: JSONValue?
  ) throws(TokenizerError) -> (json: JSONValue, configuration: JSONValue) {
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    var vocabulary = JSONObject()
    for (id, line) in lines.enumerated() { vocabulary[String(line)] = .integer(Int64(id)) }
    var settings = configuration?.object ?? JSONObject()
    var special = Special(settings, vocabulary)
    special.addListed()
    let roles = [
      ("unk_token", special.token("unk_token", "[UNK]")),
      ("sep_token", special.token("sep_token", "[SEP]")),
      ("pad_token", special.token("pad_token", "[PAD]")),
      ("cls_token", special.token("cls_token", "[CLS]")),
      ("mask_token", special.token("mask_token", "[MASK]")),
    ]
    for (role, token) in roles { settings[role] = token.map { .string($0) } }
    func around(_ role: Int) throws(TokenizerError) -> (String, JSONValue) {
      let token = roles[role].1 ?? "[UNK]"
      guard let id = vocabulary[token] else { throw .unknownToken(token, role: roles[role].0) }
      return (token, id)
    }
    let (last, lastID) = try around(1)
    let (first, firstID) = try around(3)
    let lowercases = settings["do_lower_case"]?.bool ?? true
    let json: JSONValue = [
      "added_tokens": .array(special.added),
      "normalizer": [
        "type": "BertNormalizer", "clean_text": true,
        "handle_chinese_chars": .bool(settings["tokenize_chinese_chars"]?.bool ?? true),
        "strip_accents": settings["strip_accents"] ?? .null, "lowercase": .bool(lowercases),
      ],
      "pre_tokenizer": ["type": "BertPreTokenizer"],
      "post_processor": [
        "type": "BertProcessing", "sep": [.string(last), lastID], "cls": [.string(first), firstID],
      ],
      "decoder": ["type": "WordPiece", "prefix": "##", "cleanup": true],
      "model": [
        "type": "WordPiece", "unk_token": .string(roles[0].1 ?? "[UNK]"),
        "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
        "vocab": .object(vocabulary),
      ],
    ]
    return (json, .object(settings))
  }

  /// The tokenizer of `vocab.json` and `merges.txt`.
  ///
  /// - Throws: ``TokenizerError/unsupported(component:kind:)`` for a class of another kind.
  static func bytePair(
    _ vocabulary: JSONValue, merges: String, configuration: JSONValue?, modelType: String?
  ) throws(TokenizerError) -> (json: JSONValue, configuration: JSONValue) {
    guard let vocabulary = vocabulary.object else {
      throw .malformed(member: "vocab.json", expected: "an object of ids")
    }
    var settings = configuration?.object ?? JSONObject()
    let family = try family(settings["tokenizer_class"]?.string, modelType)
    var special = Special(settings, vocabulary)
    special.addListed()
    let end = "<|endoftext|>"
    var roles: [(String, String?)]
    switch family {
    case .gpt2:
      roles = [
        ("bos_token", special.token("bos_token", end)),
        ("eos_token", special.token("eos_token", end)),
        ("unk_token", special.token("unk_token", end)),
        ("pad_token", special.token("pad_token", nil)),
      ]
    case .qwen2:
      roles = [
        ("eos_token", special.token("eos_token", end)),
        ("unk_token", special.token("unk_token", end)),
        ("pad_token", special.token("pad_token", end)),
      ]
    case .roberta:
      roles = [
        ("bos_token", special.token("bos_token", "<s>")),
        ("eos_token", special.token("eos_token", "</s>")),
        ("sep_token", special.token("sep_token", "</s>")),
        ("cls_token", special.token("cls_token", "<s>")),
        ("unk_token", special.token("unk_token", "<unk>")),
        ("pad_token", special.token("pad_token", "<pad>")),
        ("mask_token", special.token("mask_token", "<mask>")),
      ]
    }
    for (role, token) in roles { settings[role] = token.map { .string($0) } }
    let addsSpace = settings["add_prefix_space"]?.bool ?? false
    let bytes: JSONValue = [
      "type": "ByteLevel", "add_prefix_space": .bool(addsSpace), "trim_offsets": true,
      "use_regex": .bool(family != .qwen2),
    ]
    var json = JSONObject()
    json["added_tokens"] = .array(special.added)
    if family == .qwen2 { json["normalizer"] = ["type": "NFC"] }
    json["pre_tokenizer"] =
      family == .qwen2
      ? ["type": "Sequence", "pretokenizers": [TokenizerWriting.split(qwen2Pattern), bytes]] : bytes
    if family == .roberta {
      func pair(_ role: String) throws(TokenizerError) -> JSONValue {
        let token = settings[role]?.string ?? ""
        guard let id = vocabulary[token] else { throw .unknownToken(token, role: role) }
        return [.string(token), id]
      }
      json["post_processor"] = [
        "type": "RobertaProcessing", "sep": try pair("sep_token"), "cls": try pair("cls_token"),
        "trim_offsets": settings["trim_offsets"] ?? true, "add_prefix_space": .bool(addsSpace),
      ]
    }
    json["decoder"] = TokenizerWriting.byteLevel(splits: true)
    json["model"] = [
      "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": "",
      "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false,
      "vocab": .object(vocabulary), "merges": .array(merged(merges)),
    ]
    return (.object(json), .object(settings))
  }

  /// The merges, a line each, without the line that names a version.
  private static func merged(_ text: String) -> [JSONValue] {
    text.split { $0 == "\n" || $0 == "\r\n" }.filter { !$0.hasPrefix("#version") }
      .map { .string(String($0)) }
  }

  private static let qwen2Pattern =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
    + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

  private static func family(
    _ tokenizerClass: String?, _ modelType: String?
  ) throws(TokenizerError) -> Family {
    if let name = tokenizerClass {
      switch name.hasSuffix("Fast") ? String(name.dropLast(4)) : name {
      case "GPT2Tokenizer": return .gpt2
      case "RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer":
        return .roberta
      case "Qwen2Tokenizer": return .qwen2
      default: throw .unsupported(component: "class", kind: name)
      }
    }
    switch modelType {
    case "roberta", "bart", "longformer", "led", "xlm-roberta-xl": return .roberta
    case "qwen2", "qwen3": return .qwen2
    default: return .gpt2
    }
  }
}
