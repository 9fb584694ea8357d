package import JSONSyntax

/// A tokenizer: text → ids and back, as Hugging Face `tokenizers` does it.
package struct Tokenizer: Sendable {
  /// The parts in the order in which a text goes through them.
  struct Parts: Sendable {
    var addedTokens: [AddedToken] = []
    var normalizer: Normalizer?
    var preTokenizer = PreTokenizer()
    var model: TokenModel
    var postProcessor = PostProcessor()
    var decoder: Decoder?
  }

  let parts: Parts
  /// Added tokens found in the text as it came, and in the normalized text.
  let rawMatcher: AddedTokenMatcher
  let normalizedMatcher: AddedTokenMatcher
  let addedByID: [Int32: AddedToken]
  /// What each added token decodes to: its content as it stands in a normalized text.
  let addedTexts: [Int32: [UInt8]]
  private let addedIDs: [ArraySlice<UInt8>: Int32]
  let cache = SharedWordCache()
  private let description: JSONValue
  private let settings: JSONValue?

  /// One more than the largest id.
  package let vocabularySize: Int
  /// The token that begins a text, for example `<s>`.
  package let beginningID: Int32?
  /// The token that ends a text, for example `</s>`.
  package let endID: Int32?
  /// The token that fills up short rows.
  package let padID: Int32?
  /// The token for what the vocabulary does not have.
  package let unknownID: Int32?
  /// The token that stands for a hidden one, for example `[MASK]`.
  package let maskID: Int32?
  /// The token between two texts, for example `[SEP]`.
  package let separatorID: Int32?
  /// The token whose state stands for a whole text, for example `[CLS]`.
  package let classificationID: Int32?
  /// How a chat becomes a text.
  package let chatTemplate: ChatTemplate?

  /// The special tokens by role.
  struct Roles: Sendable {
    var beginning: String?
    var end: String?
    var pad: String?
    var unknown: String?
    var mask: String?
    var separator: String?
    var classification: String?
  }

  /// Puts a tokenizer together.
  ///
  /// - Throws: ``TokenizerError/unknownToken(_:role:)`` for a role's token that does not exist.
  init(
    _ parts: Parts, roles: Roles, chatTemplate: ChatTemplate?, description: JSONValue,
    settings: JSONValue?
  ) throws(TokenizerError) {
    self.parts = parts
    self.chatTemplate = chatTemplate
    self.description = description
    self.settings = settings
    var byID: [Int32: AddedToken] = [:]
    var ids: [ArraySlice<UInt8>: Int32] = [:]
    var raw: [(AddedToken, [UInt8])] = []
    var normalized: [(AddedToken, [UInt8])] = []
    var texts: [Int32: [UInt8]] = [:]
    var largest = parts.model.vocabulary.tokens.count - 1
    for token in parts.addedTokens {
      byID[token.id] = token
      ids[ArraySlice(token.content.utf8)] = token.id
      largest = max(largest, Int(token.id))
      var written = Array(token.content.utf8)
      if token.isNormalized {
        if let normalizer = parts.normalizer {
          var text = written.withUnsafeBufferPointer { AlignedText($0, base: 0) }
          normalizer.apply(to: &text)
          written = text.bytes
        }
        normalized.append((token, written))
      } else {
        raw.append((token, written))
      }
      texts[token.id] = written
    }
    addedByID = byID
    addedTexts = texts
    addedIDs = ids
    rawMatcher = AddedTokenMatcher(raw)
    normalizedMatcher = AddedTokenMatcher(normalized)
    vocabularySize = largest + 1

    func id(_ token: String?, _ role: String) throws(TokenizerError) -> Int32? {
      guard let token else { return nil }
      guard let id = ids[ArraySlice(token.utf8)] ?? parts.model.vocabulary.id(of: token) else {
        throw .unknownToken(token, role: role)
      }
      return id
    }
    beginningID = try id(roles.beginning, "beginning token")
    endID = try id(roles.end, "end token")
    padID = try id(roles.pad, "pad token")
    unknownID = try id(roles.unknown, "unknown token") ?? parts.model.unknownID
    maskID = try id(roles.mask, "mask token")
    separatorID = try id(roles.separator, "separator token")
    classificationID = try id(roles.classification, "classification token")
  }

  /// The tokens that are found in a text before the model sees it, in the order of the file.
  package var addedTokens: [AddedToken] { parts.addedTokens }

  /// The ids that decoding leaves out when special tokens are to be skipped.
  package var specialIDs: Set<Int32> {
    Set(parts.addedTokens.lazy.filter(\.isSpecial).map(\.id))
  }

  /// The id of a token by its text in the vocabulary (so `Ġthe`, not ` the`).
  package func id(of token: String) -> Int32? {
    addedIDs[ArraySlice(token.utf8)] ?? parts.model.vocabulary.id(of: token)
  }

  /// The text of a token in the vocabulary.
  package func token(of id: Int32) -> String? {
    addedByID[id]?.content ?? parts.model.vocabulary.token(of: id)
  }

  /// The tokenizer as a `tokenizer.json` that Hugging Face `tokenizers` reads.
  package func tokenizerJSON() -> JSONValue { description }

  /// The tokenizer's `tokenizer_config.json`: special tokens by role and the chat template.
  package func configurationJSON() -> JSONValue {
    var members = configuration
    if let chatTemplate { members["chat_template"] = .string(chatTemplate.source) }
    return .object(members)
  }

  private var configuration: JSONObject {
    settings?.object
      ?? TokenizerWriting.configuration(Roles(), chatTemplate: nil).object ?? JSONObject()
  }

  /// A text that two tokenizers share exactly if they encode and decode alike.
  package var encodingIdentity: String {
    var members = configuration
    members["chat_template"] = nil
    return JSONValue.array([tokenizerJSON(), .object(members)]).text(sortedKeys: true)
  }
}
