import CKernels
import Randomness
import Tensors

extension ArgumentStore {
  /// Makes memory zero.
  func clear(_ start: UnsafeMutableRawPointer, byteCount: Int) -> Kernel {
    let values = hone_clear_arguments(
      y: start.assumingMemoryBound(to: CChar.self), bytes: Int64(byteCount))
    return Kernel(function: hone_clear, arguments: keep(values))
  }

  /// Sums, products and scaling by elements.
  func elementwise(_ kind: hone_elementwise_kind, _ bound: BoundOperation, factor: Float = 1)
    -> Kernel
  {
    let (inputs, y) = (bound.inputs, bound.outputs[0])
    let values = hone_elementwise_arguments(
      kind: kind, a: inputs[0].floats, b: inputs.count > 1 ? inputs[1].floats : nil,
      y: y.mutableFloats, factor: factor, count: y.count)
    return Kernel(function: hone_elementwise, arguments: keep(values))
  }

  /// `x, bias` to `y`.
  func addBias(_ bound: BoundOperation) -> Kernel {
    let x = bound.inputs[0]
    let values = hone_add_bias_arguments(
      x: x.floats, bias: bound.inputs[1].weight, y: bound.outputs[0].mutableFloats, rows: x.rows,
      columns: x.columns)
    return Kernel(function: hone_add_bias, arguments: keep(values))
  }

  /// `x` to the sums of its columns.
  func columnSum(_ bound: BoundOperation) -> Kernel {
    let (x, y) = (bound.inputs[0], bound.outputs[0])
    let values = hone_column_sum_arguments(
      x: x.floats, y: y.mutableFloats, rows: x.rows, columns: x.columns,
      accumulate: y.accumulates)
    return Kernel(function: hone_column_sum, arguments: keep(values))
  }

  /// `x` to what dropout leaves of it.
  func dropout(_ rule: Dropout, _ bound: BoundOperation, seed: UInt64) -> Kernel {
    let x = bound.inputs[0]
    let key = RandomStream(seed: seed, name: rule.stream).key
    let values = hone_dropout_arguments(
      x: x.floats, y: bound.outputs[0].mutableFloats, count: x.count,
      step: UnsafePointer(randomStep), key0: key[0], key1: key[1],
      threshold: RandomStream.dropThreshold(rate: rule.rate), factor: 1 / (1 - rule.rate))
    return Kernel(function: hone_dropout, arguments: keep(values))
  }
}
