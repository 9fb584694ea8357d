import ArgumentParser
import Artifacts
import CPUBackend
import Diagnostics
import Execution
import JSONSyntax
import Planning

/// `hone logits`.
struct Logits: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logits",
    abstract: "Compute a model's logits for token ids, to compare with other programs.",
    discussion: """
      Example:
        echo '{"tokens": [[1, 2, 3]]}' > tokens.json
        hone logits models/my-model --adapter out/adapter --tokens tokens.json --output logits.json

      A model with an encoder and a decoder reads {"sources": [[5, 6]], "tokens": [[1, 2, 3]]}, where the \
      tokens are what its decoder reads.
      """)

  @Argument(help: "The model's directory or file.")
  var model: String

  @Option(help: "An adapter's directory, in PEFT's layout.", completion: .directory)
  var adapter: String?

  @Option(help: "A JSON file with rows of token ids: {\"tokens\": [[…], …]}.")
  var tokens: String

  @Option(help: "The JSON file to write: {\"logits\": [[[…]]]}.")
  var output: String

  func run() throws {
    let terminal = Terminal.current()
    do throws(DiagnosticError) {
      let prepared = try PreparedModel(path: model)
      let (rows, sources) = try tokenRows()
      let files = try diagnosing { try adapter.map { try AdapterFiles.open($0) } }
      let logits = try LogitsComputation.logits(
        of: prepared, adapter: files, tokens: rows, sources: sources, backend: CPUBackend())
      let json: JSONValue = [
        "logits": .array(
          logits.map { row in .array(row.map { .array($0.map { .number(Double($0)) }) }) })
      ]
      try diagnosing { try AtomicFile.write(output, json.text() + "\n") }
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.invalid
    }
  }

  private func tokenRows() throws(DiagnosticError) -> (tokens: [[Int32]], sources: [[Int32]]) {
    let json = try diagnosing { try JSONFile.value(at: tokens) }
    func numbers(_ key: String) -> [[Int32]]? {
      json[key]?.array?.map { row in
        row.array?.compactMap { $0.integer.flatMap { Int32(exactly: $0) } } ?? []
      }
    }
    guard let rows = numbers("tokens"), !rows.isEmpty, rows.allSatisfy({ !$0.isEmpty }) else {
      throw DiagnosticError(
        Diagnostic(
          .error, .invalidJSON, "`\(tokens)` holds no rows of token ids",
          help: "write {\"tokens\": [[1, 2, 3]]}"))
    }
    return (rows, numbers("sources") ?? [])
  }
}
