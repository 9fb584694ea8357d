import Datasets

/// How a preview is written for people.
package struct PreviewStyle: Hashable, Sendable {
  /// The columns to stay within.
  package let width: Int
  /// ANSI colours beside the marks.
  package let isColored: Bool
  /// A line of token ids below the tokens.
  package let showsIDs: Bool

  package init(width: Int = 100, isColored: Bool = false, showsIDs: Bool = false) {
    self.width = max(40, width)
    self.isColored = isColored
    self.showsIDs = showsIDs
  }

  /// `text` in one of ANSI's styles.
  func paint(_ text: String, _ code: String) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

/// Lays the tokens of one row out: parts in the margin, tokens apart by a space, marks below.
struct PreviewLines {
  /// One token as it is written.
  private struct Cell {
    let token: PreviewedToken
    let text: String
    let id: String
    let textWidth: Int
    let width: Int
  }

  private let style: PreviewStyle
  private let row: PreviewedRow
  private let nameWidth: Int
  private let positionWidth: Int
  private var lines: [String] = []
  private var cells: [Cell] = []
  private var used = 0
  /// The part that stands in the margin of the next line.
  private var name: String?

  /// The longest name of a part that the margin has room for.
  private static let longestName = 16

  private static let lineEndRoom = 2

  init(_ row: PreviewedRow, style: PreviewStyle) {
    self.row = row
    self.style = style
    nameWidth = row.parts.map { min($0.name.count, Self.longestName) }.max() ?? 0
    positionWidth = String(max(0, row.tokenCount - 1)).count
  }

  private var marginWidth: Int { 2 + nameWidth + (nameWidth > 0 ? 2 : 0) + positionWidth + 3 }
  private var room: Int { max(16, style.width - marginWidth) }

  /// All lines of the row's tokens.
  mutating func text() -> [String] {
    lines = []
    var next = 0
    for piece in row.pieces {
      switch piece {
      case .token(let token):
        while next < row.parts.count, row.parts[next].range.lowerBound <= token.position {
          flush()
          name = row.parts[next].name
          next += 1
        }
        add(token)
      case .omitted(let gap):
        flush()
        lines.append(margin(nil, "…") + style.paint(words(for: gap), "2"))
      }
    }
    flush()
    if let cut = row.cut {
      let count = cut.tokenCount.map { Quantities.grouped($0) + ($0 == 1 ? " token" : " tokens") }
      lines.append(
        margin(nil, "") + style.paint("… \(count ?? "the rest") cut off at \(cut.limit) …", "33"))
    }
    return lines
  }

  private mutating func add(_ token: PreviewedToken) {
    var (text, textWidth) = VisibleText.of(token.bytes)
    if let label = token.label {
      let (name, width) = VisibleText.of(Array("/\(label)".utf8))
      text += name
      textWidth += width
    }
    let id = style.showsIDs ? String(token.id) : ""
    let cell = Cell(
      token: token, text: text, id: id, textWidth: textWidth, width: max(textWidth, id.count))
    // A line of the text is a line here; there is always room for the sign of its end.
    let isLineEnd = token.bytes.last == UInt8(ascii: "\n")
    let limit = isLineEnd && cell.width <= Self.lineEndRoom ? room : room - Self.lineEndRoom
    if !cells.isEmpty, used + 1 + cell.width > limit { flush() }
    used += (cells.isEmpty ? 0 : 1) + cell.width
    cells.append(cell)
    if isLineEnd { flush() }
  }

  private mutating func flush() {
    guard let first = cells.first else { return }
    let shown = cells
    cells = []
    used = 0
    lines.append(margin(name, String(first.token.position)) + line(of: shown) { paintedText($0) })
    name = nil
    if style.showsIDs {
      lines.append(
        margin(nil, "")
          + line(of: shown) { cell in
            (style.paint(cell.id, "2"), cell.id.count)
          })
    }
    if shown.contains(where: \.token.isSupervised) {
      lines.append(
        margin(nil, "")
          + line(of: shown) { cell in
            guard cell.token.isSupervised else { return ("", 0) }
            return (style.paint(String(repeating: "~", count: cell.width), "32"), cell.width)
          })
    }
  }

  private func paintedText(_ cell: Cell) -> (String, Int) {
    let code: String? =
      switch (cell.token.isSupervised, cell.token.isSpecial) {
      case (true, true): "1;32"
      case (true, false): "32"
      case (false, true): "36"
      case (false, false): nil
      }
    return (code.map { style.paint(cell.text, $0) } ?? cell.text, cell.textWidth)
  }

  /// The cells side by side, each padded to its width, nothing but blanks at the end left out.
  private func line(of cells: [Cell], _ content: (Cell) -> (text: String, width: Int)) -> String {
    var output = ""
    var blanks = 0
    for cell in cells {
      let (text, width) = content(cell)
      if width > 0 {
        output += String(repeating: " ", count: blanks) + text
        blanks = cell.width - width + 1
      } else {
        blanks += cell.width + 1
      }
    }
    return output
  }

  private func margin(_ name: String?, _ position: String) -> String {
    var label = ""
    if nameWidth > 0 {
      let shown = name ?? ""
      let fitted =
        shown.count > Self.longestName
        ? String(shown.prefix(Self.longestName - 1)) + "…" : shown
      label = Quantities.left(fitted, nameWidth) + "  "
    }
    return "  " + style.paint(label + Quantities.right(position, positionWidth) + " |", "2") + " "
  }

  private func words(for gap: PreviewedGap) -> String {
    let count = gap.range.count
    var text = "… \(Quantities.grouped(count)) token\(count == 1 ? "" : "s")"
    if gap.supervisedCount == count {
      text += ", all supervised"
    } else if gap.supervisedCount > 0 {
      text += ", \(Quantities.grouped(gap.supervisedCount)) supervised"
    }
    if gap.boundaryCount > 0 {
      text += ", \(Quantities.grouped(gap.boundaryCount)) places where that changes"
    }
    return text + " …"
  }
}
