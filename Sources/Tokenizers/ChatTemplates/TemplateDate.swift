/// A date that a template may write, given by the caller.
package struct TemplateDate: Hashable, Sendable {
  /// The year, such as 2026.
  package let year: Int
  /// The month, from 1.
  package let month: Int
  /// The day of the month, from 1.
  package let day: Int

  /// Makes a date; nil where there is no such day or the year is not within 1 to 9999.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...lengths[month - 1]).contains(day) else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let days = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  /// The day of the week, 0 for Sunday (Sakamoto's rule).
  private var weekday: Int {
    let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
    let shifted = month < 3 ? year - 1 : year
    return (shifted + shifted / 4 - shifted / 100 + shifted / 400 + offsets[month - 1] + day) % 7
  }

  /// The date by a format of C's `strftime`; nil for a part that is no date's.
  package func formatted(_ format: String) -> String? {
    func padded(_ value: Int, _ count: Int = 2) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
    var result = ""
    var scalars = format.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      switch scalars.next() {
      case "Y": result += String(year)
      case "y": result += padded(year % 100)
      case "m": result += padded(month)
      case "d": result += padded(day)
      case "B": result += Self.months[month - 1]
      case "b": result += String(Self.months[month - 1].prefix(3))
      case "A": result += Self.days[weekday]
      case "a": result += String(Self.days[weekday].prefix(3))
      case "F": result += "\(padded(year, 4))-\(padded(month))-\(padded(day))"
      case "%": result += "%"
      default: return nil
      }
    }
    return result
  }
}
