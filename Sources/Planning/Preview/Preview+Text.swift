import Datasets

extension Preview {
  /// The preview for people: a key of the signs, then set by set and row by row.
  package func text(_ style: PreviewStyle = PreviewStyle()) -> String {
    guard !sets.isEmpty else { return "no stage trains or evaluates on rows\n" }
    var lines = [style.paint("tokens marked ~ are learned; · space, ⏎ line end, ⇥ tab", "2")]
    for set in sets { lines += set.lines(style) }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension PreviewedSet {
  fileprivate func lines(_ style: PreviewStyle) -> [String] {
    var lines = ["", style.paint(name, "1") + "  " + summary]
    for message in warnings { lines.append("  " + style.paint("warning:", "1;33") + " " + message) }
    var sequence: Int?
    for (index, row) in rows.enumerated() {
      if let shared = row.sequence, shared.number != sequence {
        sequence = shared.number
        lines += ["", "  " + shared.words] + shared.bar(style)
      }
      lines += ["", "  " + row.heading(index + 1, of: self, style)]
      if let source = row.asSource {
        var layout = PreviewLines(source, style: style)
        lines += layout.text()
      }
      var layout = PreviewLines(row, style: style)
      lines += layout.text()
      lines += row.answerLines(style)
    }
    return lines
  }

  /// What is to be said of the rows, in words.
  package var warnings: [String] { findings.map { $0.message(of: statistics.rows) } }

  /// Which rows are shown, what they are for, and what was left out before.
  private var summary: String {
    let (shown, all) = (rows.count, statistics.rows)
    let some =
      if shown == all {
        all == 1 ? "the only row" : "all \(Quantities.grouped(all)) rows"
      } else {
        "\(Quantities.grouped(shown)) of \(Quantities.grouped(all)) rows"
      }
    var text =
      switch order {
      case .training(let stage): "\(some), in the order of `\(stage)`"
      case .files: shown == all ? some : "\(some), the first"
      }
    let evaluations = uses.filter { $0.purpose == .evaluate }.map { "`\($0.stage)`" }
    if !evaluations.isEmpty { text += "; evaluated by \(evaluations.joined(separator: ", "))" }
    if uses.isEmpty { text += "; used by no stage" }
    if statistics.droppedRows > 0 {
      text += "; \(Quantities.grouped(statistics.droppedRows)) too long and dropped"
    }
    if statistics.emptyRows > 0 {
      text += "; \(Quantities.grouped(statistics.emptyRows)) empty and left out"
    }
    return text
  }
}

extension PreviewedRow {
  fileprivate func heading(
    _ number: Int, of set: PreviewedSet, _ style: PreviewStyle
  ) -> String {
    let source = place.map { "\($0.file):\($0.line)" } ?? "row \(number)"
    var counts = "\(Quantities.grouped(tokenCount)) token\(tokenCount == 1 ? "" : "s")"
    if let cut {
      counts += cut.tokenCount.map { " of \(Quantities.grouped(tokenCount + $0))" } ?? ", cut"
    }
    counts +=
      supervisedCount == 0
      ? ", none supervised" : ", \(Quantities.grouped(supervisedCount)) supervised"
    if let sequence { counts += ", at position \(sequence.start)" }
    if let given = self.source {
      counts += "; \(Quantities.grouped(given.tokenCount)) of its source"
    }
    return style.paint(source, "1") + "  " + counts
  }

  /// The row's source as a row of its own, to be laid out before it.
  fileprivate var asSource: PreviewedRow? {
    source.map { source in
      PreviewedRow(
        place: nil, tokenCount: source.tokenCount, supervisedCount: 0, cut: nil, sequence: nil,
        parts: [RowParts.Part(name: "source", range: 0..<max(1, source.tokenCount))],
        pieces: source.pieces, source: nil, labels: nil, inputs: [], numbers: [])
    }
  }

  /// The classes and numbers that stand beside the tokens.
  fileprivate func answerLines(_ style: PreviewStyle) -> [String] {
    func words(_ numbers: [PreviewedNumber]) -> String {
      numbers.map { number in
        let name = VisibleText.of(Array(number.name.utf8)).0
        return "\(name) \(number.value.map { "\($0)" } ?? "missing")"
      }.joined(separator: ", ") + (numbers.count == PreviewedNumber.limit ? ", …" : "")
    }
    var lines: [String] = []
    if !inputs.isEmpty { lines.append("  given: " + words(inputs)) }
    if !numbers.isEmpty { lines.append("  learned: " + style.paint(words(numbers), "32")) }
    if let labels {
      let names = labels.map { VisibleText.of(Array($0.utf8)).0 }
      lines.append(
        "  label: "
          + style.paint(names.isEmpty ? "none" : names.joined(separator: ", "), "32"))
    }
    return lines
  }
}

extension PreviewedRow.Sequence {
  fileprivate var words: String {
    let rows = rowLengths.count
    let empty = emptyCount > 0 ? ", \(Quantities.grouped(emptyCount)) empty" : ""
    let apart = rows > 1 ? "; no row sees another" : ""
    return "sequence \(Quantities.grouped(number + 1)): \(Quantities.grouped(rows)) "
      + "row\(rows == 1 ? "" : "s") in \(Quantities.grouped(length)) positions\(empty)\(apart)"
  }

  /// The positions as a line, a bar before each row and dots where nothing is.
  fileprivate func bar(_ style: PreviewStyle) -> [String] {
    let width = min(64, style.width - 4)
    func column(_ position: Int) -> Int { position * width / max(1, length) }
    var cells = [Character](repeating: ".", count: width)
    var start = 0
    for length in rowLengths {
      let (first, end) = (column(start), max(column(start) + 1, column(start + length)))
      for place in first..<min(width, end) { cells[place] = place == first ? "|" : "=" }
      start += length
    }
    return ["  " + style.paint(String(cells) + "|", "2")]
  }
}
