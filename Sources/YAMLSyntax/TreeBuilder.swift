import Diagnostics

/// Builds the tree of one document from libyaml's events.
struct TreeBuilder {
  let source: SourceText
  let events: EventStream
  private(set) var diagnostics: [Diagnostic] = []

  /// A node with what it weighs when an alias repeats it.
  private struct Built {
    let node: SyntaxNode
    let nodeCount: Int
    let depth: Int
  }

  private var anchors: [String: Built] = [:]
  private var openAnchors: Set<String> = []
  private var nodeCount = 0
  private var aliasCount = 0

  init(source: SourceText, events: EventStream) {
    self.source = source
    self.events = events
  }

  /// Reads the whole text, which must hold at most one document.
  mutating func document() throws(SyntaxStop) -> SyntaxNode? {
    var root: SyntaxNode?
    var documents = 0
    while true {
      let event = try next()
      switch event.kind {
      case .streamStart, .documentEnd: continue
      case .streamEnd: return root
      case .documentStart:
        documents += 1
        if documents > 1 {
          throw SyntaxStop(
            diagnostic: Diagnostic(
              .error, .unsupportedYAML, "a second document starts here", at: span(event),
              help: "keep one pipeline a file; remove `---` or move what follows it"))
        }
      case .alias, .scalar, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd:
        root = try node(event, depth: 1).node
      }
    }
  }

  // MARK: Nodes

  private mutating func node(_ event: YAMLEvent, depth: Int) throws(SyntaxStop) -> Built {
    try count(1, depth: depth, at: event)
    switch event.kind {
    case .alias(let name): return try aliased(name, event, depth: depth)
    case .scalar(let text, let style, let properties):
      let start = check(properties, event)
      let built = Built(
        node: SyntaxNode(
          .scalar(SyntaxScalar(text, style: style)), span: scalarSpan(event, style, from: start)),
        nodeCount: 1, depth: 1)
      if let anchor = properties.anchor { anchors[anchor] = built }
      return built
    case .sequenceStart(let isFlow, let properties):
      return try collection(event, properties) { builder, start throws(SyntaxStop) in
        try builder.sequence(from: start, isFlow: isFlow, depth: depth)
      }
    case .mappingStart(let isFlow, let properties):
      return try collection(event, properties) { builder, start throws(SyntaxStop) in
        try builder.mapping(from: start, isFlow: isFlow, depth: depth)
      }
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
      throw SyntaxStop(
        diagnostic: Diagnostic(.error, .invalidYAML, "a value is missing here", at: span(event)))
    }
  }

  private mutating func collection(
    _ event: YAMLEvent, _ properties: YAMLEvent.NodeProperties,
    _ read: (inout TreeBuilder, _ start: Int) throws(SyntaxStop) -> Built
  ) throws(SyntaxStop) -> Built {
    let start = check(properties, event)
    guard let anchor = properties.anchor else { return try read(&self, start) }
    let isOutermost = openAnchors.insert(anchor).inserted
    let built = try read(&self, start)
    if isOutermost { openAnchors.remove(anchor) }
    anchors[anchor] = built
    return built
  }

  private mutating func sequence(
    from start: Int, isFlow: Bool, depth: Int
  ) throws(SyntaxStop) -> Built {
    var elements: [SyntaxNode] = []
    var weight = 1
    var inner = 0
    while true {
      let event = try next()
      if case .sequenceEnd = event.kind {
        let span = collectionSpan(start, event, isFlow: isFlow, last: elements.last?.span)
        return Built(
          node: SyntaxNode(.sequence(elements), span: span), nodeCount: weight, depth: inner + 1)
      }
      let element = try node(event, depth: depth + 1)
      elements.append(element.node)
      weight += element.nodeCount
      inner = max(inner, element.depth)
    }
  }

  private mutating func mapping(
    from start: Int, isFlow: Bool, depth: Int
  ) throws(SyntaxStop) -> Built {
    var entries: [SyntaxEntry] = []
    var keys = KeySpans()
    var last: SourceSpan?
    var weight = 1
    var inner = 0
    while true {
      let event = try next()
      if case .mappingEnd = event.kind {
        let span = collectionSpan(start, event, isFlow: isFlow, last: last)
        return Built(
          node: SyntaxNode(.mapping(entries), span: span), nodeCount: weight, depth: inner + 1)
      }
      let keyNode = try node(event, depth: depth + 1)
      let value = try node(try next(), depth: depth + 1)
      weight += keyNode.nodeCount + value.nodeCount
      inner = max(inner, value.depth)
      last = value.node.span
      guard let key = key(keyNode.node, event, first: keys, entries) else { continue }
      entries.append(SyntaxEntry(key: key, keySpan: keyNode.node.span, value: value.node))
      keys.added(entries)
    }
  }

  /// The text of a key; nil, and a finding, for one that cannot stand.
  private mutating func key(
    _ node: SyntaxNode, _ event: YAMLEvent, first: KeySpans, _ entries: [SyntaxEntry]
  ) -> String? {
    guard let scalar = node.scalar, case .scalar = event.kind else {
      diagnostics.append(SyntaxFinding.keyIsNoText(node, event, at: span(event)))
      return nil
    }
    if scalar.style == .plain, scalar.text == "<<" {
      diagnostics.append(SyntaxFinding.mergeKey(at: node.span))
      return nil
    }
    if scalar.style == .plain, scalar.text.isEmpty {
      diagnostics.append(SyntaxFinding.emptyKey(at: node.span))
      return nil
    }
    if let earlier = first.span(of: scalar.text, in: entries) {
      diagnostics.append(SyntaxFinding.duplicateKey(scalar.text, at: node.span, first: earlier))
      return nil
    }
    return scalar.text
  }

  private mutating func aliased(
    _ name: String, _ event: YAMLEvent, depth: Int
  ) throws(SyntaxStop) -> Built {
    aliasCount += 1
    if aliasCount > SyntaxParser.Limit.aliases {
      throw SyntaxStop(
        diagnostic: Diagnostic(
          .error, .limitExceeded, "more than \(SyntaxParser.Limit.aliases) aliases",
          at: span(event),
          help: "write the values out"))
    }
    if openAnchors.contains(name) {
      throw SyntaxStop(
        diagnostic: Diagnostic(
          .error, .unsupportedYAML, "`*\(name)` stands inside what `&\(name)` names",
          at: span(event),
          help: "a value cannot contain itself; write it out"))
    }
    guard let built = anchors[name] else {
      throw SyntaxStop(
        diagnostic: Diagnostic(
          .error, .invalidYAML, "`*\(name)` names nothing: there is no `&\(name)` before it",
          at: span(event), help: "put `&\(name)` before the value that is meant, or quote the text")
      )
    }
    try count(built.nodeCount - 1, depth: depth + built.depth - 1, at: event)
    return built
  }

  // MARK: Limits, places

  private mutating func count(
    _ added: Int, depth: Int, at event: YAMLEvent
  ) throws(SyntaxStop) {
    nodeCount += added
    if nodeCount > SyntaxParser.Limit.nodes {
      throw SyntaxStop(
        diagnostic: Diagnostic(
          .error, .limitExceeded, "more than 10,000 values and keys, aliases written out",
          at: span(event),
          help: "a pipeline is a short text; keep data in files of their own under `data`"))
    }
    if depth > SyntaxParser.Limit.depth {
      throw SyntaxStop(
        diagnostic: Diagnostic(
          .error, .limitExceeded, "values are nested more than \(SyntaxParser.Limit.depth) deep",
          at: span(event), help: "no setting lies that deep; look for a bracket too many"))
    }
  }

  /// Refuses a tag; returns where the value itself starts, after its tag and anchor.
  private mutating func check(
    _ properties: YAMLEvent.NodeProperties, _ event: YAMLEvent
  ) -> Int {
    let start = source.offset(ofScalar: event.start)
    guard properties.tag != nil || properties.anchor != nil else { return start }
    let end = source.offset(ofScalar: event.end)
    // Before a block collection the properties are the whole event; else its value follows them.
    let limit = properties.isBlockStart(event) ? source.bytes.count : end
    let written = WrittenProperties(in: source.bytes, from: start, to: limit)
    if let tag = properties.tag {
      let place = written.tag ?? start..<end
      diagnostics.append(
        SyntaxFinding.tag(tag, at: source.span(place.lowerBound, place.upperBound)))
    }
    return written.end
  }

  private mutating func next() throws(SyntaxStop) -> YAMLEvent {
    do throws(YAMLFailure) {
      return try events.next()
    } catch {
      throw SyntaxStop(diagnostic: SyntaxFinding.unreadable(error, in: source))
    }
  }

  private func span(_ event: YAMLEvent) -> SourceSpan {
    source.span(source.offset(ofScalar: event.start), source.offset(ofScalar: event.end))
  }

  /// A scalar's span, without the line breaks that end a block.
  private func scalarSpan(
    _ event: YAMLEvent, _ style: SyntaxScalar.Style, from start: Int
  ) -> SourceSpan {
    var end = source.offset(ofScalar: event.end)
    if style == .block {
      while end > start, source.bytes[end - 1].isBlank { end -= 1 }
    }
    return source.span(start, end)
  }

  /// A collection's span: to its bracket, or to the end of its last value.
  private func collectionSpan(
    _ start: Int, _ end: YAMLEvent, isFlow: Bool, last: SourceSpan?
  ) -> SourceSpan {
    if isFlow { return source.span(start, source.offset(ofScalar: end.end)) }
    return source.span(start, last?.end.offset ?? start)
  }
}

/// Where each key of one mapping stands: looked for in the entries while they are few, as they almost
/// always are, and kept in a table once they are many.
private struct KeySpans {
  private static let few = 24
  private var spans: [String: SourceSpan] = [:]

  func span(of key: String, in entries: [SyntaxEntry]) -> SourceSpan? {
    entries.count > Self.few ? spans[key] : entries.first { $0.key == key }?.keySpan
  }

  /// Takes note of the last of `entries`.
  mutating func added(_ entries: [SyntaxEntry]) {
    if entries.count == Self.few + 1 {
      for entry in entries { spans[entry.key] = entry.keySpan }
    } else if entries.count > Self.few, let last = entries.last {
      spans[last.key] = last.keySpan
    }
  }
}
