import Datasets
import Tensors

/// Writes batches into the inputs of a program.
enum BatchInputs {
  /// Writes what the program reads of the batch; `window` limits how far back a position sees.
  static func write(_ batch: Batch, to runner: ProgramRunner, window: Int?) {
    for input in BatchInput.allCases {
      switch batch.content(input) {
      case .integers(let values): copy(values, to: runner.indices(input.name))
      case .floats(let values): copy(values, to: runner.floats(input.name))
      }
    }
    guard let window, let ranges = runner.indices("ranges") else { return }
    for position in 0..<ranges.count / 2 {
      ranges[2 * position] = max(ranges[2 * position], ranges[2 * position + 1] - Int32(window))
    }
  }

  private static func copy<Value>(
    _ values: [Value], to target: UnsafeMutableBufferPointer<Value>?
  ) {
    guard let target, target.count == values.count else { return }
    values.withUnsafeBufferPointer { source in
      if let start = source.baseAddress {
        target.baseAddress?.update(from: start, count: source.count)
      }
    }
  }
}
