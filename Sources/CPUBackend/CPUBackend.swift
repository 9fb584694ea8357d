import CKernels
package import Tensors

/// The fast default backend: OpenBLAS for matrix products, kernels compiled for several instruction
/// sets, and one pool of threads that all programs of the backend share.
///
/// A compiled program is a list of prepared steps over resolved addresses; a run allocates nothing.
/// Results do not depend on the number of threads.
package struct CPUBackend: ComputeBackend {
  private let pool: ThreadPool
  private let threads: Int
  private let profile: OperationProfile?

  /// Starts the backend's threads: `threads` of them, or one a processor of the process.
  ///
  /// Runs are timed operation by operation where there is a `profile` to fill.
  package init(threads: Int? = nil, profile: OperationProfile? = nil) {
    self.profile = profile
    self.threads = min(256, max(1, threads ?? Int(hone_processor_count())))
    pool = ThreadPool(threads: self.threads)
  }

  package var capabilities: BackendCapabilities {
    BackendCapabilities(
      name: "cpu", weightTypes: [.float32, .bfloat16, .q80, .q40, .nf4], threads: threads)
  }

  package func workspaceByteCount(for program: Program) -> Int {
    program.operations.reduce(0) { most, operation in
      max(most, Scratch(for: operation, in: program).byteCount(threads: threads))
    }
  }

  package func compile(
    _ program: Program, layout: MemoryLayout, memory: ProgramMemory, seed: UInt64
  ) throws(BackendError) -> any Executable {
    do { try program.verify() } catch { throw .invalidProgram(error) }
    guard let handle = pool.handle else { throw .deviceFailure("no memory for threads") }
    var preparation = Preparation(
      program: program, layout: layout, memory: memory, seed: seed)
    try preparation.appendAll()
    return CPUExecutable(
      pool: pool, handle: handle, steps: preparation.steps, indices: preparation.indices,
      operations: preparation.operations.map { position in
        position.map { program.operations[$0].kind.name } ?? "clear"
      }, arguments: preparation.arguments, profile: profile,
      works: profile.map { profile in
        preparation.operations.map { position in
          position.map { profile.work(of: program.operations[$0], in: program) }
        }
      } ?? [])
  }
}
