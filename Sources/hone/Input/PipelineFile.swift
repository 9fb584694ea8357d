import Diagnostics
import Pipelines

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Pipelines as the command line names them.
enum PipelineFile {
  /// Reads the pipeline in `file`, what it extends and what the environment says in it.
  ///
  /// - Throws: ``DiagnosticError`` when the file itself cannot be read.
  static func read(
    _ file: String, overrides: [PipelineOverride] = []
  ) throws(DiagnosticError) -> PipelineReading {
    read(try SourceFile.read(file), overrides: overrides)
  }

  /// Reads a text; `texts` stand for the files that it extends, before what is on the disk.
  static func read(
    _ source: SourceText, overrides: [PipelineOverride], texts: [String: SourceText] = [:]
  ) -> PipelineReading {
    PipelineReader.read(
      source,
      in: PipelineSurroundings(
        overrides: overrides,
        environment: { name in getenv(name).map { String(cString: $0) } },
        readFile: { (path: String) throws(DiagnosticError) in
          try Self.source(path, texts)
        }))
  }

  /// The text that stands for `file`, else what is in it.
  ///
  /// - Throws: ``DiagnosticError`` when it cannot be read.
  static func source(
    _ file: String, _ texts: [String: SourceText]
  ) throws(DiagnosticError) -> SourceText {
    if let text = texts[file] { return text }
    return try SourceFile.read(file)
  }
}
