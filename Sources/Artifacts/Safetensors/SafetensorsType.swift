/// The names and the order of element types in safetensors files.
extension StoredType {
  /// The type that a safetensors file calls `name`.
  init?(safetensorsName name: String) {
    guard let type = Self.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
    self = type
  }

  /// The name in safetensors files; nil for what they cannot hold.
  var safetensorsName: String? {
    switch self {
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .float64: "F64"
    case .int8: "I8"
    case .int16: "I16"
    case .int32: "I32"
    case .int64: "I64"
    case .uint8: "U8"
    case .bool: "BOOL"
    case .q40, .q41, .q80: nil
    }
  }

  /// The rank of the type in the reference implementation, which puts the highest first.
  var safetensorsRank: Int {
    switch self {
    case .q40, .q41, .q80: -1
    case .bool: 0
    case .uint8: 1
    case .int8: 2
    case .int16: 3
    case .float16: 4
    case .bfloat16: 5
    case .int32: 6
    case .float32: 7
    case .float64: 8
    case .int64: 9
    }
  }
}
