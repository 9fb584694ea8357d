/// A value of a GGUF file's metadata.
package indirect enum GGUFValue: Hashable, Sendable {
  /// Any integer type but `uint64`.
  case integer(Int64)
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  case bool(Bool)
  case string(String)
  case integers([Int64])
  case unsigneds([UInt64])
  case floats([Float])
  case doubles([Double])
  case bools([Bool])
  case strings([String])
  case arrays([GGUFValue])
}

extension GGUFValue {
  /// An integer of any type that fits; nil for anything else.
  package var integer: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .unsigned(let value): Int(exactly: value)
    case .float, .double, .bool, .string, .integers, .unsigneds, .floats, .doubles, .bools,
      .strings, .arrays:
      nil
    }
  }

  /// A number of any type; nil for anything else.
  ///
  /// A float32 becomes the double with the same shortest decimal, so that 1e-5 stays 1e-5.
  package var number: Double? {
    switch self {
    case .float(let value): Double(value.description) ?? Double(value)
    case .double(let value): value
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .bool, .string, .integers, .unsigneds, .floats, .doubles, .bools, .strings, .arrays: nil
    }
  }

  /// The text of a string; nil for anything else.
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The truth of a boolean; nil for anything else.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The texts of an array of strings; nil for anything else.
  package var strings: [String]? { if case .strings(let value) = self { value } else { nil } }
  /// The numbers of an array of float32; nil for anything else.
  package var floats: [Float]? { if case .floats(let value) = self { value } else { nil } }

  /// The integers of an array of any integer type, where all fit; nil for anything else.
  package var integers: [Int]? {
    switch self {
    case .integers(let values): values.map { Int($0) }
    case .unsigneds(let values):
      values.allSatisfy { $0 <= UInt64(Int.max) } ? values.map { Int($0) } : nil
    case .integer, .unsigned, .float, .double, .bool, .string, .floats, .doubles, .bools,
      .strings, .arrays:
      nil
    }
  }
}
