import Diagnostics

/// What changed between two texts, as `diff -u` writes it.
enum UnifiedDiff {
  private static let context = 3

  /// A line of a hunk.
  private struct Line {
    let sign: Character
    let text: String
    /// Lines of the old and of the new text before this one.
    let old: Int
    let new: Int
  }

  /// The difference; empty where there is none.
  static func text(from old: SourceText, to new: SourceText) -> String {
    let lines = lines(split(old.bytes), split(new.bytes))
    let changes = lines.indices.filter { lines[$0].sign != " " }
    guard !changes.isEmpty else { return "" }
    var output = "--- \(old.file)\n+++ \(new.file)\n"
    var start = 0
    while start < changes.count {
      var end = start
      while end + 1 < changes.count, changes[end + 1] - changes[end] <= 2 * context { end += 1 }
      let first = max(0, changes[start] - context)
      let last = min(lines.count - 1, changes[end] + context)
      output += hunk(lines[first...last])
      start = end + 1
    }
    return output
  }

  private static func hunk(_ lines: ArraySlice<Line>) -> String {
    guard let first = lines.first else { return "" }
    let old = lines.count { $0.sign != "+" }
    let new = lines.count { $0.sign != "-" }
    let place =
      "-\(old == 0 ? first.old : first.old + 1),\(old) +\(new == 0 ? first.new : first.new + 1),\(new)"
    return "@@ \(place) @@\n"
      + lines.map { line in
        "\(line.sign)\(line.text)"
          + (line.text.utf8.last == 0x0A ? "" : "\n\\ No newline at end of file\n")
      }.joined()
  }

  /// Every line of both texts, the removed before the added where both stand in one place.
  private static func lines(_ old: [String], _ new: [String]) -> [Line] {
    var removed: Set<Int> = []
    var added: Set<Int> = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var lines: [Line] = []
    var (oldIndex, newIndex) = (0, 0)
    while oldIndex < old.count || newIndex < new.count {
      if oldIndex < old.count, removed.contains(oldIndex) {
        lines.append(Line(sign: "-", text: old[oldIndex], old: oldIndex, new: newIndex))
        oldIndex += 1
      } else if newIndex < new.count, added.contains(newIndex) {
        lines.append(Line(sign: "+", text: new[newIndex], old: oldIndex, new: newIndex))
        newIndex += 1
      } else if oldIndex < old.count {
        lines.append(Line(sign: " ", text: old[oldIndex], old: oldIndex, new: newIndex))
        oldIndex += 1
        newIndex += 1
      } else {
        break
      }
    }
    return lines
  }

  /// The lines with their breaks.
  private static func split(_ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    var start = 0
    for (index, byte) in bytes.enumerated() where byte == 0x0A {
      lines.append(String(decoding: bytes[start...index], as: UTF8.self))
      start = index + 1
    }
    if start < bytes.count { lines.append(String(decoding: bytes[start...], as: UTF8.self)) }
    return lines
  }
}
