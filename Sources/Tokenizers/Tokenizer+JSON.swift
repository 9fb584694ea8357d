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
    let model = try ModelReading.model(
      json["model"], isByteLevel: preTokenization.isByteLevel)
    var parts = Parts(model: model)
    parts.normalizer = try ComponentReading.normalizer(json["normalizer"])
    parts.preTokenizer = PreTokenizer(steps: preTokenization.steps)
    parts.postProcessor = try ComponentReading.postProcessor(json["post_processor"])
    parts.decoder = try ComponentReading.decoder(json["decoder"])
    parts.addedTokens = try Self.addedTokens(json["added_tokens"], model.vocabulary)

    func role(_ name: String) -> String? {
      configuration?[name]?.string ?? configuration?[name]?["content"]?.string
    }
    func known(_ token: String?) -> String? {
      guard let token else { return nil }
      let isKnown =
        model.vocabulary.id(of: token) != nil || parts.addedTokens.contains { $0.content == token }
      return isKnown ? token : nil
    }
    let roles = Roles(
      beginning: role("bos_token"), end: role("eos_token"), pad: known(role("pad_token")),
      unknown: known(role("unk_token")), mask: known(role("mask_token")),
      separator: known(role("sep_token")), classification: known(role("cls_token")))
    for token in [
      roles.beginning, roles.end, roles.pad, roles.unknown, roles.mask, roles.separator,
      roles.classification,
    ] {
      // A token with a role is special even where the file does not list it.
      guard let token, let id = model.vocabulary.id(of: token) else { continue }
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

  private static func addedTokens(
    _ value: JSONValue?, _ model: Vocabulary
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
      guard let claimed = entry["id"]?.integer, (0..<Vocabulary.largestID).contains(claimed)
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
