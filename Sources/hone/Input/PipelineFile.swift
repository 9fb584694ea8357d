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
    PipelineReader.read(
      try SourceFile.read(file),
      in: PipelineSurroundings(
        overrides: overrides,
        environment: { name in getenv(name).map { String(cString: $0) } },
        readFile: { (path: String) throws(DiagnosticError) in try SourceFile.read(path) }))
  }
}
