/// Writes findings for people: the place, the line with what is meant underlined, the way out.
package enum TextRenderer {
  /// The longest excerpt of a line, in Unicode scalars; of a longer one a window is shown.
  static let excerptLength = 100

  /// All findings, an empty line between two; ends with a line break unless there are none.
  ///
  /// `isColored` adds ANSI colours. Control characters of the user's text never reach the output.
  package static func text(_ report: DiagnosticReport, isColored: Bool = false) -> String {
    var parts = report.entries.map { text($0, Palette(isColored: isColored)) }
    if report.omittedCount > 0 { parts.append("and \(report.omittedCount) more\n") }
    return parts.joined(separator: "\n")
  }

  private static func text(_ entry: DiagnosticReport.Entry, _ palette: Palette) -> String {
    let severity: Palette.Ink =
      switch entry.severity {
      case .error: .red
      case .warning: .yellow
      }
    let places = [entry.place] + entry.notes.map(\.place)
    let numbers = places.compactMap { $0?.line == nil ? nil : $0?.span.start.line }
    let gutter = String(repeating: " ", count: String(numbers.max() ?? 0).count + 1)
    var lines = [
      palette.paint(prefix(entry.place), .bold)
        + palette.paint("\(entry.severity.rawValue): ", severity)
        + palette.paint("\(visible(entry.message)) [\(entry.code.rawValue)]", .bold)
    ]
    if let place = entry.place { lines += excerpt(place, gutter, severity, palette) }
    if let path = entry.path { lines.append("\(gutter)= path: \(visible(path))") }
    if let help = entry.help { lines += remark("help", help, gutter, palette) }
    for note in entry.notes {
      if let place = note.place {
        lines.append(
          palette.paint(prefix(place), .bold) + palette.paint("note: ", .cyan)
            + visible(note.message))
        lines += excerpt(place, gutter, .cyan, palette)
      } else {
        lines += remark("note", note.message, gutter, palette)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func prefix(_ place: DiagnosticReport.Place?) -> String {
    guard let span = place?.span else { return "" }
    return "\(visible(span.file)):\(span.start.line):\(span.start.column): "
  }

  /// A remark, its further lines under its first.
  private static func remark(
    _ name: String, _ text: String, _ gutter: String, _ palette: Palette
  ) -> [String] {
    let lead = "\(gutter)= "
    let indentation = String(repeating: " ", count: gutter.count + name.count + 4)
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
      ($0 == 0 ? lead + palette.paint("\(name): ", .cyan) : indentation) + visible(String($1))
    }
  }

  /// The line, and under it `^~~~` from the start of the span to its end on that line.
  private static func excerpt(
    _ place: DiagnosticReport.Place, _ gutter: String, _ ink: Palette.Ink, _ palette: Palette
  ) -> [String] {
    guard let line = place.line else { return [] }
    let start = place.span.start
    let scalars = Array(line.unicodeScalars)
    let first = min(start.column - 1, scalars.count)
    let isOneLine = place.span.end.line == start.line
    let last = max(isOneLine ? min(place.span.end.column - 1, scalars.count) : scalars.count, first)

    let window = window(of: scalars.count, around: first)
    let lead = window.lowerBound > 0 ? "…" : ""
    let tail = window.upperBound < scalars.count ? "…" : ""
    let marked = first..<max(first, min(last, window.upperBound))
    let padding = scalars[window.lowerBound..<first].map { scalar in
      scalar == "\t" ? "\t" : String(repeating: " ", count: scalar.displayWidth)
    }
    let width = scalars[marked].reduce(0) { $0 + ($1 == "\t" ? 1 : $1.displayWidth) }
    let number = String(start.line)
    let space = String(repeating: " ", count: gutter.count - number.count)
    let mark = "^" + String(repeating: "~", count: max(width - 1, 0))
    return [
      "\(gutter)|",
      "\(number)\(space)| \(lead)\(visible(scalars[window]))\(tail)".trimmingEnd(),
      "\(gutter)| \(lead.isEmpty ? "" : " ")\(padding.joined())\(palette.paint(mark, ink))",
    ]
  }

  /// The part of a line of `count` scalars that is shown around `position`.
  private static func window(of count: Int, around position: Int) -> Range<Int> {
    guard count > excerptLength else { return 0..<count }
    let start = min(max(0, position - excerptLength / 2), count - excerptLength)
    return start..<(start + excerptLength)
  }

  /// The text without what could steer a terminal.
  private static func visible(_ text: String) -> String { visible(Array(text.unicodeScalars)) }

  private static func visible(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var output = String.UnicodeScalarView()
    for scalar in scalars {
      output.append(scalar == "\t" || !scalar.isControl ? scalar : "\u{FFFD}")
    }
    return String(output)
  }
}

/// Colours, or none.
private struct Palette {
  enum Ink: String {
    case red = "31"
    case yellow = "33"
    case cyan = "36"
    case bold = "1"
  }

  let isColored: Bool

  func paint(_ text: String, _ ink: Ink) -> String {
    isColored && !text.isEmpty
      ? "\u{1B}[\(ink == .bold ? "1" : "1;" + ink.rawValue)m\(text)\u{1B}[0m" : text
  }
}

extension String {
  /// The text without spaces at its end.
  fileprivate func trimmingEnd() -> String {
    var scalars = unicodeScalars
    while scalars.last == " " { scalars.removeLast() }
    return String(scalars)
  }
}
