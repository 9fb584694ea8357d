import Datasets
import Tensors

/// Writes batches into the inputs of a program.
enum BatchInputs {
  /// Writes tokens, positions, visible ranges and targets; `window` limits how far back a position
  /// sees.
  static func write(_ batch: Batch, to runner: ProgramRunner, window: Int?) {
    copy(batch.tokens, to: runner.indices("tokens"))
    copy(batch.positions, to: runner.indices("positions"))
    copy(batch.targets, to: runner.indices("targets"))
    guard let ranges = runner.indices("ranges") else { return }
    copy(batch.ranges, to: ranges)
    guard let window else { return }
    for position in 0..<ranges.count / 2 {
      ranges[2 * position] = max(ranges[2 * position], ranges[2 * position + 1] - Int32(window))
    }
  }

  private static func copy(
    _ values: [Int32], to target: UnsafeMutableBufferPointer<Int32>?
  ) {
    guard let target, target.count == values.count else { return }
    values.withUnsafeBufferPointer { source in
      if let start = source.baseAddress {
        target.baseAddress?.update(from: start, count: source.count)
      }
    }
  }
}
