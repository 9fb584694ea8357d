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

  /// The pipeline and what is said beside it.
  var request: PlanRequest {
    PlanRequest(file: file, overrides: overrides, caseName: caseName)
  }

  /// Whether the command line says anything in the pipeline's place.
  var hasOverrides: Bool { !overrides.isEmpty || caseName != nil }
}
