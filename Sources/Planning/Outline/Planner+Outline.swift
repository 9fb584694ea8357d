package import Diagnostics
package import Pipelines

extension Planner {
  /// The run; or, where nothing is wrong but that inputs are not there, what is known of it.
  ///
  /// What an earlier pipeline may still make is a warning here; a run needs it, and a file that is
  /// there and wrong stays an error.
  package func planned() -> (planned: Planned, diagnostics: [Diagnostic]) {
    let (run, diagnostics) = prepare()
    if let run { return (.run(run), diagnostics) }
    let missing = MissingInputs(pipeline, paths)
    guard !missing.all.isEmpty, diagnostics.allSatisfy({ missing.explains($0) }) else {
      return (.nothing, diagnostics)
    }
    var bag = DiagnosticBag()
    let outline = OutlineMaker(self, missing).outline(&bag)
    let others = bag.sorted.filter { !missing.explains($0) && !diagnostics.contains($0) }
    if others.contains(where: { $0.severity == .error }) {
      return (.nothing, others + diagnostics)
    }
    return (.outline(outline), others + diagnostics.map(\.asWarning))
  }
}

extension PlanOutline {
  /// Whether anything that `pipeline` reads is not there.
  package static func hasMissingInputs(_ pipeline: Pipeline) -> Bool {
    !MissingInputs(pipeline, InputPaths(pipeline: pipeline.file)).all.isEmpty
  }
}

extension MissingInputs {
  /// Whether a finding says no more than that an input is not there.
  fileprivate func explains(_ diagnostic: Diagnostic) -> Bool {
    guard diagnostic.severity == .error else { return true }
    return diagnostic.code == .missingFile
      || (tokenizer != nil && diagnostic.path == "model.tokenizer")
  }
}

extension Diagnostic {
  /// The finding as a warning.
  fileprivate var asWarning: Diagnostic {
    Diagnostic(
      .warning, code, message, at: span, path: path, help: help, notes: notes, fix: fix)
  }
}
