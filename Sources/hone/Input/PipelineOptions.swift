import ArgumentParser
import Diagnostics
import Pipelines
import Planning
import Tensors

/// What every command that plans a pipeline takes.
struct PipelineOptions: ParsableArguments {
  @Argument(
    help: "The pipeline; - reads standard input.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(help: "Compute with this backend, whatever the pipeline says: cpu or reference.")
  var backend: String?

  @Option(help: "Compute with this many threads.")
  var threads: Int?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: "Set a value: path=value, as stages[0].train.epochs=1 or vars.rank=16.")
  var set: [String] = []

  /// What the command line says in the pipeline's place.
  private var overrides: [PipelineOverride] {
    self.set.map { .set($0) }
      + [backend.map { .backend($0) }, threads.map { .threads($0) }].compactMap { $0 }
  }

  /// A pipeline that is planned, with its backend and its texts.
  struct Planned {
    let run: PreparedRun
    let backend: any ComputeBackend
    let sources: [SourceText]
  }

  /// Reads and plans the pipeline; prints what is wrong with it.
  ///
  /// - Throws: ``ExitCode/invalid`` when it has errors.
  func plan(_ terminal: Terminal) throws -> Planned {
    try Self.plan(file, overrides: overrides, terminal)
  }

  /// What is known of the pipeline where inputs are not there; nil where they are.
  var outlined: OutlinedPipeline? { OutlinedPipeline(file, overrides: overrides) }

  /// Whether the command line says anything in the pipeline's place.
  var hasOverrides: Bool { !overrides.isEmpty }

  /// Reads and plans the pipeline in `file`.
  ///
  /// - Throws: ``ExitCode/invalid`` when it has errors.
  static func plan(
    _ file: String, overrides: [PipelineOverride], _ terminal: Terminal
  ) throws -> Planned {
    let reading: PipelineReading
    do throws(DiagnosticError) {
      reading = try PipelineFile.read(file, overrides: overrides)
    } catch {
      terminal.show(error.diagnostics)
      throw ExitCode.invalid
    }
    guard let pipeline = reading.cases.first?.pipeline else {
      terminal.show(reading.diagnostics, reading.sources)
      throw ExitCode.invalid
    }
    let backend = BackendRegistry.backend(
      pipeline.backend.name.value, threads: pipeline.backend.threads?.value)
    let (run, more) = Planner(
      pipeline, backend: backend, honeVersion: Version.current, machine: .current
    ).prepare()
    terminal.show(reading.diagnostics + more, reading.sources)
    guard let run else { throw ExitCode.invalid }
    return Planned(run: run, backend: backend, sources: reading.sources)
  }
}
