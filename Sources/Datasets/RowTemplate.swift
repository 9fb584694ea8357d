/// A text with variables in double braces: `Q: {{prompt}}\nA: `.
struct RowTemplate: Hashable, Sendable {
  private enum Piece: Hashable, Sendable {
    case literal(String)
    case variable(String)
  }

  private let pieces: [Piece]

  /// Reads the template; spaces around a variable's name do not count, a lone `}}` is text.
  ///
  /// - Throws: `invalidTemplate`.
  init(_ text: String) throws(DatasetError) {
    var pieces: [Piece] = []
    var rest = text.unicodeScalars[...]
    while let open = Self.braces("{", in: rest) {
      if open > rest.startIndex { pieces.append(.literal(String(rest[..<open]))) }
      let inside = rest[rest.index(open, offsetBy: 2)...]
      guard let close = Self.braces("}", in: inside) else {
        throw .invalidTemplate(.unclosed)
      }
      let name = inside[..<close].drop { $0 == " " || $0 == "\t" }
      let end = name.lastIndex { $0 != " " && $0 != "\t" }
      guard let end else { throw .invalidTemplate(.emptyName) }
      pieces.append(.variable(String(name[...end])))
      rest = inside[inside.index(close, offsetBy: 2)...]
    }
    if !rest.isEmpty { pieces.append(.literal(String(rest))) }
    self.pieces = pieces
  }

  /// The variables in order, repeated ones too.
  var variables: [String] {
    pieces.compactMap { if case .variable(let name) = $0 { name } else { nil } }
  }

  /// The text with each variable replaced by what `value` gives for its name.
  func render(
    _ value: (String) throws(DatasetError) -> String
  ) throws(DatasetError) -> String {
    var result = ""
    for piece in pieces {
      switch piece {
      case .literal(let text): result += text
      case .variable(let name): result += try value(name)
      }
    }
    return result
  }

  /// Where `brace` stands twice in a row; of three opening ones the first is text.
  private static func braces(
    _ brace: Unicode.Scalar, in text: Substring.UnicodeScalarView
  ) -> String.Index? {
    var index = text.startIndex
    while index < text.endIndex {
      let following = text.index(after: index)
      if text[index] == brace, following < text.endIndex, text[following] == brace {
        let third = text.index(after: following)
        if brace != "{" || third == text.endIndex || text[third] != "{" { return index }
      }
      index = following
    }
    return nil
  }
}
