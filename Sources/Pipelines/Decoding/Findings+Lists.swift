import Diagnostics
import YAMLSyntax

extension Findings {
  /// The elements of a list, each with its place; nil, and findings, where one cannot be read.
  func list<Element>(
    _ node: SyntaxNode, of kind: ValueKind<Element>, count: ClosedRange<Int>, isSet: Bool = false,
    _ place: ValuePlace
  ) -> [Setting<Element>]? {
    guard let nodes = node.elements else {
      let list = Self.list(for: node)
      wrongType(
        node, "a list", place, help: list.map { "write `\($0)`" },
        fix: list.flatMap { Self.isListOfWords($0) ? node.fix(writing: $0) : nil })
      return nil
    }
    guard count.contains(nodes.count) else {
      let bound = nodes.count < count.lowerBound ? count.lowerBound : count.upperBound
      let side = nodes.count < bound ? "at least " : "at most "
      let words =
        (count.lowerBound == count.upperBound ? "" : side)
        + "\(bound) element\(bound == 1 ? "" : "s")"
      report(
        .valueOutOfRange, "`\(place.name)` must have \(words); found \(nodes.count)",
        at: node.span, place.path)
      return nil
    }
    var settings: [Setting<Element>] = []
    var first: [Element: SourceSpan] = [:]
    for (index, node) in nodes.enumerated() {
      let element = place.element(index)
      guard let value = kind.decode(node, element, self) else { continue }
      if isSet, let earlier = first[value] {
        report(
          .duplicateName, "\(Self.description(of: node)) stands twice in `\(place.name)`",
          at: node.span, element.path, help: "remove one of the two",
          notes: [Diagnostic.Note("it stands first here", at: earlier)])
      }
      first[value] = first[value] ?? node.span
      settings.append(Setting(value, path: element.path, origin: node.origin))
    }
    return settings.count == nodes.count ? settings : nil
  }

  /// The list that a text such as `a, b` stands for.
  private static func list(for node: SyntaxNode) -> String? {
    guard let scalar = node.scalar, !node.isNull else { return nil }
    let parts = scalar.text.split(separator: ",").map { $0.trimmingSpaces() }
    guard !parts.isEmpty, scalar.text.count <= 60, !scalar.text.contains("\n") else { return nil }
    return "[\(parts.joined(separator: ", "))]"
  }

  /// Whether a list that was made of a text is read as the same words again.
  private static func isListOfWords(_ list: String) -> Bool {
    list.utf8.dropFirst().dropLast().allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "/"), UInt8(ascii: ","), UInt8(ascii: " "):
        true
      default: false
      }
    } && !list.contains("[,") && !list.contains(", ,") && !list.contains(", ]")
  }
}

extension Substring {
  /// The text without spaces at both ends.
  func trimmingSpaces() -> String {
    var rest = self
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}

extension SectionReader {
  /// The entries of a map with names of the user's own, in their order.
  func map<Value>(
    _ key: String, _ kind: ValueKind<Value>
  ) -> [(name: String, keySpan: SourceSpan, setting: Setting<Value>)] {
    guard let entry = entry(key), !entry.value.isNull else { return [] }
    let path = path(of: key)
    guard let entries = entry.value.entries else {
      findings.wrongType(entry.value, "a mapping", place(key))
      findings.markBroken(path)
      return []
    }
    return entries.compactMap { entry in
      let place = place(key).member(entry.key)
      guard let value = kind.decode(entry.value, place, findings) else {
        findings.markBroken(path)
        return nil
      }
      return (
        entry.key, entry.keySpan,
        Setting(value, path: place.path, origin: entry.value.origin)
      )
    }
  }
}
