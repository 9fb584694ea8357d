/// Numbers as people read them.
package enum Quantities {
  /// `1234567` as `1,234,567`.
  package static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var output = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { output.append(",") }
      output.append(digit)
    }
    return output
  }

  /// Bytes in binary units with one digit after the point: `12.4 MiB`.
  package static func bytes(_ value: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var amount = Double(value)
    var unit = 0
    while amount >= 1024, unit < units.count - 1 {
      amount /= 1024
      unit += 1
    }
    return unit == 0 ? "\(value) B" : "\(decimal(amount, digits: 1)) \(units[unit])"
  }

  /// A large count in powers of a thousand: `3.2 T` for 3.2e12.
  package static func scaled(_ value: Int) -> String {
    let units = ["", "k", "M", "G", "T", "P", "E"]
    var amount = Double(value)
    var unit = 0
    while amount >= 1000, unit < units.count - 1 {
      amount /= 1000
      unit += 1
    }
    return unit == 0 ? "\(value) " : "\(decimal(amount, digits: 1)) \(units[unit])"
  }

  /// A number with `digits` digits after the point, rounded to nearest.
  package static func decimal(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    var power = 1.0
    for _ in 0..<digits { power *= 10 }
    let rounded = (value.magnitude * power).rounded()
    guard rounded < 9e15 else { return "\(value)" }
    let whole = Int(rounded / power)
    let sign = value < 0 && rounded > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    let fraction = String(Int(rounded) - whole * Int(power))
    return sign + "\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  /// A setting's number, without a trailing `.0`, small ones as `1e-4`.
  package static func compact(_ value: Double) -> String {
    if value == value.rounded(), value.magnitude < 1e15 { return String(Int(value)) }
    return "\(value)"
  }

  /// A number with at most three significant digits: `0.004`, `3.97e-5`.
  package static func significant(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return compact(value) }
    var (scaled, exponent) = (value.magnitude, 0)
    while scaled >= 10 { (scaled, exponent) = (scaled / 10, exponent + 1) }
    while scaled < 1 { (scaled, exponent) = (scaled * 10, exponent - 1) }
    let digits = (scaled * 100).rounded() / 100
    let sign = value < 0 ? "-" : ""
    // Through its text, so that no rounding of a power of ten shows.
    guard let rounded = Double("\(sign)\(digits)e\(exponent)") else { return compact(value) }
    return compact(rounded).replacing("e-0", with: "e-")
  }

  /// `text` in at most `width` characters, with an ellipsis where it is longer.
  package static func clipped(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
  }

  /// Seconds as `42 s`, `3 min 10 s`, `2 h 5 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
    if seconds < 10 { return "\(decimal(seconds, digits: 1)) s" }
    let total = Int(seconds.rounded())
    if total < 60 { return "\(total) s" }
    if total < 3600 { return "\(total / 60) min \(total % 60) s" }
    return "\(total / 3600) h \(total % 3600 / 60) min"
  }

  /// A curve as a line of blocks, `width` samples from the first value to the last.
  package static func curve(_ values: [Double], width: Int = 24) -> String {
    guard let top = values.max(), top > 0, values.count > 1 else { return "" }
    let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    let count = min(width, values.count)
    return String(
      (0..<count).map { sample in
        let index = count == 1 ? 0 : sample * (values.count - 1) / (count - 1)
        let level = Int((values[index] / top * 7).rounded())
        return blocks[max(0, min(7, level))]
      })
  }

  /// `text` padded with spaces on the right to `width` characters.
  package static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// `text` padded with spaces on the left to `width` characters.
  package static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
