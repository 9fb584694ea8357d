import Diagnostics
import Pipelines
import Tensors

/// The backend declares that it keeps weights in the model's `dtype`.
enum BackendKeepsType {
  static func findings(_ stages: CheckedStages) -> [Diagnostic] {
    let (dtype, backend) = (stages.pipeline.model.dtype, stages.backend)
    guard !backend.weightTypes.contains(stages.model.weightType) else { return [] }
    let types = backend.weightTypes.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    let name = stages.pipeline.backend.name
    return [
      Diagnostic(
        .error, .unsupportedByBackend,
        "the backend `\(backend.name)` keeps no weights in `\(dtype.value.rawValue)`",
        at: dtype.span ?? name.span ?? stages.pipeline.model.span, path: dtype.path,
        help: "it keeps \(types); `hone backends` lists the others",
        notes: name.span.map { [Diagnostic.Note("the backend is chosen here", at: $0)] } ?? [])
    ]
  }
}
