import Synchronization

/// What operations have cost, by kind; a backend that is given one fills it while programs run.
///
/// One profile may be filled by several programs; each record takes a lock, which a run without a profile
/// does not.
package final class OperationProfile: Sendable {
  /// What one kind of operation has cost.
  package struct Entry: Hashable, Sendable {
    /// The operation's name; of products with their extents `m × n × k`.
    package let operation: String
    package fileprivate(set) var calls = 0
    package fileprivate(set) var seconds = 0.0
    /// A multiply and an add count as two.
    package fileprivate(set) var floatingPointOperations = 0
    /// Bytes of operands and results.
    package fileprivate(set) var byteCount = 0
  }

  /// What one run of an operation takes, apart from time.
  package struct Work: Hashable, Sendable {
    /// Where the operation's entry stands.
    fileprivate let position: Int
    fileprivate let floatingPointOperations: Int
    fileprivate let byteCount: Int
  }

  private let entries = Mutex<[Entry]>([])

  package init() {}

  /// What ``record(_:seconds:)`` needs for `operation` of `program`.
  package func work(of operation: Operation, in program: Program) -> Work {
    let inputs = operation.inputs.map { program[$0].type }
    let outputs = operation.outputs.map { program[$0].type }
    var name = operation.kind.name
    if case .product(let rule) = operation.kind {
      let extents = rule.extents(inputs[0].shape, inputs[1].shape)
      name += " \(extents.m) × \(extents.n) × \(extents.k)"
    }
    let position = entries.withLock { entries in
      if let known = entries.firstIndex(where: { $0.operation == name }) { return known }
      entries.append(Entry(operation: name))
      return entries.count - 1
    }
    return Work(
      position: position,
      floatingPointOperations: operation.kind.rule.floatingPointOperations(
        inputs: inputs, outputs: outputs),
      byteCount: (inputs + outputs).reduce(0) { $0 + $1.byteCount })
  }

  /// Adds one run of an operation, which did a `share` of the arithmetic that its shapes ask for.
  package func record(_ work: Work, share: Double = 1, seconds: Double) {
    entries.withLock { entries in
      entries[work.position].calls += 1
      entries[work.position].seconds += seconds
      entries[work.position].floatingPointOperations += Int(
        Double(work.floatingPointOperations) * share)
      entries[work.position].byteCount += work.byteCount
    }
  }

  /// What was recorded since the last call, the dearest first.
  package func take() -> [Entry] {
    entries.withLock { entries in
      let taken = entries
      entries = taken.map { Entry(operation: $0.operation) }
      return taken.filter { $0.calls > 0 }.sorted {
        ($1.seconds, $0.operation) < ($0.seconds, $1.operation)
      }
    }
  }
}
