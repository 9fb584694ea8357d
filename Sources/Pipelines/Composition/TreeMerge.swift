import Diagnostics
import YAMLSyntax

/// Lays one tree over another: mappings are merged, everything else is replaced.
///
/// The field table directs it: a key that excludes another drops it from what lies beneath.
struct TreeMerge {
  /// Stages that were named and are not there.
  private(set) var diagnostics: [Diagnostic] = []

  /// `upper` over `lower`, both values of `form`; nil where anything may stand.
  mutating func merge(
    _ lower: SyntaxNode, _ upper: SyntaxNode, _ form: ValueForm?
  ) -> SyntaxNode {
    // A variable is one value, whatever it holds.
    if form?.isAnything == true { return upper }
    if let stages = stages(lower, upper, form) { return stages }
    let lower = Self.expanded(lower, form)
    guard let under = lower.entries else { return upper }
    // A section that is only opened takes its settings from beneath.
    if upper.isNull, form?.table != nil { return SyntaxNode(lower.content, span: upper.span) }
    guard let over = upper.entries else { return upper }
    var entries = Self.kept(under, beside: Set(over.map(\.key)), form)
    var positions: [String: Int] = [:]
    for (index, entry) in entries.enumerated() { positions[entry.key] = index }
    for entry in over {
      guard let index = positions[entry.key] else {
        entries.append(entry)
        continue
      }
      let value = merge(entries[index].value, entry.value, form?.member(entry.key))
      entries[index] = SyntaxEntry(key: entry.key, keySpan: entry.keySpan, value: value)
    }
    return SyntaxNode(.mapping(entries), span: upper.span)
  }

  /// A list of stages with settings laid over some of them, by name or kind; nil for anything else.
  private mutating func stages(
    _ lower: SyntaxNode, _ upper: SyntaxNode, _ form: ValueForm?
  ) -> SyntaxNode? {
    guard var elements = lower.elements, let over = upper.entries,
      let table = form?.element?.table, table.identifier == StageTable.table.identifier
    else { return nil }
    let names = OverrideSetting.stageNames(elements)
    for entry in over where !entry.key.hasPrefix("x-") {
      guard let index = names.firstIndex(of: entry.key), let settings = elements[index].entries,
        let position = settings.firstIndex(where: { Stage.Kind(rawValue: $0.key) != nil })
      else {
        diagnostics.append(CompositionFinding.noStage(entry, among: names))
        continue
      }
      let kind = settings[position]
      let value = merge(kind.value, entry.value, table.field(kind.key)?.form)
      var changed = settings
      changed[position] = SyntaxEntry(key: kind.key, keySpan: entry.keySpan, value: value)
      elements[index] = SyntaxNode(.mapping(changed), span: elements[index].span)
    }
    return SyntaxNode(.sequence(elements), span: upper.span)
  }

  /// The entries that may stay when `keys` are written over them.
  static func kept(
    _ entries: [SyntaxEntry], beside keys: Set<String>, _ form: ValueForm?
  ) -> [SyntaxEntry] {
    guard let excluded = form?.table?.excluded(by: keys), !excluded.isEmpty else { return entries }
    return entries.filter { !excluded.contains($0.key) }
  }

  /// A word that stands for a section of that name, as `schedule: cosine`, as the section.
  static func expanded(_ node: SyntaxNode, _ form: ValueForm?) -> SyntaxNode {
    guard case .either? = form, let table = form?.table, let word = node.scalar?.text,
      table.field(word) != nil
    else { return node }
    let empty = SyntaxNode(.scalar(SyntaxScalar("", style: .plain)), span: node.span)
    let entry = SyntaxEntry(key: word, keySpan: node.span, value: empty)
    return SyntaxNode(.mapping([entry]), span: node.span)
  }
}

extension ValueForm {
  /// The table of a value that is or may be a section.
  var table: SectionTable? {
    switch self {
    case .section(let table): table
    case .either(let forms): forms.lazy.compactMap(\.table).first
    case .text, .integer, .number, .boolean, .choice, .list, .map, .anything: nil
    }
  }

  /// The form of what stands at `key`; nil where it is not known.
  func member(_ key: String) -> ValueForm? {
    switch self {
    case .section(let table): table.field(key)?.form
    case .map(_, let form): form
    case .either(let forms): forms.lazy.compactMap { $0.member(key) }.first
    case .text, .integer, .number, .boolean, .choice, .list, .anything: nil
    }
  }

  /// The form of a list's elements; nil for what is no list.
  var element: ValueForm? {
    switch self {
    case .list(let form, _): form
    case .either(let forms): forms.lazy.compactMap(\.element).first
    case .text, .integer, .number, .boolean, .choice, .map, .section, .anything: nil
    }
  }

  /// Whether names of the user's own may stand as keys.
  var isMap: Bool {
    switch self {
    case .map: true
    case .either(let forms): forms.contains(where: \.isMap)
    case .text, .integer, .number, .boolean, .choice, .list, .section, .anything: false
    }
  }
}

extension ValueForm {
  /// Whether whatever YAML can say may stand here.
  var isAnything: Bool { if case .anything = self { true } else { false } }
}

extension SectionTable {
  /// The keys that have no place beside `written`.
  func excluded(by written: Set<String>) -> Set<String> {
    var excluded: Set<String> = []
    for rule in rules {
      switch rule {
      case .exactlyOne(let groups): excluded.formUnion(Self.others(groups, written))
      case .atMostOne(let keys): excluded.formUnion(Self.others(keys.map { [$0] }, written))
      case .alone(let key, let allowed):
        guard written.contains(key) else { continue }
        excluded.formUnion(fields.map(\.key).filter { $0 != key && !allowed.contains($0) })
      case .needs: continue
      }
    }
    return excluded.subtracting(written)
  }

  /// The keys of the groups of which nothing is written, once something is of another.
  private static func others(_ groups: [[String]], _ written: Set<String>) -> Set<String> {
    let chosen = groups.filter { !written.isDisjoint(with: $0) }
    guard !chosen.isEmpty else { return [] }
    return Set(groups.joined()).subtracting(chosen.joined())
  }
}
