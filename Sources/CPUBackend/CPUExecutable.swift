import CKernels
package import Tensors

/// An operation that is ready to run: a kernel and its resolved arguments.
struct PreparedStep {
  let kernel: hone_operation
  let arguments: UnsafeRawPointer
}

/// A program on the cpu: walks its prepared steps.
package final class CPUExecutable: Executable {
  private let pool: ThreadPool
  private let handle: OpaquePointer
  private let steps: [PreparedStep]
  private let indices: [IndexOperand?]
  private let operations: [String]
  private let arguments: ArgumentStore
  private let profile: OperationProfile?
  /// What each step takes, nil where it only clears memory; empty where nothing is timed.
  private let works: [OperationProfile.Work?]

  init(
    pool: ThreadPool, handle: OpaquePointer, steps: [PreparedStep], indices: [IndexOperand?],
    operations: [String], arguments: ArgumentStore, profile: OperationProfile?,
    works: [OperationProfile.Work?]
  ) {
    self.pool = pool
    self.handle = handle
    self.steps = steps
    self.indices = indices
    self.operations = operations
    self.arguments = arguments
    self.profile = profile
    self.works = works
  }

  /// Runs every operation once; random numbers are those of `randomStep`.
  ///
  /// - Throws: ``BackendError/indexOutOfRange(operation:index:count:)`` before the operation with
  ///   such an operand writes anything.
  package func run(randomStep: UInt64) throws(BackendError) {
    hone_pool_lock(handle)
    defer { hone_pool_unlock(handle) }
    arguments.randomStep.pointee = randomStep
    var failed: Int?
    if let profile {
      failed = runTimed(profile)
    } else {
      for position in steps.indices {
        let step = steps[position]
        if step.kernel(handle, step.arguments) != HONE_OK {
          failed = position
          break
        }
      }
    }
    if let failed { throw failure(at: failed) }
  }

  /// Runs with a clock; returns the position of the step that failed.
  private func runTimed(_ profile: OperationProfile) -> Int? {
    for (position, step) in steps.enumerated() {
      let start = hone_seconds()
      let status = step.kernel(handle, step.arguments)
      let seconds = hone_seconds() - start
      if let work = works[position] {
        profile.record(work, share: indices[position]?.share ?? 1, seconds: seconds)
      }
      if status != HONE_OK { return position }
    }
    return nil
  }

  private func failure(at position: Int) -> BackendError {
    guard let operand = indices[position], let index = operand.firstOutOfRange else {
      return .deviceFailure("`\(operations[position])` failed")
    }
    return .indexOutOfRange(operation: operations[position], index: index, count: operand.limit)
  }
}
