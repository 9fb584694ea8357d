extension Quantities {
  /// `2GiB`, `500 MB` or `1.5TiB` in bytes; nil where it is no size, or none that fits.
  package static func bytes(parsing text: String) -> Int? {
    let units: [(String, Double)] = [
      ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
      ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ]
    for (unit, size) in units where text.hasSuffix(unit) {
      var amount = text.dropLast(unit.count)
      if amount.last == " " { amount.removeLast() }
      guard let number = plain(amount), number > 0 else { return nil }
      let bytes = number * size
      return bytes >= 1 && bytes < 9e18 ? Int(bytes.rounded(.down)) : nil
    }
    return nil
  }

  /// `90s`, `30m`, `2h`, `1h30m` or `1d` in seconds; nil where it is no duration.
  package static func seconds(parsing text: String) -> Double? {
    let units: [(Character, Double)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
    var (rest, total, next) = (text[...], 0.0, 0)
    while !rest.isEmpty {
      guard let end = rest.firstIndex(where: { !$0.isNumber && $0 != "." }),
        let unit = units[next...].firstIndex(where: { $0.0 == rest[end] }),
        let number = plain(rest[..<end])
      else { return nil }
      total += number * units[unit].1
      rest = rest[rest.index(after: end)...]
      next = unit + 1
    }
    return total > 0 && total < 1e9 ? total : nil
  }

  /// A number of digits with at most one point between them.
  private static func plain(_ text: Substring) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, text.count <= 18,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return nil }
    return Double(text)
  }

  /// A share as `7.5 %`: two digits that count, `100 %` and more without any after the point.
  static func percent(_ share: Double) -> String {
    let value = share * 100
    guard value.isFinite else { return "–" }
    let digits = value >= 9.95 || value == 0 ? 0 : value >= 0.995 ? 1 : value >= 0.0995 ? 2 : 3
    return "\(decimal(value, digits: digits)) %"
  }
}
