package import JSONSyntax

extension Tokenizer {
  /// Makes a tokenizer of a `tokenizer.json` and the `tokenizer_config.json` beside it.
  ///
  /// Of the configuration the special tokens by role and the chat template count.
  ///
  /// - Throws: ``TokenizerError`` where a part is missing, malformed or of a kind that is not known.
  package init(tokenizerJSON json: JSONValue, configuration: JSONValue?) throws(TokenizerError) {
    try self.init(tokenizerJSON: json, configuration: configuration, chatTemplate: nil)
  }

  /// As ``init(tokenizerJSON:configuration:)``, with the template of a `chat_template.jinja`.
  init(
    tokenizerJSON json: JSONValue, configuration: JSONValue?, chatTemplate: String?
  ) throws(TokenizerError) {
    guard json.object != nil else {
      throw .malformed(member: "tokenizer.json", expected: "an object")
    }
    let preTokenization = try ComponentReading.preTokenizer(json["pre_tokenizer"])
    let model = try Self.model(json["model"], unit: preTokenization.isByteLevel ? .byte : .scalar)
    var parts = Parts(model: model)
    parts.normalizer = try ComponentReading.normalizer(json["normalizer"])
    parts.preTokenizer = PreTokenizer(steps: preTokenization.steps)
    parts.postProcessor = try ComponentReading.postProcessor(json["post_processor"])
    parts.decoder = try ComponentReading.decoder(json["decoder"])
    parts.addedTokens = try Self.addedTokens(json["added_tokens"], model)

    func role(_ name: String) -> String? {
      configuration?[name]?.string ?? configuration?[name]?["content"]?.string
    }
    func known(_ token: String?) -> String? {
      guard let token else { return nil }
      let isKnown = model.id(of: token) != nil || parts.addedTokens.contains { $0.content == token }
      return isKnown ? token : nil
    }
    let roles = Roles(
      beginning: role("bos_token"), end: role("eos_token"), pad: known(role("pad_token")),
      unknown: known(role("unk_token")))
    for token in [roles.beginning, roles.end, roles.pad, roles.unknown] {
      // A token with a role is special even where the file does not list it.
      guard let token, let id = model.id(of: token) else { continue }
      if !parts.addedTokens.contains(where: { $0.id == id }) {
        parts.addedTokens.append(AddedToken(id: id, content: token))
      }
    }
    try self.init(
      parts, roles: roles,
      chatTemplate: Self.template(chatTemplate, configuration?["chat_template"]),
      description: json, settings: configuration)
  }

  private static func template(
    _ file: String?, _ member: JSONValue?
  ) -> ChatTemplate? {
    if let source = file ?? member?.string { return ChatTemplate(source) }
    // Several templates by name: the one called `default` is meant unless another is asked for.
    let named = member?.array?.first { $0["name"]?.string == "default" }
    return named?["template"]?.string.map { ChatTemplate($0) }
  }

  private static func model(
    _ value: JSONValue?, unit: BytePairModel.Unit
  ) throws(TokenizerError) -> BytePairModel {
    guard let value, value.object != nil else {
      throw .malformed(member: "model", expected: "an object")
    }
    let kind = value["type"]?.string ?? "BPE"
    guard kind == "BPE" else { throw .unsupported(component: "model", kind: kind) }
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
    var merges: [(String, String)] = []
    for merge in try ComponentReading.list(value, "merges", in: "model") {
      guard let pair = Self.pair(merge) else {
        throw .malformed(member: "model.merges[\(merges.count)]", expected: "two tokens")
      }
      merges.append(pair)
    }
    return try BytePairModel(vocabulary: vocabulary, merges: merges, options: options)
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

  private static func addedTokens(
    _ value: JSONValue?, _ model: BytePairModel
  ) throws(TokenizerError) -> [AddedToken] {
    guard let value, !value.isNull else { return [] }
    guard let list = value.array else {
      throw .malformed(member: "added_tokens", expected: "a list")
    }
    var tokens: [AddedToken] = []
    var contents: Set<[UInt8]> = []
    var owners: [Int32: String] = [:]
    for entry in list {
      let content = try ComponentReading.text(entry, "content", in: "added_tokens")
      guard !content.isEmpty, contents.insert(Array(content.utf8)).inserted else { continue }
      guard let claimed = entry["id"]?.integer, (0..<BytePairModel.largestID).contains(claimed)
      else {
        throw .invalidID(entry["id"]?.integer ?? -1, token: content)
      }
      let id = model.id(of: content) ?? Int32(claimed)
      let isTaken = model.id(of: content) == nil && model.token(of: id) != nil
      guard !isTaken, owners.updateValue(content, forKey: id) == nil else {
        throw .invalidID(Int(id), token: content)
      }
      func flag(_ name: String, _ fallback: Bool) throws(TokenizerError) -> Bool {
        try ComponentReading.flag(entry, name, in: "added_tokens", default: fallback)
      }
      let isSpecial = try flag("special", false)
      tokens.append(
        AddedToken(
          id: id, content: content, isSpecial: isSpecial,
          isNormalized: try flag("normalized", !isSpecial),
          isSingleWord: try flag("single_word", false), stripsLeft: try flag("lstrip", false),
          stripsRight: try flag("rstrip", false)))
    }
    return tokens
  }
}
