/// The type of a value's elements.
package enum DType: String, CaseIterable, Hashable, Sendable {
  case float32
  case bfloat16
  case float16
  case int32

  /// The size of one element.
  package var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .bfloat16, .float16: 2
    }
  }
}
