import Artifacts
import Diagnostics
import JSONSyntax
import Pipelines
import Planning

/// A plan that `hone plan --out` wrote, or a run's own.
struct SavedPlan {
  private let file: String
  /// The plan as it was written.
  let json: JSONValue
  /// The pipeline that it was made of, its case, and what the command line had said.
  let request: PlanRequest
  private let identity: String

  /// The most differences that are named one by one.
  private static let mostNotes = 16

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
    self.json = json
    self.identity = identity
    request = PlanRequest(
      file: pipeline,
      overrides: (json["pipeline"]?["overrides"]?.array ?? []).compactMap {
        PipelineOverride(json: $0)
      },
      caseName: json["pipeline"]?["case"]?.string)
  }

  /// Whether the command line's argument names a plan rather than a pipeline.
  static func isNamed(_ file: String) -> Bool { file.hasSuffix(".json") }

  /// Holds what would be done now against what was planned.
  ///
  /// - Throws: ``DiagnosticError`` with `stale-plan`, which names each difference by its cause.
  func check(_ plan: Plan) throws(DiagnosticError) {
    guard plan.identity != identity else { return }
    let comparison = PlanComparison(from: json, to: plan.json)
    let found =
      comparison.causes.isEmpty
      ? comparison.consequences.filter { !$0.isMeasured } : comparison.causes
    var notes = found.prefix(Self.mostNotes).map {
      Diagnostic.Note("\($0.cause.title): \($0.sentence)")
    }
    if found.count > notes.count {
      notes.append(Diagnostic.Note("and \(found.count - notes.count) more differences"))
    }
    throw DiagnosticError(
      Diagnostic(
        .error, .stalePlan, "`\(file)` no longer fits: \(Self.summary(found))",
        help: "`hone diff \(file) \(request.file)` shows what follows from that; save the new "
          + "plan with `hone plan \(request.file) --out \(file)`",
        notes: notes))
  }

  /// As "the pipeline and the data are not what they were".
  private static func summary(_ differences: [PlanDifference]) -> String {
    let causes = PlanDifference.Cause.allCases.filter { cause in
      differences.contains { $0.cause == cause }
    }
    let names = causes.map(words)
    guard let last = names.last else { return "it was changed by hand" }
    let list =
      names.count == 1 ? last : names.dropLast().joined(separator: ", ") + " and \(last)"
    let isOne = names.count == 1 && causes != [.consequence]
    return "\(list) \(isOne ? "is" : "are") not what \(isOne ? "it was" : "they were")"
  }

  private static func words(_ cause: PlanDifference.Cause) -> String {
    switch cause {
    case .pipeline: "the pipeline"
    case .data: "the data"
    case .model: "the model"
    case .backend: "the backend"
    case .hone: "Hone"
    case .consequence: "the plan's figures"
    }
  }

  /// Refuses `plan` where its directory holds a finished run of it.
  ///
  /// - Throws: ``DiagnosticError`` with `already-run`.
  func checkIsNew(_ plan: Plan) throws(DiagnosticError) {
    let record = RunRecord(directory: plan.pipeline.output)
    guard record.planIdentity == plan.identity, record.isFinished else { return }
    throw DiagnosticError(
      Diagnostic(
        .error, .alreadyRun,
        "`\(file)` was carried out already: `\(plan.pipeline.output)` holds its finished run",
        help: "`hone run --again \(file)` does it anew in its place"))
  }
}
