import Diagnostics
import YAMLSyntax

/// Makes of a pipeline's tree the trees that are decoded, one a case.
///
/// The order is: what the file extends, `--set`, the cases of `matrix`, variables.
struct Composition {
  /// What composing may need at most.
  enum Limit {
    static let bases = 16
    static let cases = 256
    /// Values and keys of all cases together.
    static let nodes = 500_000
    /// Bytes of texts that variables stand in, all cases together.
    static let textBytes = 4 << 20
    /// Sources that one value remembers.
    static let sources = 16
    /// References in one scalar.
    static let references = 1000
    /// Unknown variables for which a known one is looked for.
    static let suggestions = 50
    /// Cycles of variables that are reported, and the variables of one that are named.
    static let cycles = 20
    static let cycleLength = 32
  }

  /// A tree that is ready to be decoded, and what to know of its values.
  struct Case {
    let name: String?
    let root: SyntaxNode
    let uses: VariableUses
  }

  let main: SourceText
  let surroundings: PipelineSurroundings
  /// Every text that findings may point into.
  var texts: [SourceText]
  var bag = DiagnosticBag()
  /// Something that the rest may rely on could not be read, which has been reported.
  var isPartial = false

  init(_ main: SourceText, _ surroundings: PipelineSurroundings) {
    self.main = main
    self.surroundings = surroundings
    texts = [main]
  }

  /// Whether there is anything to compose; most pipelines are decoded as they stand.
  static func isNeeded(_ root: SyntaxNode, _ overrides: [PipelineOverride]) -> Bool {
    if overrides.contains(where: { if case .set = $0 { true } else { false } }) { return true }
    return (root.entries ?? []).contains { CompositionTable.keys.contains($0.key) }
      || holdsReference(root)
  }

  private static func holdsReference(_ node: SyntaxNode) -> Bool {
    switch node.content {
    case .scalar(let scalar): ReferenceText.mayHold(scalar.text)
    case .sequence(let elements): elements.contains(where: holdsReference)
    case .mapping(let entries): entries.contains { holdsReference($0.value) }
    }
  }

  /// The cases of the pipeline whose tree is `root`; what is wrong is in `bag`.
  mutating func cases(of root: SyntaxNode) -> [Case] {
    let tree = overridden(extended(root))
    guard tree.entries != nil else {
      return [Case(name: nil, root: tree, uses: VariableUses())]
    }
    let extent = tree.extent
    guard extent.weight <= SyntaxParser.Limit.nodes, extent.depth <= SyntaxParser.Limit.depth
    else {
      bag.report(CompositionFinding.tooMuch(at: tree.place))
      return []
    }
    let matrix = matrix(of: tree)
    let shared = definitions(of: tree)
    checkSettings(shared, beside: matrix ?? [])
    var budget = SubstitutionBudget()
    var used: Set<String> = []
    var isEachRead = !isPartial
    var cases: [Case] = []
    for binding in matrix ?? [MatrixCase(name: nil, span: tree.place, definitions: [])] {
      var substitution = Substitution(
        binding.definitions(over: shared), surroundings.environment, texts,
        ignoresUnknown: isPartial, budget: budget)
      let root = substitution.pipeline(tree)
      budget = substitution.budget
      used.formUnion(substitution.used)
      if substitution.hasMalformed { isEachRead = false }
      for diagnostic in substitution.bag.sorted { bag.report(diagnostic) }
      guard let root else { break }
      cases.append(Case(name: binding.name, root: root, uses: substitution.uses))
    }
    if isEachRead { reportUnused(shared, matrix ?? [], used) }
    return Self.named(cases, matrix ?? [])
  }

  /// Gives each case a name of its own, unless the pipeline's name has variables that do.
  private static func named(_ cases: [Case], _ matrix: [MatrixCase]) -> [Case] {
    guard !matrix.isEmpty else { return cases }
    let names = cases.map { $0.root.entry("name")?.value.scalar?.text }
    if Set(names).count == names.count { return cases }
    return zip(cases, matrix).map { each, binding in
      guard let suffix = each.name else { return each }
      return Case(
        name: each.name, root: each.root.named(suffix, binding.span), uses: each.uses)
    }
  }

  // MARK: Variables

  /// What `vars` says.
  private mutating func definitions(of tree: SyntaxNode) -> [VariableDefinition] {
    guard let entry = tree.entry("vars"), !entry.value.isNull else { return [] }
    guard let entries = entry.value.entries else {
      isPartial = true
      bag.report(
        CompositionFinding.wrongType(
          "vars", "a mapping of names to values", entry.value, help: "write `vars: {rank: 8}`"))
      return []
    }
    return entries.compactMap { entry in
      guard checkName(entry, in: "vars") else { return nil }
      return VariableDefinition(
        name: entry.key, value: entry.value, keySpan: entry.keySpan, isOfMatrix: false)
    }
  }

  /// Whether a variable can be called so.
  mutating func checkName(_ entry: SyntaxEntry, in section: String) -> Bool {
    let isReserved = entry.key == VariableDefinition.caseName
    guard isReserved || !ReferenceText.isName(entry.key[...]) else { return true }
    isPartial = true
    bag.report(CompositionFinding.name(entry, in: section, isReserved: isReserved))
    return false
  }

  /// A `--set vars.…` that no case would see.
  private mutating func checkSettings(
    _ shared: [VariableDefinition], beside matrix: [MatrixCase]
  ) {
    guard !matrix.isEmpty else { return }
    for definition in shared where definition.value.span.file == OverrideText.file {
      let name = definition.name
      let bound = matrix.compactMap { $0.definitions.first { $0.name == name } }
      guard bound.count == matrix.count, let first = bound.first else { continue }
      bag.report(CompositionFinding.hidden(definition, by: first))
    }
  }

  private mutating func reportUnused(
    _ shared: [VariableDefinition], _ matrix: [MatrixCase], _ used: Set<String>
  ) {
    var seen = used
    let all = shared + matrix.flatMap(\.definitions)
    for definition in all where seen.insert(definition.name).inserted {
      let file = definition.keySpan.file
      // Other pipelines may use what a base has.
      guard file == main.file || file == OverrideText.file || definition.isOfMatrix else {
        continue
      }
      bag.report(CompositionFinding.unused(definition, among: used.sorted()))
    }
  }
}

extension SyntaxNode {
  /// The entry at `key`.
  func entry(_ key: String) -> SyntaxEntry? { entries?.first { $0.key == key } }

  /// The node's first character.
  var place: SourceSpan { SourceSpan(file: span.file, start: span.start, end: span.start) }

  /// How many values and keys there are, and how deep they lie.
  var extent: (weight: Int, depth: Int) {
    var weight = 1
    var depth = 0
    switch content {
    case .scalar: break
    case .sequence(let elements):
      for element in elements {
        let inner = element.extent
        weight += inner.weight
        depth = max(depth, inner.depth)
      }
    case .mapping(let entries):
      for entry in entries {
        let inner = entry.value.extent
        weight += inner.weight + 1
        depth = max(depth, inner.depth)
      }
    }
    return (weight, depth + 1)
  }

  /// A pipeline whose name ends with a case's.
  fileprivate func named(_ suffix: String, _ span: SourceSpan) -> SyntaxNode {
    let entries = (entries ?? []).map { entry -> SyntaxEntry in
      guard entry.key == "name", let scalar = entry.value.scalar, !entry.value.isNull else {
        return entry
      }
      let name = SyntaxScalar("\(scalar.text)-\(suffix)", style: scalar.style)
      let source = ValueSource.matrix(VariableDefinition.caseName, span)
      return SyntaxEntry(
        key: entry.key, keySpan: entry.keySpan,
        value: SyntaxNode(
          .scalar(name), span: entry.value.span, sources: entry.value.sources + [source]))
    }
    return SyntaxNode(.mapping(entries), span: self.span)
  }
}
