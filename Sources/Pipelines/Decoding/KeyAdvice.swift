import Diagnostics

/// What to do about a key that a section does not know.
struct KeyAdvice {
  let help: String
  /// The key of the same section that was probably meant.
  let meant: String?
  /// The keys of the same section that are not missed where this one stands: its own finding says
  /// what to write.
  let standsFor: Set<String>
  /// Nil where `meant` may be wrong; else what becomes of the value once it has that key.
  let renaming: Renaming.Conversion?

  /// Looks first for a slip, then for another trainer's word, then in the rest of the language.
  init(for key: String, in table: SectionTable, written: Set<String>) {
    let open = table.fields.filter { !written.contains($0.key) }
    if let slip = Suggestion.slip(of: key, among: open.map(\.key)) {
      self.init(
        help: "did you mean `\(slip)`?", meant: slip,
        renaming: Self.isCertain(slip, for: key, in: table) ? Renaming.Conversion.none : nil)
    } else if let field = open.first(where: { $0.otherNames.contains(key) }) {
      self.init(
        help: "it is called `\(field.key)` here", meant: field.key,
        renaming: Renaming.names[table.identifier]?[key])
    } else if let sibling = table.fields.first(where: {
      written.contains($0.key) && $0.form.sections.contains { $0.field(key) != nil }
    }) {
      self.init(help: "`\(key)` belongs in `\(sibling.key)`")
    } else if let home = Self.home(of: key, from: table) {
      self.init(help: home.words, standsFor: home.section.map { [$0] } ?? [])
    } else if let absent = AbsentKeys.help(key) {
      self.init(help: absent)
    } else if let near = Suggestion.nearest(to: key, among: open.map(\.key)) {
      self.init(
        help: "did you mean `\(near)`?", meant: near,
        renaming: Self.isCertain(near, for: key, in: table) ? Renaming.Conversion.none : nil)
    } else {
      let keys = table.fields.map { "`\($0.key)`" }.joined(separator: ", ")
      self.init(
        help: "the keys here are \(keys); a key of your own starts with `x-`",
        standsFor: table.choices)
    }
  }

  private init(
    help: String, meant: String? = nil, standsFor: Set<String> = [],
    renaming: Renaming.Conversion? = nil
  ) {
    self.help = help
    self.meant = meant
    self.standsFor = meant.map { standsFor.union([$0]) } ?? standsFor
    self.renaming = renaming
  }

  /// Whether no other key of the section, written or not, is as near.
  private static func isCertain(_ near: String, for key: String, in table: SectionTable) -> Bool {
    Suggestion.onlySlip(of: key, among: table.fields.map(\.key)) == near
  }

  /// Where in the language the key, or what another trainer calls so, belongs: in words, and the
  /// key of `table` that leads there.
  private static func home(
    of key: String, from table: SectionTable
  ) -> (words: String, section: String?)? {
    for root in [table, PipelineTable.table] {
      let prefix = root.name == "pipeline" ? [] : [root.name]
      let exact = root.path(where: { $0.key == key }, skipping: table.identifier)
      let path =
        exact ?? root.path(where: { $0.otherNames.contains(key) }, skipping: table.identifier)
      guard let path, let name = path.last else { continue }
      let owner = (prefix + path.dropLast()).joined(separator: ".")
      let place = owner.isEmpty ? "at the top of the pipeline" : "in `\(owner)`"
      let words =
        exact != nil
        ? "`\(key)` belongs \(place)" : "it is called `\(name)` and belongs \(place)"
      let leads = root.identifier == table.identifier && path.count > 1
      return (words, leads ? path.first : nil)
    }
    return nil
  }
}

extension SectionTable {
  /// The keys of a section that is nothing but a choice between them; else none.
  fileprivate var choices: Set<String> {
    let alternatives = Set(rules.flatMap(\.alternatives))
    return fields.allSatisfy { alternatives.contains($0.key) } ? alternatives : []
  }

  /// The keys that lead to the first field that `matches`, level by level.
  fileprivate func path(
    where matches: (FieldEntry) -> Bool, skipping identifier: String
  ) -> [String]? {
    var level: [(path: [String], table: SectionTable)] = [([], self)]
    while !level.isEmpty {
      var next: [(path: [String], table: SectionTable)] = []
      for (path, table) in level {
        for field in table.fields {
          if table.identifier != identifier, matches(field) { return path + [field.key] }
          next += field.form.sections.map { (path + [field.key], $0) }
        }
      }
      level = next
    }
    return nil
  }
}

extension ValueForm {
  /// The sections that a value of this form may be or hold.
  var sections: [SectionTable] {
    switch self {
    case .section(let table): [table]
    case .list(let form, _), .map(_, let form): form.sections
    case .either(let forms): forms.flatMap(\.sections)
    case .text, .integer, .number, .boolean, .choice, .anything: []
    }
  }
}
