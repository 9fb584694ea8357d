import Artifacts
import Diagnostics
import JSONSyntax
import Pipelines
import Planning

/// A plan that `hone plan --out` wrote.
struct SavedPlan {
  private let file: String
  /// The pipeline that it was made of.
  let pipeline: String
  /// What the command line had said then.
  let overrides: [PipelineOverride]
  private let identity: String

  /// Reads the plan in `file`.
  ///
  /// - Throws: ``DiagnosticError`` where it is no plan of this version.
  init(_ file: String) throws(DiagnosticError) {
    let json = try diagnosing { try JSONFile.value(at: file) }
    guard let identity = json["identity"]?.string,
      let pipeline = json["pipeline"]?["file"]?.string,
      json["format"]?.integer == Plan.format
    else {
      throw DiagnosticError(
        Diagnostic(
          .error, .stalePlan, "`\(file)` is no plan of this version of Hone",
          help: "make one with `hone plan pipeline.yaml --out \(file)`"))
    }
    self.file = file
    self.identity = identity
    self.pipeline = pipeline
    overrides = Self.overrides(json["settings"]?.array ?? [])
  }

  private static func overrides(_ settings: [JSONValue]) -> [PipelineOverride] {
    settings.compactMap { setting in
      guard let value = setting["value"]?.string else { return nil }
      switch setting["origin"]?.string {
      case "--backend": return .backend(value)
      case "--threads": return Int(value).map { .threads($0) }
      default: return nil
      }
    }
  }

  /// Holds what would be done now against what was planned.
  ///
  /// - Throws: ``DiagnosticError`` with `stale-plan` where they differ.
  func check(_ plan: Plan) throws(DiagnosticError) {
    guard plan.identity != identity else { return }
    throw DiagnosticError(
      Diagnostic(
        .error, .stalePlan,
        "`\(file)` no longer fits: the pipeline, the model, the data or Hone changed",
        help: "look at `hone plan \(pipeline)`, and save it anew with `--out \(file)`"))
  }
}
