import CKernels
import Tensors

/// A value at its address.
struct Operand {
  let pointer: UnsafeMutableRawPointer
  let type: ValueType
  /// Whether results are added to what is there.
  let isGradient: Bool

  var shape: Shape { type.shape }
  var count: Int64 { Int64(type.shape.count) }
  var rows: Int64 { Int64(type.shape[0]) }
  var columns: Int64 { Int64(type.shape.columns) }

  var floats: UnsafePointer<Float> { UnsafePointer(mutableFloats) }
  var mutableFloats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
  var integers: UnsafePointer<Int32> {
    UnsafePointer(pointer.assumingMemoryBound(to: Int32.self))
  }
  /// The operand as a weight in either of its dtypes.
  var weight: hone_weight {
    hone_weight(data: UnsafeRawPointer(pointer), is_bfloat16: type.isBFloat16)
  }
  /// ``isGradient`` as the kernels want it.
  var accumulates: Int32 { isGradient ? 1 : 0 }
}

extension ValueType {
  /// Whether this is bfloat16, as the kernels want it.
  var isBFloat16: Int32 { dtype == .bfloat16 ? 1 : 0 }
}
