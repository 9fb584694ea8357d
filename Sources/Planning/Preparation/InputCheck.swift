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
    for case .export(let export) in pipeline.stages.map(\.work) {
      switch export {
      case .adapter(let path), .merged(let path, format: _):
        collecting { () throws(DiagnosticError) in
          try ExportPlace.check(
            path, output: pipeline.output.value, inputs: pipeline.weightInputs(paths))
        }
      }
    }
    collecting { () throws(DiagnosticError) in
      let model = try PreparedModel(pipeline, paths: paths)
      for finding in ModelChecks.findings(pipeline, model) { bag.report(finding.diagnostic) }
      for stage in pipeline.stages {
        collecting { () throws(DiagnosticError) in
          switch stage.work {
          case .train(let train):
            guard case .lora(let section) = train.method else { return }
            let plan = try section.plan(for: model.description)
            for warning in section.warnings(of: plan, on: model.description) {
              bag.report(warning)
            }
            _ = try section.startingFiles(plan, paths, task: model.description.task)
          case .generate(let generate):
            guard generate.chat.value, let prompt = generate.prompts.first else { return }
            try diagnosing(at: prompt.span, path: prompt.path) {
              _ = try model.tokenizer.chatPrompt(prompt.value)
            }
          case .evaluate, .export: return
          }
        }
      }
    }
    return bag.sorted
  }
}
