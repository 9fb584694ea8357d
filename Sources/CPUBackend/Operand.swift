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
  /// The operand as a matrix in any dtype of frozen weights.
  var matrix: hone_matrix {
    hone_matrix(data: UnsafeRawPointer(pointer), type: type.weightType)
  }
  /// The operand as a vector or small table in float32 or bfloat16.
  var weight: hone_weight {
    hone_weight(data: UnsafeRawPointer(pointer), is_bfloat16: type.isBFloat16)
  }
  /// ``isGradient`` as the kernels want it.
  var accumulates: Int32 { isGradient ? 1 : 0 }
}

extension ValueType {
  /// Whether this is bfloat16, as the kernels want it.
  var isBFloat16: Int32 { dtype == .bfloat16 ? 1 : 0 }

  /// How a matrix of this type is kept, as the kernels want it.
  ///
  /// - Precondition: the dtype is one that the backend declares for weights.
  var weightType: hone_weight_type {
    switch dtype {
    case .float32: HONE_FLOAT32
    case .bfloat16: HONE_BFLOAT16
    case .q80: HONE_Q8_0
    case .q40: HONE_Q4_0
    case .nf4: HONE_NF4
    case .float16, .int32: preconditionFailure("a matrix must be of a declared weight type")
    }
  }
}
