import Artifacts
import Diagnostics
import Pipelines

/// Whether an export may take the place of what is there.
///
/// An export replaces its directory whole, so one that holds anything else is left alone.
enum ExportPlace {
  private static let names: Set<String> = [
    "README.md", "adapter_config.json", "adapter_model.safetensors", "config.json",
    "generation_config.json", "model.safetensors", "model.safetensors.index.json",
    "pytorch_model.bin", "pytorch_model.bin.index.json",
    "tokenizer.json", "tokenizer_config.json",
  ]

  /// Looks at what is at `path`, the run's own directory being `output` and what it is made from
  /// `inputs`.
  ///
  /// - Throws: `output-occupied` where the directory holds what no export writes,
  ///   `conflicting-keys` where it holds the run or what the run is made from, `unwritable-output`
  ///   where a file is in its place.
  static func check(
    _ path: Setting<String>, output: String, inputs: [String]
  ) throws(DiagnosticError) {
    if components(output).starts(with: components(path.value)) {
      throw DiagnosticError(
        Diagnostic(
          .error, .conflictingKeys,
          "an export to `\(path.value)` would replace the run's own directory `\(output)`",
          at: path.span, path: path.path, help: "name a directory in it or beside it"))
    }
    // Replaced, it would be another base for a run that is resumed.
    for input in inputs where components(input).starts(with: components(path.value)) {
      throw DiagnosticError(
        Diagnostic(
          .error, .conflictingKeys,
          "an export to `\(path.value)` would replace `\(input)`, which this run is made from",
          at: path.span, path: path.path, help: "name another directory"))
    }
    switch FilePaths.kind(of: path.value) {
    case nil: return
    case .file, .other:
      throw DiagnosticError(
        Diagnostic(
          .error, .unwritableOutput, "`\(path.value)` is no directory", at: path.span,
          path: path.path, help: "name a directory that is not there yet"))
    case .directory: break
    }
    guard let other = FilePaths.entries(of: path.value).first(where: { !isExported($0) }) else {
      return
    }
    throw DiagnosticError(
      Diagnostic(
        .error, .outputOccupied,
        "`\(path.value)` holds `\(other)`, which is of no export and would be lost",
        at: path.span, path: path.path, help: "name another directory"))
  }

  private static func components(_ path: String) -> [Substring] {
    (path.hasPrefix("/") ? ["/"] : []) + path.split(separator: "/").filter { $0 != "." }
  }

  private static func isExported(_ name: String) -> Bool {
    names.contains(name)
      || [("model-", ".safetensors"), ("pytorch_model-", ".bin")].contains { first, last in
        name.hasPrefix(first) && name.hasSuffix(last) && name.contains("-of-")
      }
  }
}

extension Pipeline {
  /// The paths of what the weights begin as.
  func weightInputs(_ paths: InputPaths) -> [String] {
    var inputs: [String] = []
    switch model.source {
    case .load(let path): inputs.append(paths.resolve(path))
    case .create: break
    }
    for case .train(let train) in stages.map(\.work) {
      guard case .lora(let section) = train.method, let adapter = section.initialAdapter else {
        continue
      }
      inputs.append(paths.resolve(adapter))
    }
    return inputs
  }
}
