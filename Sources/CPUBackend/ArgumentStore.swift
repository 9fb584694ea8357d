/// The argument blocks of a program's steps, at addresses that do not change.
final class ArgumentStore {
  /// The step that random numbers of the current run belong to.
  let randomStep: UnsafeMutablePointer<UInt64>
  private var allocations: [UnsafeMutableRawPointer] = []

  init() {
    randomStep = .allocate(capacity: 1)
    randomStep.initialize(to: 0)
  }

  deinit {
    randomStep.deallocate()
    for allocation in allocations { allocation.deallocate() }
  }

  /// Keeps `value`, a plain structure, and returns where.
  func keep<Value: BitwiseCopyable>(_ value: Value) -> UnsafeRawPointer {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    pointer.initialize(to: value)
    allocations.append(UnsafeMutableRawPointer(pointer))
    return UnsafeRawPointer(pointer)
  }

  /// Keeps a copy of `numbers` and returns where.
  func keep<Number: BitwiseCopyable>(_ numbers: [Number]) -> UnsafePointer<Number> {
    let pointer = UnsafeMutablePointer<Number>.allocate(capacity: max(1, numbers.count))
    pointer.initialize(from: numbers, count: numbers.count)
    allocations.append(UnsafeMutableRawPointer(pointer))
    return UnsafePointer(pointer)
  }
}
