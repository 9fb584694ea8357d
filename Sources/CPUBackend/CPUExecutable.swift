import CKernels
package import Tensors

/// An operation that is ready to run: a kernel and its resolved arguments.
struct PreparedStep {
  let kernel: hone_operation
  let arguments: UnsafeRawPointer
  /// The floating-point operations of one run.
  let floatingPointOperations: Int
}

/// What one kind of operation has cost since profiling began.
package struct CPUProfileEntry: Hashable, Sendable {
  /// The operation's name.
  package let operation: String
  package internal(set) var calls = 0
  package internal(set) var seconds = 0.0
  /// A multiply and an add count as two.
  package internal(set) var floatingPointOperations = 0
}

/// A program on the cpu: walks its prepared steps.
package final class CPUExecutable: Executable {
  private let pool: ThreadPool
  private let handle: OpaquePointer
  private let steps: [PreparedStep]
  private let indices: [IndexOperand?]
  private let operations: [String]
  private let arguments: ArgumentStore
  private var entries: [CPUProfileEntry] = []
  private var entryOfStep: [Int] = []

  init(
    pool: ThreadPool, handle: OpaquePointer, steps: [PreparedStep], indices: [IndexOperand?],
    operations: [String], arguments: ArgumentStore
  ) {
    self.pool = pool
    self.handle = handle
    self.steps = steps
    self.indices = indices
    self.operations = operations
    self.arguments = arguments
  }

  /// Whether runs are timed operation by operation; off at first.
  package var isProfiling = false {
    didSet {
      guard isProfiling, entryOfStep.isEmpty else { return }
      var known: [String: Int] = [:]
      for name in operations {
        if known[name] == nil {
          known[name] = entries.count
          entries.append(CPUProfileEntry(operation: name))
        }
        entryOfStep.append(known[name] ?? 0)
      }
    }
  }

  /// The costs by kind of operation, the dearest first; empty when nothing was timed.
  package var profile: [CPUProfileEntry] {
    entries.sorted { ($1.seconds, $0.operation) < ($0.seconds, $1.operation) }
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
    if isProfiling {
      failed = runTimed()
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
  private func runTimed() -> Int? {
    for (position, step) in steps.enumerated() {
      let start = hone_seconds()
      let status = step.kernel(handle, step.arguments)
      let entry = entryOfStep[position]
      entries[entry].seconds += hone_seconds() - start
      entries[entry].calls += 1
      entries[entry].floatingPointOperations += step.floatingPointOperations
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
