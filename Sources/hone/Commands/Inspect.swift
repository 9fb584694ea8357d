import ArgumentParser
import Artifacts
import Datasets
import Diagnostics
import Planning
import Tokenizers

/// `hone inspect`: a file or directory as Hone sees it.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a model, an adapter, a tokenizer, data or a run as Hone sees it.",
    discussion: """
      For `target_modules`: the modules of a model and their names. For `columns`: the columns of \
      a data file. No weights are read.

        hone inspect models/smollm2
        hone inspect model.gguf --all
        hone inspect data/support.jsonl
        hone inspect runs/first
      """)

  @Argument(
    help: "A directory or file: checkpoint, adapter, tokenizer.json, data, run.",
    completion: .file())
  var path: String

  @Flag(help: "List every layer instead of one line for all that are alike.")
  var all = false

  func run() throws {
    let terminal = Terminal.current()
    do throws(DiagnosticError) {
      terminal.print(try diagnosing { try lines(terminal) }.joined(separator: "\n") + "\n")
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.invalid
    }
  }

  private func lines(_ terminal: Terminal) throws -> [String] {
    func has(_ name: String) -> Bool {
      FilePaths.kind(of: FilePaths.joining(path, name)) == .file
    }
    switch FilePaths.kind(of: path) {
    case nil, .other:
      throw DiagnosticError(
        Diagnostic(
          .error, .missingFile, "there is no file or directory `\(path)`",
          help: "check the path; it is looked for from the working directory"))
    case .directory:
      if has("adapter_config.json") { return try adapter(path) }
      if has("plan.json") { return try RunInspection.lines(path) }
      let hasWeights = [
        "config.json", "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
        "pytorch_model.bin.index.json",
      ].contains(where: has)
      if !hasWeights, has("tokenizer.json") { return try tokenizer(path) }
      return try checkpoint(terminal)
    case .file: return try file(terminal)
    }
  }

  private func file(_ terminal: Terminal) throws -> [String] {
    let directory = FilePaths.directory(of: path)
    switch FilePaths.name(of: path) {
    case "adapter_config.json", "adapter_model.safetensors": return try adapter(directory)
    case "tokenizer.json": return try tokenizer(directory)
    case "plan.json": return try RunInspection.lines(directory)
    case let name where name.hasSuffix(".gguf"): return try checkpoint(terminal)
    case let name where name.hasSuffix(".safetensors"):
      if FilePaths.kind(of: FilePaths.joining(directory, "config.json")) != nil {
        return try checkpoint(terminal)
      }
      let file = try SafetensorsFile.open(path)
      return TensorListing(showsAll: all).lines(file.tensors)
    case let name where TorchFile.hasSuffix(name):
      if FilePaths.kind(of: FilePaths.joining(directory, "config.json")) != nil {
        return try checkpoint(terminal)
      }
      return TensorListing(showsAll: all).lines(try TorchFile.open(path).unwrappedTensors)
    default:
      guard let format = DataFormat(suffixOf: path) else {
        throw DiagnosticError(
          Diagnostic(
            .error, .unknownFormat, "the suffix of `\(path)` stands for no format",
            help:
              "models: .safetensors, .gguf, .pt, .pth, .bin; data: .jsonl, .json, .csv, .tsv, .txt")
        )
      }
      return try DataInspection.lines(DataFile(path: path, format: format))
    }
  }

  private func checkpoint(_ terminal: Terminal) throws -> [String] {
    try ModelInspection(showsAll: all).lines(Checkpoint.open(path), terminal)
  }

  private func adapter(_ directory: String) throws -> [String] {
    let files = try AdapterFiles.open(directory)
    return AdapterInspection.lines(files.configuration)
      + [""] + TensorListing(showsAll: all).lines(files.tensors)
  }

  private func tokenizer(_ directory: String) throws -> [String] {
    TokenizerInspection.lines(try Tokenizer.load(directory: directory))
  }
}
