/// The titles at the left of a plan's text.
enum Margin {
  /// The columns of the title.
  static let width = 14

  /// `lines` beside `title`, which stands at the first, `sign` before it.
  static func section(
    _ title: String, _ lines: [String], sign: String = " ", _ paint: Paint
  ) -> [String] {
    lines.enumerated().map { index, line in
      guard index == 0 else { return String(repeating: " ", count: width) + line }
      let padding = String(repeating: " ", count: max(1, width - 2 - title.count))
      return sign + " " + paint.bold(title) + padding + line
    }
  }

  /// `items` with `separator` between them, in as few lines of `width` columns as hold them.
  static func wrapped(_ items: [String], separator: String, width: Int) -> [String] {
    var lines: [String] = []
    for item in items {
      if let last = lines.last, last.count + separator.count + item.count <= width {
        lines[lines.count - 1] = last + separator + item
      } else {
        lines.append(item)
      }
    }
    return lines
  }
}

/// Colours of a terminal, or none.
struct Paint: Hashable, Sendable {
  let isColored: Bool

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func green(_ text: String) -> String { wrap(text, "32") }
  func yellow(_ text: String) -> String { wrap(text, "33") }

  /// `text` in the colour number `index` of six that differ from one to the next.
  func coloured(_ text: String, _ index: Int) -> String {
    wrap(text, ["34", "32", "33", "35", "36", "31"][index % 6])
  }

  private func wrap(_ text: String, _ code: String) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
