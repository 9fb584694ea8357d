package import Diagnostics

/// A node of a YAML text with the place where it stands.
package struct SyntaxNode: Hashable, Sendable {
  /// What a node holds.
  package indirect enum Content: Hashable, Sendable {
    case scalar(SyntaxScalar)
    case sequence([SyntaxNode])
    /// In the order of the text, each key once.
    case mapping([SyntaxEntry])
  }

  package let content: Content
  /// From the node's first character up to what follows its last.
  package let span: SourceSpan
  /// What the value was taken from where it is not written at `span` itself, the nearest first.
  package let sources: [ValueSource]

  package init(_ content: Content, span: SourceSpan, sources: [ValueSource] = []) {
    self.content = content
    self.span = span
    self.sources = sources
  }

  /// The scalar; nil for a collection.
  package var scalar: SyntaxScalar? {
    if case .scalar(let scalar) = content { scalar } else { nil }
  }
  /// The elements of a sequence; nil for anything else.
  package var elements: [SyntaxNode]? {
    if case .sequence(let elements) = content { elements } else { nil }
  }
  /// The entries of a mapping; nil for anything else.
  package var entries: [SyntaxEntry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }
  /// Whether nothing is written here, or `null` or `~`, without quotes.
  package var isNull: Bool {
    guard case .scalar(let scalar) = content, scalar.style == .plain else { return false }
    return switch scalar.text {
    case "", "~", "null", "Null", "NULL": true
    default: false
    }
  }
}

/// A scalar's text and the way it is written.
package struct SyntaxScalar: Hashable, Sendable {
  /// How a scalar is written: only a plain one can be a number, a boolean or null.
  package enum Style: Hashable, Sendable { case plain, quoted, block }

  package let text: String
  package let style: Style

  package init(_ text: String, style: Style) {
    self.text = text
    self.style = style
  }
}

/// A key of a mapping and its value.
package struct SyntaxEntry: Hashable, Sendable {
  package let key: String
  package let keySpan: SourceSpan
  package let value: SyntaxNode

  package init(key: String, keySpan: SourceSpan, value: SyntaxNode) {
    self.key = key
    self.keySpan = keySpan
    self.value = value
  }
}
