#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How many numbers a training changes, and how many there are.
package struct ParameterCount: Hashable, Sendable {
  package let trainable: Int
  /// Base, updates and the copies of modules that are trained whole; tied weights once.
  package let all: Int

  package init(trainable: Int, all: Int) {
    self.trainable = trainable
    self.all = all
  }

  /// The line of PEFT's `print_trainable_parameters`.
  package var line: String {
    let share = all == 0 ? 0 : 100 * Double(trainable) / Double(all)
    return "trainable params: \(Self.grouped(trainable)) || all params: \(Self.grouped(all)) || "
      + "trainable%: \(Self.fixed(share))"
  }

  /// `1234567` as `1,234,567`.
  static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// Four digits after the point, as Python's `.4f`.
  private static func fixed(_ number: Double) -> String {
    var bytes = [CChar](repeating: 0, count: 64)
    let count = withVaList([number]) { vsnprintf(&bytes, bytes.count, "%.4f", $0) }
    return String(
      decoding: bytes.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
