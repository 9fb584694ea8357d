import CPUBackend
import Pipelines
import ReferenceBackend
import Tensors

/// The backends that this command has: one line each.
enum BackendRegistry {
  /// Makes the backend called `name`; `threads` nil takes as many as the machine has processors.
  ///
  /// Operations are timed where there is a `profile` to fill and the backend can.
  static func backend(
    _ name: BackendSection.Name, threads: Int?, profile: OperationProfile? = nil
  ) -> any ComputeBackend {
    switch name {
    case .cpu: CPUBackend(threads: threads, profile: profile)
    case .reference: ReferenceBackend()
    }
  }

  /// What a backend is for, for `hone backends`.
  static func purpose(_ name: BackendSection.Name) -> String {
    switch name {
    case .cpu: "the default: OpenBLAS and vector kernels, all processors"
    case .reference: "plain loops in double precision; slow, the judge of the others"
    }
  }
}
