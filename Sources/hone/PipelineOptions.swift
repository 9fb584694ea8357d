import ArgumentParser
import Diagnostics
import Pipelines

/// What every command that reads a pipeline takes.
struct PipelineOptions: ParsableArguments {
  @Argument(help: "The pipeline; - reads standard input.", completion: .file(extensions: ["yaml"]))
  var file: String

  @Option(help: "Compute with this backend instead of the pipeline's: cpu or reference.")
  var backend: String?

  @Option(help: "Compute with this many threads.")
  var threads: Int?

  /// Reads the pipeline and prints what is wrong with it.
  ///
  /// - Throws: ``ExitCode/invalid`` when it has errors.
  func read(_ terminal: Terminal) throws -> Pipeline {
    let (pipeline, diagnostics) = PipelineReader.read(
      file: file, text: try SourceFile.bytes(of: file, terminal), overrides: overrides)
    terminal.show(diagnostics, files: [file])
    guard let pipeline else { throw ExitCode.invalid }
    return pipeline
  }

  /// What the command line says over the pipeline.
  var overrides: PipelineOverrides {
    PipelineOverrides(backend: backend, threads: threads)
  }
}
