import Datasets
package import Diagnostics
import Models
package import Pipelines

/// What can be said of the files that a pipeline names from their headers alone.
///
/// No row of data is read and no weight is touched; planning looks deeper.
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
    collecting { () throws(DiagnosticError) in
      let model = try PreparedModel(pipeline.model, paths: paths)
      for stage in pipeline.stages {
        guard case .train(let train) = stage.work, case .lora(let section) = train.method else {
          continue
        }
        collecting { () throws(DiagnosticError) in
          let plan = try section.plan(for: model.description)
          for warning in section.warnings(of: plan) { bag.report(warning) }
          _ = try section.startingFiles(plan, paths)
        }
      }
    }
    for section in pipeline.data {
      guard case .load(let files) = section.source else { continue }
      for file in files {
        collecting { () throws(DiagnosticError) in
          try diagnosing(at: file.span, path: file.path) {
            _ = try DataFile.find(
              [paths.resolve(file)], in: "", format: section.format == nil ? nil : .jsonl)
          }
        }
      }
    }
    return bag.sorted
  }
}
