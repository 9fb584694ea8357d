import ArgumentParser
import Artifacts
import Diagnostics
import Planning
import Tokenizers

/// `hone tokenizer`.
struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer", abstract: "Make tokenizers.", subcommands: [TrainTokenizer.self])
}

/// `hone tokenizer train`.
struct TrainTokenizer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Make a byte-level BPE tokenizer from texts.",
    discussion: """
      Texts are cut at blank lines. <|endoftext|> begins, ends and pads.

      Example:
        hone tokenizer train pipelines/data/austen.txt --size 2048 --output pipelines/tiny
      """)

  @Argument(help: "Files of UTF-8 text.", completion: .file())
  var texts: [String]

  @Option(help: "How many tokens.")
  var size: Int

  @Option(help: "The directory for tokenizer.json and tokenizer_config.json.")
  var output: String

  func run() throws {
    let terminal = Terminal.current()
    do throws(DiagnosticError) {
      try diagnosing {
        let paragraphs = try texts.flatMap { try Self.paragraphs(of: $0) }
        let tokenizer = try BytePairTrainer.train(
          texts: paragraphs, vocabularySize: size, specialTokens: ["<|endoftext|>"])
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
