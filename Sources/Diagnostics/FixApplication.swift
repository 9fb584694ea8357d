/// Makes the edits that findings propose.
package enum FixApplication {
  /// Makes those of `fixes` that stand in `sources` and do not touch each other, the earlier first.
  ///
  /// No byte outside the edits changes. A fix is made whole or not at all: it is left out where a
  /// text is missing or holds something else than expected, and where an edit overlaps one of an
  /// earlier fix, so that another round can make it.
  ///
  /// - Returns: the texts, in the order of `sources`, and how many fixes were made.
  package static func apply(
    _ fixes: [Diagnostic.Fix], to sources: [SourceText]
  ) -> (sources: [SourceText], count: Int) {
    let known = Dictionary(sources.map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
    var chosen: [String: [Diagnostic.Edit]] = [:]
    var count = 0
    for fix in fixes where !fix.edits.isEmpty {
      let canBeMade = fix.edits.allSatisfy { edit in
        guard let source = known[edit.span.file], edit.stands(in: source) else { return false }
        return chosen[edit.span.file, default: []].allSatisfy { $0 == edit || !$0.touches(edit) }
      }
      guard canBeMade, !overlapsItself(fix) else { continue }
      for edit in fix.edits where !chosen[edit.span.file, default: []].contains(edit) {
        chosen[edit.span.file, default: []].append(edit)
      }
      count += 1
    }
    let texts = sources.map { source in
      guard let edits = chosen[source.file] else { return source }
      return SourceText(file: source.file, bytes: bytes(of: source, edits))
    }
    return (texts, count)
  }

  private static func bytes(of source: SourceText, _ edits: [Diagnostic.Edit]) -> [UInt8] {
    var bytes = source.bytes
    for edit in edits.sorted(by: { $0.span.start > $1.span.start }) {
      bytes.replaceSubrange(
        edit.span.start.offset..<edit.span.end.offset, with: Array(edit.replacement.utf8))
    }
    return bytes
  }

  private static func overlapsItself(_ fix: Diagnostic.Fix) -> Bool {
    fix.edits.indices.contains { index in
      fix.edits[(index + 1)...].contains { $0.touches(fix.edits[index]) }
    }
  }
}

extension Diagnostic.Edit {
  /// Whether the edit can be made to `source`: what it replaces is there.
  package func stands(in source: SourceText) -> Bool {
    let (start, end) = (span.start.offset, span.end.offset)
    guard span.file == source.file, !span.isOnCommandLine, start >= source.contentStart,
      start <= end, end <= source.bytes.count
    else { return false }
    guard let original else { return true }
    let wanted = Array(original.utf8)
    let found = source.bytes[start..<end]
    if found.elementsEqual(wanted) { return true }
    guard found.count == wanted.count + 2, let quote = found.first, quote == found.last else {
      return false
    }
    let isQuote = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
    return isQuote && found.dropFirst().dropLast().elementsEqual(wanted)
  }

  /// Whether the two cannot both be made, as they share a byte or start at the same place.
  fileprivate func touches(_ other: Self) -> Bool {
    guard span.file == other.span.file else { return false }
    let (start, end) = (span.start.offset, span.end.offset)
    let (otherStart, otherEnd) = (other.span.start.offset, other.span.end.offset)
    return start == otherStart || start < otherEnd && otherStart < end
  }
}
