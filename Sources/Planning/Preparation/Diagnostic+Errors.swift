import Artifacts
import Datasets
package import Diagnostics
import Models
import Tensors
import Tokenizers

extension Diagnostic {
  /// What the user reads of an error of any module.
  package init(of error: any Error) {
    switch error {
    case let error as ArtifactError: self = error.diagnostic
    case let error as TokenizerError: self = error.diagnostic
    case let error as TemplateError: self = error.diagnostic
    case let error as DatasetError: self = error.diagnostic
    case let error as ModelError: self = Diagnostic(error)
    case let error as BackendError: self = Diagnostic(error)
    case AllocationError.outOfMemory(let byteCount):
      self.init(
        .error, .limitExceeded, "the system has no room for \(Quantities.bytes(byteCount))",
        help: "lower `batch.size` or `max_length`; `hone plan` shows the memory by part")
    default:
      self.init(
        .error, .internalError, "\(error)",
        help: "this is a defect of Hone, not of your files; please report it")
    }
  }

  private init(_ error: ModelError) {
    let code = DiagnosticCode(rawValue: error.category.rawValue) ?? .internalError
    self.init(.error, code, error.message, help: error.help)
  }

  private init(_ error: BackendError) {
    switch error {
    case .unsupported(let operation, let reason):
      self.init(
        .error, .unsupportedByBackend, "the backend cannot do `\(operation)`: \(reason)",
        help: "choose another with `--backend`; `hone backends` lists them")
    default:
      self.init(
        .error, .internalError, "the backend failed: \(error)",
        help: "this is a defect of Hone, not of your files; please report it")
    }
  }
}

/// Runs `body` and turns what it throws into diagnostics at `span` and `path`.
package func diagnosing<Result>(
  at span: SourceSpan? = nil, path: String? = nil, _ body: () throws -> Result
) throws(DiagnosticError) -> Result {
  do {
    return try body()
  } catch let error as DiagnosticError {
    throw DiagnosticError(error.diagnostics.map { $0.located(at: span, path: path) })
  } catch {
    throw DiagnosticError(Diagnostic(of: error).located(at: span, path: path))
  }
}
