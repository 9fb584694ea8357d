import ArgumentParser
import Artifacts
import Diagnostics
import Planning
import Tokenizers

/// `hone tokenizer`.
struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer", abstract: "Make and time tokenizers.",
    subcommands: [TrainTokenizer.self, TimeTokenizer.self])
}

/// `hone tokenizer train`.
struct TrainTokenizer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Make a tokenizer from texts: byte-level BPE, or single characters.",
    discussion: """
      Texts are cut at blank lines. Special tokens are GPT-2's, where <|endoftext|> begins and
      ends, or BART's: <s>, <pad>, </s>, <unk>, <mask>, with <s> and </s> around a text.

      Examples:
        hone tokenizer train pipelines/data/austen.txt --size 2048 --output pipelines/tiny
        hone tokenizer train rna.txt --kind character --output tokenizers/rna
      """)

  /// What the tokens are.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case bpe, character
  }

  /// Whose special tokens.
  enum SpecialTokens: String, CaseIterable, ExpressibleByArgument {
    case gpt2, bart

    var layout: SpecialTokenLayout {
      switch self {
      case .gpt2: .endOfText
      case .bart: .bart
      }
    }
  }

  @Argument(help: "Files of UTF-8 text.", completion: .file())
  var texts: [String]

  @Option(help: "bpe or character.")
  var kind = Kind.bpe

  @Option(help: "How many tokens; of characters at most that many (default: all that occur).")
  var size: Int?

  @Option(help: "gpt2 or bart (default: bart for characters, else gpt2).")
  var specialTokens: SpecialTokens?

  @Option(help: "The directory for tokenizer.json and tokenizer_config.json.")
  var output: String

  func validate() throws {
    if kind == .bpe, size == nil { throw ValidationError("--size is missing, which bpe needs") }
  }

  func run() throws {
    let terminal = Terminal.current()
    do throws(DiagnosticError) {
      try diagnosing {
        let paragraphs = try texts.flatMap { try Self.paragraphs(of: $0) }
        let tokenizer =
          switch kind {
          case .bpe:
            try BytePairTrainer.train(
              texts: paragraphs, vocabularySize: size ?? 0,
              layout: specialTokens?.layout ?? .endOfText)
          case .character:
            try CharacterTrainer.train(
              texts: paragraphs, vocabularySize: size, layout: specialTokens?.layout ?? .bart)
          }
        try AtomicFile.write(
          FilePaths.joining(output, "tokenizer.json"),
          tokenizer.tokenizerJSON().text(.indented) + "\n")
        try AtomicFile.write(
          FilePaths.joining(output, "tokenizer_config.json"),
          tokenizer.configurationJSON().text(.indented) + "\n")
        terminal.print("\(tokenizer.vocabularySize) tokens in \(output)\n")
      }
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.stageFailed
    }
  }

  private static func paragraphs(of path: String) throws(ArtifactError) -> [String] {
    String(decoding: try MappedFile(path).copy(), as: UTF8.self)
      .split(separator: "\n\n").map(String.init)
  }
}
