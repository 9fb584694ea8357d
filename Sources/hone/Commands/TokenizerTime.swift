import ArgumentParser
import Artifacts
import Diagnostics
import JSONSyntax
import Planning
import Tokenizers

/// `hone tokenizer time`.
struct TimeTokenizer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "time",
    abstract: "How fast the lines of a text become tokens, on one thread.",
    discussion: """
      Prints a JSON object; the fastest of three passes counts.

      Example:
        hone tokenizer time pipelines/tiny README.md
      """)

  @Argument(help: "The directory with tokenizer.json.", completion: .directory)
  var tokenizer: String

  @Argument(help: "A file of UTF-8 text.", completion: .file())
  var text: String

  func run() throws {
    let terminal = Terminal.current()
    do throws(DiagnosticError) {
      try diagnosing {
        let tokenizer = try Tokenizer.load(directory: tokenizer)
        let lines = String(decoding: try MappedFile(text).copy(), as: UTF8.self)
          .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var (tokens, best) = (0, Double.infinity)
        for _ in 0..<3 {
          let start = ProcessFacts.seconds()
          tokens = lines.reduce(0) { $0 + tokenizer.encode($1).ids.count }
          best = min(best, ProcessFacts.seconds() - start)
        }
        let json: JSONValue = [
          "lines": .integer(Int64(lines.count)), "tokens": .integer(Int64(tokens)),
          "seconds": .number(best), "tokens_per_second": .number(Double(tokens) / best),
        ]
        terminal.print(json.text(.spaced) + "\n")
      }
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.stageFailed
    }
  }
}
