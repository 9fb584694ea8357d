package import Tensors

/// How the elements of a tensor lie in a file, in little-endian order.
package enum StoredType: String, CaseIterable, Hashable, Sendable {
  case float32
  case float16
  case bfloat16
  case float64
  case int8
  case int16
  case int32
  case int64
  case uint8
  case bool
  /// Blocks of 32: a float16 scale, then 4 bits an element, from −8.
  case q40 = "q4_0"
  /// Blocks of 32: a float16 scale, a float16 minimum, then 4 bits an element.
  case q41 = "q4_1"
  /// Blocks of 32: a float16 scale, then a signed byte an element.
  case q80 = "q8_0"

  /// How the elements of a program's values are stored; nil where no file has them so.
  package init?(_ type: DType) {
    switch type {
    case .float32: self = .float32
    case .bfloat16: self = .bfloat16
    case .float16: self = .float16
    case .int32: self = .int32
    case .q80: self = .q80
    case .q40: self = .q40
    case .nf4: return nil
    }
  }

  /// How many elements are stored together.
  package var blockElements: Int {
    switch self {
    case .q40, .q41, .q80: 32
    case .float32, .float16, .bfloat16, .float64, .int8, .int16, .int32, .int64, .uint8, .bool: 1
    }
  }

  /// How many bytes such a block takes.
  package var blockBytes: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .q40: 18
    case .q41: 20
    case .q80: 34
    }
  }

  /// The bytes that a tensor of `dimensions` takes, or nil if a dimension is negative, the last
  /// one is not a whole number of blocks, or the number is too large.
  package func byteCount(_ dimensions: [Int]) -> Int? {
    guard let count = Self.elementCount(dimensions) else { return nil }
    guard (dimensions.last ?? 1) % blockElements == 0, count % blockElements == 0 else {
      return nil
    }
    let (bytes, overflow) = (count / blockElements).multipliedReportingOverflow(by: blockBytes)
    return overflow ? nil : bytes
  }

  /// The product of `dimensions`, or nil if one is negative or a partial product is too large.
  static func elementCount(_ dimensions: [Int]) -> Int? {
    var count = 1
    for dimension in dimensions {
      guard dimension >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      count = product
    }
    return count
  }
}
