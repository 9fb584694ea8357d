import ArgumentParser
import Diagnostics
import Pipelines
import Planning

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
    help: ArgumentHelp(
      "Set a value, as stages[0].train.epochs=1 or vars.rank=16; the last one stands.",
      valueName: "path=value"))
  var set: [String] = []

  @Option(
    name: .customLong("case"),
    help: ArgumentHelp("Take one case of the pipeline's `matrix` alone.", valueName: "name"))
  var caseName: String?

  /// What the command line says in the pipeline's place.
  private var overrides: [PipelineOverride] {
    self.set.map { .set($0) }
      + [backend.map { .backend($0) }, threads.map { .threads($0) }].compactMap { $0 }
  }

  /// What is known of the pipeline where inputs are not there; nil where they are.
  var outlined: OutlinedPipeline? {
    OutlinedPipeline(file, overrides: overrides, caseName: caseName)
  }

  /// Whether the command line says anything in the pipeline's place.
  var hasOverrides: Bool { !overrides.isEmpty || caseName != nil }

  /// Reads and plans the pipeline, all its cases or the one that is named; prints what is wrong,
  /// also with the directories of their runs where `looksAtOutput`.
  ///
  /// - Throws: ``ExitCode/invalid`` when it has errors.
  func plan(_ terminal: Terminal, looksAtOutput: Bool = false) throws -> PlannedPipeline {
    try PlanRequest(file: file, overrides: overrides, caseName: caseName)
      .plan(terminal, looksAtOutput: looksAtOutput)
  }
}
