import Diagnostics
import YAMLSyntax

/// Reads one mapping as its table says: unknown, missing and conflicting keys are reported at once.
struct SectionReader {
  let table: SectionTable
  let path: String
  /// The span of the key that holds the mapping, or of the mapping itself.
  let span: SourceSpan?
  let findings: Findings
  /// In the order of the text; tables are short, so keys are looked for one by one.
  private let written: [SyntaxEntry]
  /// Nothing could be read here, which has been reported; every setting is a stand-in.
  let isBroken: Bool
  /// The empty section whose keys stand beside it, which has been reported.
  private let outdented: Outdented?

  private struct Outdented {
    let section: SyntaxEntry
    let firstKey: SyntaxEntry
  }

  /// Reads `node`; a missing or empty one is a mapping without keys.
  init(
    _ table: SectionTable, _ node: SyntaxNode?, path: String, keySpan: SourceSpan?,
    findings: Findings
  ) {
    self.table = table
    self.path = path
    self.span = keySpan ?? node?.span
    self.findings = findings
    guard let node, !node.isNull else {
      written = []
      isBroken = false
      outdented = nil
      checkKeys(node)
      return
    }
    guard let written = node.entries else {
      self.written = []
      isBroken = true
      outdented = nil
      reportNoMapping(node)
      return
    }
    self.written = written
    isBroken = false
    outdented = Self.outdented(in: written, table)
    checkKeys(node)
  }

  /// A section that was reported elsewhere: nothing in it is read or missed.
  init(broken table: SectionTable, path: String, findings: Findings) {
    self.table = table
    self.path = path
    self.findings = findings
    span = nil
    written = []
    isBroken = true
    outdented = nil
  }

  // MARK: Settings

  func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The setting at `key`, for what is said about its value.
  func place(_ key: String) -> ValuePlace {
    ValuePlace(path: path(of: key), name: key, example: table.field(key)?.example)
  }

  /// What stands at `key`, nil where nothing does.
  func entry(_ key: String) -> SyntaxEntry? { written.first { $0.key == key } }

  private func isWritten(_ key: String) -> Bool { written.contains { $0.key == key } }

  /// The setting, its default where it is not written, a stand-in where it cannot be read.
  func value<Value>(_ field: Field<Value>) -> Setting<Value> {
    let path = path(of: field.entry.key)
    if let entry = entry(field.entry.key) {
      let place = ValuePlace(path: path, name: field.entry.key, example: field.entry.example)
      if let value = field.kind.decode(entry.value, place, findings) {
        return Setting(value, path: path, origin: entry.value.origin)
      }
      findings.markBroken(path)
    } else if field.entry.isRequired || isBroken {
      findings.markBroken(path)
    }
    return Setting(field.fallback, path: path, origin: .default)
  }

  /// The setting, nil where it is not written.
  func optional<Value>(_ field: Field<Value>) -> Setting<Value>? {
    isWritten(field.entry.key) ? value(field) : nil
  }

  /// The section at `key`; nil where the key is not written.
  func section(_ key: String, _ table: SectionTable) -> SectionReader? {
    guard let entry = entry(key) else { return nil }
    if outdented?.section.key == key {
      return SectionReader(broken: table, path: path(of: key), findings: findings)
    }
    return SectionReader(
      table, entry.value, path: path(of: key), keySpan: entry.keySpan, findings: findings)
  }

  /// The section at `key`; its defaults where the key is not written.
  ///
  /// A required one that is missing has been reported, so nothing in it is missed.
  func sectionOrDefault(_ key: String, _ table: SectionTable) -> SectionReader {
    if let section = section(key, table) { return section }
    if isBroken || self.table.field(key)?.isRequired ?? false {
      findings.markBroken(path(of: key))
      return SectionReader(broken: table, path: path(of: key), findings: findings)
    }
    return SectionReader(table, nil, path: path(of: key), keySpan: nil, findings: findings)
  }

  /// The first of `keys`, in their order, that is written.
  func firstWritten(_ keys: [String]) -> String? { keys.first(where: isWritten) }

  // MARK: Keys

  private func checkKeys(_ node: SyntaxNode?) {
    var meant: Set<String> = []
    if let outdented {
      report(outdented)
    } else {
      let unknown = written.filter { table.field($0.key) == nil && !$0.key.hasPrefix("x-") }
      let keys = unknown.isEmpty ? [] : Set(table.fields.map(\.key).filter(isWritten))
      let everyAdvice = unknown.map { KeyAdvice(for: $0.key, in: table, written: keys) }
      for (entry, advice) in zip(unknown, everyAdvice) {
        meant.formUnion(advice.standsFor)
        findings.report(
          .unknownKey, "unknown key `\(Findings.excerpt(entry.key))` in \(table.title)",
          at: entry.keySpan, path(of: entry.key), help: advice.help,
          fix: fix(entry, advice, isSole: everyAdvice.count { $0.meant == advice.meant } == 1))
      }
    }
    for field in table.fields where field.isRequired {
      if isWritten(field.key) || meant.contains(field.key) { continue }
      reportMissing(field.key, node)
    }
    for rule in table.rules { check(rule, meant: meant, node) }
  }

  /// The new key for one that is not known, where nothing else in the section has the same claim.
  private func fix(_ entry: SyntaxEntry, _ advice: KeyAdvice, isSole: Bool) -> Diagnostic.Fix? {
    guard isSole, let key = advice.meant, let conversion = advice.renaming else { return nil }
    return Renaming.fix(entry, to: key, conversion)
  }

  private func check(
    _ rule: KeyRule, meant: Set<String>, _ node: SyntaxNode?
  ) {
    switch rule {
    case .exactlyOne(let groups):
      reportSecond(of: groups)
      guard meant.isEmpty || meant.isDisjoint(with: groups.joined()) else { return }
      if let group = groups.first(where: { $0.contains(where: isWritten) }) {
        for key in group where !isWritten(key) { reportMissing(key, node) }
      } else {
        let names = groups.map { $0.map { "`\($0)`" }.joined(separator: " and ") }
        let first = groups.first?.first.flatMap(table.field)
        findings.report(
          .missingKey,
          "\(table.title) needs \(groups.count == 2 ? "either" : "one of") "
            + names.joined(separator: groups.count == 2 ? " or " : ", "),
          at: missingPlace(node), path.isEmpty ? nil : path,
          help: first.map { "for example `\($0.key): \($0.example)`" })
      }
    case .atMostOne(let keys): reportSecond(of: keys.map { [$0] })
    case .alone(let key, let allowed):
      guard let first = entry(key) else { return }
      for other in written
      where other.key != key && !allowed.contains(other.key) && table.field(other.key) != nil {
        findings.report(
          .conflictingKeys, "`\(other.key)` has no place beside `\(key)` in \(table.title)",
          at: other.keySpan, path(of: other.key), help: "remove `\(other.key)`",
          notes: [Diagnostic.Note("`\(key)` stands here", at: first.keySpan)])
      }
    case .needs(let key, let other):
      if isWritten(key), !isWritten(other), !meant.contains(other) { reportMissing(other, node) }
    }
  }

  /// Reports the first key of each group that is written after a key of another one.
  private func reportSecond(of groups: [[String]]) {
    var seen: [(group: Int, entry: SyntaxEntry)] = []
    for entry in written {
      guard let group = groups.firstIndex(where: { $0.contains(entry.key) }),
        !seen.contains(where: { $0.group == group })
      else { continue }
      seen.append((group, entry))
    }
    guard let first = seen.first?.entry else { return }
    if seen.count > 1 { findings.markBroken(path) }
    for (_, other) in seen.dropFirst() {
      findings.report(
        .conflictingKeys,
        "`\(other.key)` and `\(first.key)` exclude each other in \(table.title)",
        at: other.keySpan, path(of: other.key), help: "keep one of the two",
        notes: [Diagnostic.Note("`\(first.key)` stands here", at: first.keySpan)])
    }
  }

  private func reportMissing(_ key: String, _ node: SyntaxNode?) {
    findings.report(
      .missingKey, "missing key `\(key)` in \(table.title)", at: missingPlace(node), path(of: key),
      help: table.field(key).map { "add `\($0.key): \($0.example)`" })
  }

  /// Where a missing key is marked: at the section's own key, else at its first character.
  private func missingPlace(_ node: SyntaxNode?) -> SourceSpan? {
    if let span, span != node?.span { return span }
    return node.map { SourceSpan(file: $0.span.file, start: $0.span.start, end: $0.span.start) }
  }

  /// An empty section some of whose keys stand beside it instead of in it.
  private static func outdented(in written: [SyntaxEntry], _ table: SectionTable) -> Outdented? {
    for entry in written where entry.value.isNull {
      guard case .section(let inner)? = table.field(entry.key)?.form else { continue }
      let first = written.first { table.field($0.key) == nil && inner.field($0.key) != nil }
      if let first { return Outdented(section: entry, firstKey: first) }
    }
    return nil
  }

  private func report(_ outdented: Outdented) {
    let (section, first) = (outdented.section, outdented.firstKey)
    findings.report(
      .unknownKey, "`\(first.key)` stands beside `\(section.key)`, not in it", at: first.keySpan,
      path(of: first.key),
      help: "indent the keys of `\(section.key)` further than `\(section.key)` itself",
      notes: [Diagnostic.Note("`\(section.key)` is empty", at: section.keySpan)])
  }

  private func reportNoMapping(_ node: SyntaxNode) {
    let help: String
    if node.elements != nil {
      help = "write `key: value` lines without dashes"
    } else {
      let alternatives = table.rules.flatMap(\.alternatives).compactMap(table.field)
      let text = node.scalar?.text ?? ""
      let near = Suggestion.nearest(to: text, among: alternatives.map(\.key))
      let meant = near.flatMap(table.field) ?? alternatives.first { $0.otherNames.contains(text) }
      let required = table.fields.filter(\.isRequired)
      let keys = meant.map { [$0] } ?? (required.isEmpty ? Array(table.fields.prefix(1)) : required)
      let body = keys.map { "\($0.key): \($0.example)" }.joined(separator: ", ")
      help =
        path.hasSuffix("]") ? "write `- \(body)`" : "write `\(table.name): {\(body)}`"
    }
    findings.report(
      .wrongType, "\(table.title) must be a mapping; found \(Findings.description(of: node))",
      at: node.span, path.isEmpty ? nil : path, help: help)
  }
}

extension SectionTable {
  /// The section as messages name it.
  var title: String { name == "pipeline" ? "the pipeline" : "`\(name)`" }
}
