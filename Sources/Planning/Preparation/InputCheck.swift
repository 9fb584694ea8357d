package import Diagnostics
import Models
package import Pipelines

/// What can be said of the files that a pipeline names from their headers alone.
///
/// Of data the first row of each file is read, and no weight is touched; planning looks deeper.
package enum InputCheck {
  /// Everything found about `pipeline`'s model, its data files and what its stages adapt.
  package static func diagnostics(of pipeline: Pipeline) -> [Diagnostic] {
    let paths = InputPaths(pipeline: pipeline.file)
    var bag = DiagnosticBag()
    func collecting(_ body: () throws(DiagnosticError) -> Void) {
      do throws(DiagnosticError) {
        try body()
      } catch {
        for diagnostic in error.diagnostics { bag.report(diagnostic) }
      }
    }
    for section in pipeline.data {
      for finding in FirstRows.findings(section, paths) { bag.report(finding) }
    }
    for finding in OutputPlace.findings(pipeline.output) { bag.report(finding) }
    collecting { () throws(DiagnosticError) in
      let model = try PreparedModel(pipeline.model, paths: paths)
      for finding in ModelChecks.findings(pipeline, model) { bag.report(finding.diagnostic) }
      for stage in pipeline.stages {
        guard case .train(let train) = stage.work, case .lora(let section) = train.method else {
          continue
        }
        collecting { () throws(DiagnosticError) in
          let plan = try section.plan(for: model.description)
          for warning in section.warnings(of: plan, on: model.description) { bag.report(warning) }
          _ = try section.startingFiles(plan, paths)
        }
      }
    }
    return bag.sorted
  }
}
