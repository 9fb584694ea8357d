import CKernels

/// The threads of a backend, stopped with the last reference.
final class ThreadPool: @unchecked Sendable {
  // SAFETY: `handle` never changes; whoever runs jobs holds the pool's lock (`CPUExecutable.run`).
  /// Nil when the system had no memory for the pool.
  let handle: OpaquePointer?

  init(threads: Int) {
    handle = hone_pool_create(Int32(threads))
    if let handle { hone_blas_prepare(handle) }
  }

  deinit { if let handle { hone_pool_destroy(handle) } }
}
