import Diagnostics
import YAMLSyntax

/// One case of `matrix`: what its variables are.
struct MatrixCase {
  /// Nil where there is no `matrix`.
  let name: String?
  let span: SourceSpan
  let definitions: [VariableDefinition]

  /// The case's variables, then those of `shared` that it leaves alone.
  func definitions(over shared: [VariableDefinition]) -> [VariableDefinition] {
    let own = Set(definitions.map(\.name))
    var all = definitions + shared.filter { !own.contains($0.name) }
    if let name {
      let value = SyntaxNode(.scalar(SyntaxScalar(name, style: .quoted)), span: span)
      all.append(
        VariableDefinition(
          name: VariableDefinition.caseName, value: value, keySpan: span, isOfMatrix: true))
    }
    return all
  }
}

extension Composition {
  /// The cases of `matrix`; nil where there is none or it cannot be read, which is reported.
  mutating func matrix(of tree: SyntaxNode) -> [MatrixCase]? {
    guard let entry = tree.entry("matrix"), !entry.value.isNull else { return nil }
    let cases: [MatrixCase]?
    switch entry.value.content {
    case .mapping(let entries): cases = grid(entries, entry)
    case .sequence(let elements): cases = list(elements, entry)
    case .scalar:
      cases = nil
      bag.report(
        CompositionFinding.wrongType(
          "matrix", "a mapping of variables to lists, or a list of cases", entry.value,
          help: "write `matrix: {rank: [4, 8, 16]}`"))
    }
    if cases == nil { isPartial = true }
    return cases
  }

  // MARK: Every combination

  private mutating func grid(_ entries: [SyntaxEntry], _ matrix: SyntaxEntry) -> [MatrixCase]? {
    var isSound = true
    var count = 1
    for entry in entries {
      let path = "matrix.\(entry.key)"
      isSound = checkName(entry, in: "matrix") && isSound
      guard let values = entry.value.elements, !values.isEmpty else {
        bag.report(
          CompositionFinding.wrongType(
            path, "a list of values", entry.value,
            help: "write `\(entry.key): [4, 8, 16]`; one value for all cases belongs in `vars`"))
        isSound = false
        continue
      }
      isSound = checkDistinct(values, path) && isSound
      count = min(count * values.count, Limit.cases + 1)
    }
    guard isSound, checkCount(count, matrix) else { return nil }
    guard !entries.isEmpty else {
      bag.report(
        CompositionFinding.wrongType(
          "matrix", "a mapping with at least one variable", matrix.value,
          help: "write `matrix: {rank: [4, 8, 16]}`, or remove it"))
      return nil
    }
    var names = CaseNames()
    return (0..<count).map { index in
      var rest = index
      var chosen: [(entry: SyntaxEntry, position: Int)] = []
      for entry in entries.reversed() {
        let size = entry.value.elements?.count ?? 1
        chosen.append((entry, rest % size))
        rest /= size
      }
      chosen.reverse()
      let definitions = chosen.compactMap { entry, position in
        entry.value.elements.map {
          VariableDefinition(
            name: entry.key, value: $0[position], keySpan: entry.keySpan, isOfMatrix: true)
        }
      }
      let words = zip(definitions, chosen).map { definition, chosen in
        "\(definition.name)=\(definition.value.scalar?.text ?? "\(chosen.position + 1)")"
      }
      return MatrixCase(
        name: names.unique(words.joined(separator: ","), index), span: matrix.keySpan,
        definitions: definitions)
    }
  }

  private mutating func checkDistinct(_ values: [SyntaxNode], _ path: String) -> Bool {
    var first: [SyntaxScalar: SourceSpan] = [:]
    for (index, value) in values.enumerated() {
      guard let scalar = value.scalar else { continue }
      if let earlier = first[scalar] {
        bag.report(
          CompositionFinding.repeated(value, in: path, "\(path)[\(index)]", first: earlier))
        return false
      }
      first[scalar] = value.span
    }
    return true
  }

  private mutating func checkCount(_ count: Int, _ matrix: SyntaxEntry) -> Bool {
    guard count > Limit.cases else { return true }
    bag.report(CompositionFinding.tooManyCases(at: matrix.keySpan))
    return false
  }

  // MARK: Cases one by one

  private mutating func list(_ elements: [SyntaxNode], _ matrix: SyntaxEntry) -> [MatrixCase]? {
    guard checkCount(elements.count, matrix) else { return nil }
    guard !elements.isEmpty else {
      bag.report(
        CompositionFinding.wrongType(
          "matrix", "a list with at least one case", matrix.value,
          help: "write `matrix: [{rank: 8}]`, or remove it"))
      return nil
    }
    var names = CaseNames()
    var written: [String: SourceSpan] = [:]
    var cases: [MatrixCase] = []
    for (index, element) in elements.enumerated() {
      let path = "matrix[\(index)]"
      guard let entries = element.entries, !entries.isEmpty else {
        bag.report(
          CompositionFinding.wrongType(
            path, "a mapping of variables to values", element, help: "write `- {rank: 8}`"))
        continue
      }
      var isSound = true
      for entry in entries where entry.key != "name" {
        isSound = checkName(entry, in: path) && isSound
      }
      let definitions = entries.filter { $0.key != "name" }.map {
        VariableDefinition(
          name: $0.key, value: $0.value, keySpan: $0.keySpan, isOfMatrix: true)
      }
      let name = element.entry("name")?.value
      if let name {
        guard let text = name.scalar?.text, NameRule.accepts(text, dots: true), !name.isNull else {
          bag.report(CompositionFinding.caseName(name, path))
          continue
        }
        if let earlier = written.updateValue(name.span, forKey: text) {
          bag.report(CompositionFinding.sameCaseName(name, path, first: earlier))
          continue
        }
      }
      guard isSound else { continue }
      let words = definitions.enumerated().map { position, definition in
        "\(definition.name)=\(definition.value.scalar?.text ?? "\(position + 1)")"
      }
      cases.append(
        MatrixCase(
          name: names.unique(name?.scalar?.text ?? words.joined(separator: ","), index),
          span: name?.span ?? element.place, definitions: definitions))
    }
    return cases.count == elements.count ? cases : nil
  }
}

/// Names of cases, each its own.
private struct CaseNames {
  /// The longest that is made of values; a longer one is cut and numbered.
  private static let longest = 80
  private var taken: Set<String> = []

  /// A name of letters, digits and signs for what `words` say.
  mutating func unique(_ words: String, _ index: Int) -> String {
    let safe = NameRule.suggestion(words, dots: true) ?? "case-\(index + 1)"
    let isLong = safe.utf8.count > Self.longest
    let base = isLong ? "\(safe.prefix(Self.longest))-\(index + 1)" : safe
    var name = base
    var number = 1
    while !taken.insert(name).inserted {
      number += 1
      name = "\(base)-\(number)"
    }
    return name
  }
}
