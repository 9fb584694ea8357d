package import Diagnostics
package import JSONSyntax

/// Why a tokenizer cannot be read or made.
package enum TokenizerError: Error, Hashable, Sendable {
  /// The file is not there or cannot be read.
  case unreadable(file: String)
  /// The file is larger than a tokenizer's file may be.
  case tooLarge(file: String, limitBytes: Int)
  /// The file is no JSON.
  case invalidJSON(file: String, JSONError)
  /// The member at a path of `tokenizer.json` is missing or of another kind than it must be.
  case malformed(member: String, expected: String)
  /// A component of a kind that this program does not have, for example a model `Unigram`.
  case unsupported(component: String, kind: String)
  /// A pattern that is no regular expression, or that reads differently in another dialect.
  case invalidPattern(String, reason: String)
  /// A merge whose parts or whole are not in the vocabulary.
  case unknownMerge(index: Int, token: String)
  /// A token that something names and the vocabulary does not have.
  case unknownToken(String, role: String)
  /// An id outside what the vocabulary may hold, or one that two tokens claim.
  case invalidID(Int, token: String)
  /// A trainer's setting outside its range.
  case invalidTraining(setting: String, found: Int)
  /// A trainer was given no text.
  case noTrainingText

  /// The finding as the user reads it.
  package var diagnostic: Diagnostic {
    switch self {
    case .unreadable(let file):
      Diagnostic(
        .error, .missingFile, "cannot read the tokenizer's file `\(file)`",
        help: "give a directory that holds `tokenizer.json`, `vocab.txt`, or `vocab.json` and "
          + "`merges.txt`")
    case .tooLarge(let file, let limit):
      Diagnostic(
        .error, .limitExceeded, "`\(file)` is larger than \(limit >> 20) MiB",
        help: "give the tokenizer's own `tokenizer.json`")
    case .invalidJSON(let file, let error):
      Diagnostic(
        .error, .invalidJSON, "`\(file)` is no JSON: \(error.reason)",
        at: SourceSpan(file: file, line: error.line, column: error.column),
        help: "fetch the file again, it may be cut short")
    case .malformed(let member, let expected):
      Diagnostic(
        .error, .invalidTokenizer, "`\(member)` of the tokenizer must be \(expected)",
        help: "save the tokenizer again with Hugging Face `tokenizers`")
    case .unsupported(let component, let kind):
      Diagnostic(
        .error, .unsupportedTokenizer, "the tokenizer's \(component) `\(kind)` is not supported",
        help: "use a model whose tokenizer.json holds a model of the kind BPE, WordPiece, Unigram "
          + "or WordLevel")
    case .invalidPattern(let pattern, let reason):
      Diagnostic(
        .error, .unsupportedTokenizer,
        "the tokenizer's pattern `\(pattern)` cannot be used: \(reason)",
        help: "use a model whose tokenizer splits by a pattern of the GPT-2, Llama 3 or Qwen kind")
    case .unknownMerge(let index, let token):
      Diagnostic(
        .error, .invalidTokenizer,
        "merge \(index) of the tokenizer needs `\(token)`, which is no token",
        help: "save the tokenizer again, its merges and vocabulary belong to different models")
    case .unknownToken(let token, let role):
      Diagnostic(
        .error, .invalidTokenizer, "the tokenizer's \(role) `\(token)` is not in its vocabulary",
        help: "add the token, or name another")
    case .invalidID(let id, let token):
      Diagnostic(
        .error, .invalidTokenizer,
        "the tokenizer gives `\(token)` the id \(id), which cannot be its own",
        help: "save the tokenizer again with ids that are distinct and begin at 0")
    case .invalidTraining(let setting, let found):
      Diagnostic(
        .error, .valueOutOfRange,
        "`\(setting)` of the tokenizer's training is out of range; found `\(found)`",
        help: "give at least one id for each special token and each of the 256 bytes, or for one "
          + "character")
    case .noTrainingText:
      Diagnostic(
        .error, .noRows, "there is no text to make a tokenizer from",
        help: "name files or data sections that hold texts")
    }
  }
}
