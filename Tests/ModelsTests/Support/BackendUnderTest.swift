import ReferenceBackend
import Tensors

/// The backends that every fixture is held against.
enum BackendUnderTest: String, CaseIterable, Sendable {
  case reference

  var backend: any ComputeBackend {
    switch self {
    case .reference: ReferenceBackend()
    }
  }
}
