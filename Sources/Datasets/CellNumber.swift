#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers as the cells of a table hold them.
enum CellNumber {
  /// What stands for a number that is missing.
  static let missing: Set<String> = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"]

  /// The number that `text` writes in decimal; nil where it is missing.
  ///
  /// - Throws: `invalidNumber` where it is none, or too large for a 32-bit float.
  static func value(
    _ text: String, column: String, at place: RowPlace
  ) throws(DatasetError) -> Float? {
    let trimmed = text[...].trimmingBlanks()
    if missing.contains(String(trimmed)) { return nil }
    // `Double` also takes words and hexadecimal digits.
    let isDecimal = trimmed.utf8.allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
    }
    guard isDecimal, let number = Double(trimmed) else {
      throw .invalidNumber(text, column: column, .notANumber, at: place)
    }
    let float = Float(number)
    guard float.isFinite else {
      throw .invalidNumber(text, column: column, .tooLarge, at: place)
    }
    return float
  }

  /// The number as a model sees it.
  ///
  /// - Throws: `invalidNumber` where the transform has no value there.
  static func changed(
    _ value: Float, _ transform: RowSpecification.Transform, _ text: String, column: String,
    at place: RowPlace
  ) throws(DatasetError) -> Float {
    switch transform {
    case .none: return value
    case .log1p:
      guard value > -1 else {
        throw .invalidNumber(text, column: column, .belowLogarithm, at: place)
      }
      return Float(log1p(Double(value)))
    }
  }
}
