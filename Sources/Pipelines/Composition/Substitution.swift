import Diagnostics
import YAMLSyntax

/// A variable with its value.
struct VariableDefinition {
  /// What a case's own name is called, as `${case}`.
  static let caseName = "case"

  let name: String
  let value: SyntaxNode
  let keySpan: SourceSpan
  let isOfMatrix: Bool

  var source: ValueSource {
    isOfMatrix ? .matrix(name, value.span) : .variable(name, value.span)
  }
}

/// Where variables stand in a tree.
struct VariableUses {
  /// How a value came out of a scalar.
  enum Kind {
    /// The variable's own, with its type.
    case value
    /// A text with variables in it.
    case text
    /// A text from the environment.
    case environment
  }

  /// By the place of the scalar that holds the variables.
  var kinds: [SourceSpan: (kind: Kind, sources: [ValueSource])] = [:]
  /// Scalars whose variables are missing, which has been reported.
  var broken: Set<SourceSpan> = []
}

/// What is left of what substituting may need.
struct SubstitutionBudget {
  var nodes = Composition.Limit.nodes
  var textBytes = Composition.Limit.textBytes
}

/// Puts variables' values in their places, for one case.
struct Substitution {
  /// A value whose own variables are replaced.
  struct Resolved {
    let node: SyntaxNode
    let weight: Int
    let depth: Int
    var isBroken = false
  }

  let definitions: [String: VariableDefinition]
  /// In the order in which they are written.
  let names: [String]
  let environment: @Sendable (String) -> String?
  let texts: [SourceText]
  /// Variables may be defined where nothing could be read.
  let ignoresUnknown: Bool
  private(set) var budget: SubstitutionBudget
  private(set) var bag = DiagnosticBag()
  private(set) var used: Set<String> = []
  private(set) var uses = VariableUses()
  /// Whether a reference could not be read, so that what it uses is not known.
  private(set) var hasMalformed = false
  private var resolved: [String: Resolved] = [:]
  private var isExhausted = false
  private var cycleCount = 0
  private var unknownCount = 0

  init(
    _ definitions: [VariableDefinition], _ environment: @escaping @Sendable (String) -> String?,
    _ texts: [SourceText], ignoresUnknown: Bool, budget: SubstitutionBudget
  ) {
    self.definitions = Dictionary(
      definitions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    names = definitions.map(\.name)
    self.environment = environment
    self.texts = texts
    self.ignoresUnknown = ignoresUnknown
    self.budget = budget
  }

  /// The pipeline with every variable replaced; nil where it would grow too large.
  mutating func pipeline(_ root: SyntaxNode) -> SyntaxNode? {
    resolveAll()
    let entries = (root.entries ?? []).filter { !CompositionTable.keys.contains($0.key) }
    let result = substituted(
      SyntaxNode(.mapping(entries), span: root.span), .section(PipelineTable.table))
    budget.nodes -= result.weight
    if budget.nodes < 0 { exhaust(at: root.place) }
    return isExhausted ? nil : result.node
  }

  // MARK: Variables in variables

  /// Resolves each variable after those that it uses, with a stack of its own.
  private mutating func resolveAll() {
    var isOpen: Set<String> = []
    for start in names where resolved[start] == nil {
      var stack: [(name: String, rest: ArraySlice<ReferenceUse>)] = []
      func open(_ name: String) -> Bool {
        guard let definition = definitions[name], isOpen.insert(name).inserted else {
          return false
        }
        stack.append((name, Self.variables(in: definition.value)[...]))
        return true
      }
      guard open(start) else { continue }
      while let top = stack.last {
        guard let next = top.rest.first else {
          stack.removeLast()
          isOpen.remove(top.name)
          if let value = definitions[top.name]?.value {
            resolved[top.name] = substituted(value, nil)
          }
          continue
        }
        stack[stack.count - 1].rest = top.rest.dropFirst()
        if resolved[next.name] != nil { continue }
        if !open(next.name), isOpen.contains(next.name),
          let begin = stack.firstIndex(where: { $0.name == next.name })
        {
          reportCycle(stack[begin...].map(\.name), next)
        }
      }
    }
  }

  /// A variable where it stands in a scalar.
  private struct ReferenceUse {
    let name: String
    let node: SyntaxNode
    let written: String
    let ordinal: Int
    let openings: Int
  }

  private static func variables(in node: SyntaxNode) -> [ReferenceUse] {
    switch node.content {
    case .scalar(let scalar):
      guard ReferenceText.mayHold(scalar.text) else { return [] }
      let text = ReferenceText(scalar.text)
      return text.pieces.compactMap { piece in
        guard case .reference(.variable(let name), let written, let ordinal) = piece else {
          return nil
        }
        return ReferenceUse(
          name: name, node: node, written: written, ordinal: ordinal, openings: text.openingCount)
      }
    case .sequence(let elements): return elements.flatMap(variables)
    case .mapping(let entries): return entries.flatMap { variables(in: $0.value) }
    }
  }

  private mutating func reportCycle(_ names: [String], _ last: ReferenceUse) {
    cycleCount += 1
    guard cycleCount <= Composition.Limit.cycles else { return }
    let names =
      names.count > Composition.Limit.cycleLength
      ? Array(names.suffix(Composition.Limit.cycleLength)) : names
    let notes = names.dropLast().enumerated().compactMap { index, name -> Diagnostic.Note? in
      let next = names[index + 1]
      let use = definitions[name].flatMap { definition in
        Self.variables(in: definition.value).first { $0.name == next }
      }
      return use.map { Diagnostic.Note("`\(name)` uses `\(next)` here", at: place(of: $0)) }
    }
    bag.report(
      CompositionFinding.cycle(
        of: names + [last.name], at: place(of: last), "is made of itself", notes: notes,
        help: "give one of them a value that does not lead back"))
  }

  private func place(of use: ReferenceUse) -> SourceSpan {
    ReferencePlaces(use.node, use.openings, in: texts).span(of: use.written, use.ordinal)
  }

  // MARK: Nodes

  private mutating func substituted(_ node: SyntaxNode, _ form: ValueForm?) -> Resolved {
    var weight = 1
    var depth = 0
    switch node.content {
    case .scalar(let scalar):
      guard ReferenceText.mayHold(scalar.text) else {
        return Resolved(node: node, weight: 1, depth: 1)
      }
      return self.scalar(scalar, node)
    case .sequence(let elements):
      let inner = elements.map { element in
        let inner = substituted(element, form?.element)
        weight += inner.weight
        depth = max(depth, inner.depth)
        return inner.node
      }
      return bounded(.sequence(inner), node, weight, depth + 1)
    case .mapping(let entries):
      let inner = entries.map { entry in
        // What starts with `x-` in a section is the user's own.
        if form?.table != nil, entry.key.hasPrefix("x-") { return entry }
        let inner = substituted(entry.value, form?.member(entry.key))
        weight += inner.weight + 1
        depth = max(depth, inner.depth)
        return SyntaxEntry(key: entry.key, keySpan: entry.keySpan, value: inner.node)
      }
      return bounded(.mapping(inner), node, weight, depth + 1)
    }
  }

  private mutating func bounded(
    _ content: SyntaxNode.Content, _ node: SyntaxNode, _ weight: Int, _ depth: Int
  ) -> Resolved {
    guard weight <= SyntaxParser.Limit.nodes, depth <= SyntaxParser.Limit.depth else {
      exhaust(at: node.place)
      return empty(node)
    }
    return Resolved(
      node: SyntaxNode(content, span: node.span, sources: node.sources), weight: weight,
      depth: depth)
  }

  private mutating func exhaust(at span: SourceSpan) {
    if !isExhausted { bag.report(CompositionFinding.tooMuch(at: span)) }
    isExhausted = true
  }

  /// Nothing, in the place of a value that cannot be made.
  private func empty(_ node: SyntaxNode) -> Resolved {
    Resolved(
      node: SyntaxNode(.scalar(SyntaxScalar("", style: .plain)), span: node.span), weight: 1,
      depth: 1, isBroken: true)
  }

  // MARK: Scalars

  private mutating func scalar(_ scalar: SyntaxScalar, _ node: SyntaxNode) -> Resolved {
    let text = ReferenceText(scalar.text)
    guard text.openingCount <= Composition.Limit.references else {
      exhaust(at: node.span)
      return empty(node)
    }
    let places = ReferencePlaces(node, text.openingCount, in: texts)
    if let whole = text.whole, case .variable(let name) = whole.reference {
      let place = places.span(of: whole.written, whole.ordinal)
      guard let value = value(of: name, at: place), let definition = definitions[name] else {
        return broken(node)
      }
      let sources = Self.capped([definition.source] + value.node.sources)
      uses.kinds[node.span] = (.value, sources)
      return Resolved(
        node: SyntaxNode(value.node.content, span: node.span, sources: sources),
        weight: value.weight, depth: value.depth)
    }
    var result = ""
    var sources: [ValueSource] = []
    var isSound = true
    for piece in text.pieces {
      switch piece {
      case .text(let literal): result += literal
      case .reference(let reference, let written, let ordinal):
        let place = places.span(of: written, ordinal)
        guard let (inserted, origin) = self.text(of: reference, written, at: place) else {
          isSound = false
          continue
        }
        result += inserted
        sources += origin
      }
      guard result.utf8.count <= SyntaxParser.Limit.bytes else {
        exhaust(at: node.span)
        return empty(node)
      }
    }
    guard isSound else { return broken(node) }
    budget.textBytes -= result.utf8.count
    guard budget.textBytes >= 0 else {
      exhaust(at: node.span)
      return empty(node)
    }
    sources = Self.capped(sources)
    // A text in which only `$${` stood is what it was but for that.
    if !sources.isEmpty {
      uses.kinds[node.span] = (text.whole == nil ? .text : .environment, sources)
    }
    return Resolved(
      node: SyntaxNode(
        .scalar(SyntaxScalar(result, style: .quoted)), span: node.span, sources: sources),
      weight: 1, depth: 1)
  }

  private mutating func broken(_ node: SyntaxNode) -> Resolved {
    uses.broken.insert(node.span)
    return Resolved(node: node, weight: 1, depth: 1, isBroken: true)
  }

  private static func capped(_ sources: [ValueSource]) -> [ValueSource] {
    sources.count > Composition.Limit.sources
      ? Array(sources.prefix(Composition.Limit.sources)) : sources
  }

  /// The value of a variable; nil where there is none, which has been reported.
  private mutating func value(of name: String, at span: SourceSpan) -> Resolved? {
    used.insert(name)
    guard definitions[name] != nil else {
      guard !ignoresUnknown else { return nil }
      let known = names.filter { $0 != VariableDefinition.caseName }
      unknownCount += 1
      let near =
        unknownCount > Composition.Limit.suggestions
        ? nil : Suggestion.nearest(to: name, among: known)
      // What was meant is no more unused than what was written.
      if let near { used.insert(near) }
      bag.report(CompositionFinding.unknown(name, near, known, at: span))
      return nil
    }
    guard let value = resolved[name], !value.isBroken else { return nil }
    return value
  }

  /// The text that stands for a reference inside a text.
  private mutating func text(
    of reference: ReferenceText.Reference, _ written: String, at span: SourceSpan
  ) -> (text: String, sources: [ValueSource])? {
    switch reference {
    case .malformed(let problem):
      hasMalformed = true
      bag.report(CompositionFinding.malformed(problem, written, at: span))
      return nil
    case .environment(let name, let standard):
      if let value = environment(name) { return (value, [.environment(name)]) }
      if let standard { return (standard, [.environmentDefault(name)]) }
      bag.report(CompositionFinding.notSet(name, at: span))
      return nil
    case .variable(let name):
      guard let value = value(of: name, at: span), let definition = definitions[name] else {
        return nil
      }
      guard let scalar = value.node.scalar, !value.node.isNull else {
        bag.report(CompositionFinding.noText(definition, value.node, at: span))
        return nil
      }
      return (scalar.text, [definition.source] + value.node.sources)
    }
  }
}

/// Where the references of one scalar stand in its text.
private struct ReferencePlaces {
  private let node: SyntaxNode
  private let source: SourceText?
  /// The offsets of each `${`; empty where the scalar is written so that they cannot be told.
  private let starts: [Int]

  init(_ node: SyntaxNode, _ openings: Int, in texts: [SourceText]) {
    self.node = node
    source = texts.first { $0.file == node.span.file }
    guard let source else {
      starts = []
      return
    }
    let range = node.span.start.offset..<min(node.span.end.offset, source.bytes.count)
    let found = range.dropLast().filter {
      source.bytes[$0] == UInt8(ascii: "$") && source.bytes[$0 + 1] == UInt8(ascii: "{")
    }
    starts = found.count == openings ? found : []
  }

  /// The place of the reference that is written so; the whole scalar where it cannot be told.
  func span(of written: String, _ ordinal: Int) -> SourceSpan {
    guard let source, starts.indices.contains(ordinal),
      source.bytes[starts[ordinal]...].starts(with: written.utf8)
    else { return node.span }
    return source.span(starts[ordinal], starts[ordinal] + written.utf8.count)
  }
}
