import Glibc
import JSONSyntax

extension Tokenizer {
  /// The largest file that is read.
  private static let fileLimitBytes = 256 << 20

  /// Reads the tokenizer of a model's directory in Hugging Face layout.
  ///
  /// `tokenizer.json` is read, or where there is none `vocab.txt` as BERT's tokenizer, or
  /// `vocab.json` and `merges.txt` as GPT-2's, RoBERTa's or Qwen2's by the class that the
  /// configuration names. `tokenizer_config.json`, `special_tokens_map.json` and
  /// `chat_template.jinja` are read where they are, the last before the configuration's template.
  ///
  /// - Throws: ``TokenizerError`` naming the file.
  package static func load(directory: String) throws(TokenizerError) -> Tokenizer {
    func path(_ name: String) -> String {
      directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }
    var configuration = try Self.json(path("tokenizer_config.json"))
    if let roles = try Self.json(path("special_tokens_map.json"))?.object {
      var members = configuration?.object ?? JSONObject()
      for (role, token) in roles.members where members[role] == nil { members[role] = token }
      configuration = .object(members)
    }
    let template = try text(path("chat_template.jinja"))
    if let json = try json(path("tokenizer.json")) {
      return try Tokenizer(
        tokenizerJSON: json, configuration: configuration, chatTemplate: template)
    }
    let made: (json: JSONValue, configuration: JSONValue)
    if let vocabulary = try text(path("vocab.txt")) {
      made = try VocabularyFiles.wordPiece(vocabulary, configuration: configuration)
    } else if let vocabulary = try json(path("vocab.json")) {
      let merges = path("merges.txt")
      guard let text = try text(merges) else { throw .unreadable(file: merges) }
      made = try VocabularyFiles.bytePair(
        vocabulary, merges: text, configuration: configuration,
        modelType: try json(path("config.json"))?["model_type"]?.string)
    } else {
      throw .unreadable(file: path("tokenizer.json"))
    }
    return try Tokenizer(
      tokenizerJSON: made.json, configuration: made.configuration, chatTemplate: template)
  }

  private static func text(_ file: String) throws(TokenizerError) -> String? {
    try contents(of: file).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func json(_ file: String) throws(TokenizerError) -> JSONValue? {
    guard let bytes = try contents(of: file) else { return nil }
    let parsed: Result<JSONValue, JSONError> = bytes.withUnsafeBytes { bytes in
      Result { () throws(JSONError) -> JSONValue in try JSONValue(parsing: bytes) }
    }
    do {
      return try parsed.get()
    } catch {
      throw .invalidJSON(file: file, error)
    }
  }

  /// The bytes of `file`; nil where there is no such file.
  private static func contents(of file: String) throws(TokenizerError) -> [UInt8]? {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw .unreadable(file: file)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(file: file) }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= fileLimitBytes else {
        throw .tooLarge(file: file, limitBytes: fileLimitBytes)
      }
    }
  }
}
