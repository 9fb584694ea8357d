import CPUBackend
import ReferenceBackend
import Tensors

/// The backends that every fixture is held against.
enum BackendUnderTest: String, CaseIterable, Sendable {
  case reference, cpu

  var backend: any ComputeBackend {
    switch self {
    case .reference: ReferenceBackend()
    case .cpu: CPUBackend(threads: 2)
    }
  }
}
