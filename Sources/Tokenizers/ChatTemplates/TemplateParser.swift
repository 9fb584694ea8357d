/// Reads the parts of a template into statements.
struct TemplateParser {
  /// How deep blocks, and expressions within expressions, may lie.
  static let deepest = 96

  private var parts: [TemplatePart]
  private var position = 0
  private var depth = 0
  /// The tokens of the tag at hand.
  var tokens: [TemplateToken] = []
  var cursor = 0
  var line = 1
  var expressionDepth = 0

  /// The statements of `template`.
  ///
  /// - Throws: ``TemplateError`` for what is no template, and for what this program does not have.
  static func statements(of template: String) throws(TemplateError) -> [TemplateStatement] {
    var parser = TemplateParser(parts: try TemplateLexer.parts(of: template))
    let (statements, end) = try parser.block(until: [])
    if let end { throw .syntax(line: parser.line, reason: "`\(end)` ends nothing") }
    return statements
  }

  private init(parts: [TemplatePart]) { self.parts = parts }

  // MARK: Blocks

  /// The statements up to a tag that begins with one of `ends`, whose tokens are left at hand.
  private mutating func block(
    until ends: [String]
  ) throws(TemplateError) -> (statements: [TemplateStatement], end: String?) {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw .limit(line: line, what: "nested blocks") }
    let start = line
    var statements: [TemplateStatement] = []
    while position < parts.count {
      let part = parts[position]
      position += 1
      line = part.line
      switch part.kind {
      case .text(let bytes): statements.append(.init(line: part.line, kind: .text(bytes)))
      case .output(let tokens):
        self.tokens = tokens
        cursor = 0
        let value = try tupleOrExpression()
        try expectEnd()
        statements.append(.init(line: part.line, kind: .output(value)))
      case .statement(let tokens):
        self.tokens = tokens
        cursor = 0
        let word = try name("the name of a statement")
        if ends.contains(word) { return (statements, word) }
        if let statement = try statement(word) {
          statements.append(.init(line: part.line, kind: statement))
        }
      }
    }
    guard ends.isEmpty else {
      throw .syntax(line: start, reason: "`\(ends[ends.count - 1])` is missing")
    }
    return (statements, nil)
  }

  /// A block that must end with `end`.
  private mutating func body(_ end: String) throws(TemplateError) -> [TemplateStatement] {
    try expectEnd()
    let statements = try block(until: [end]).statements
    try expectEnd(afterName: true)
    return statements
  }

  private mutating func statement(_ word: String) throws(TemplateError) -> TemplateStatement.Kind? {
    switch word {
    case "if": return try conditional()
    case "for": return .loop(try loop())
    case "set": return try assignment()
    case "macro": return .macro(try macro())
    case "generation": return .generation(try body("endgeneration"))
    case "with": return try with()
    case "break":
      try expectEnd()
      return .exitLoop
    case "continue":
      try expectEnd()
      return .nextIteration
    case "elif", "else", "endif", "endfor", "endset", "endmacro", "endgeneration", "endwith",
      "endraw":
      throw .syntax(line: line, reason: "`\(word)` ends nothing")
    default: throw .unsupported(line: line, what: "the statement `\(word)`")
    }
  }

  private mutating func conditional() throws(TemplateError) -> TemplateStatement.Kind {
    var branches: [(TemplateExpression?, [TemplateStatement])] = []
    var condition: TemplateExpression? = try expression()
    while true {
      try expectEnd()
      let (statements, end) = try block(
        until: condition == nil ? ["endif"] : ["elif", "else", "endif"])
      branches.append((condition, statements))
      switch end {
      case "elif": condition = try expression()
      case "else": condition = nil
      default:
        try expectEnd()
        return .conditional(branches)
      }
    }
  }

  private mutating func loop() throws(TemplateError) -> TemplateStatement.Loop {
    let target = try target()
    guard takeName("in") else { throw .syntax(line: line, reason: "`for` needs `in`") }
    let sequence = try tupleOrExpression(withConditional: false)
    let condition: TemplateExpression? = takeName("if") ? try expression() : nil
    if takeName("recursive") { throw .unsupported(line: line, what: "a recursive `for`") }
    try expectEnd()
    var (statements, end) = try block(until: ["else", "endfor"])
    var otherwise: [TemplateStatement] = []
    if end == "else" {
      try expectEnd()
      (otherwise, end) = try block(until: ["endfor"])
    }
    try expectEnd()
    return .init(
      target: target, sequence: sequence, condition: condition, body: statements,
      otherwise: otherwise)
  }

  /// What is assigned to: a name, names between commas, or a namespace's attribute.
  private mutating func target() throws(TemplateError) -> TemplateStatement.Target {
    let hasParentheses = take("(")
    let first = try name("a name to assign to")
    if take(".") { return .attribute(of: first, try name("an attribute's name")) }
    var names = [first]
    while take(",") {
      if case .name = peek, !isName("in") { names.append(try name("a name")) }
    }
    if hasParentheses { try expect(")") }
    return names.count == 1 && !hasParentheses ? .name(first) : .names(names)
  }

  private mutating func assignment() throws(TemplateError) -> TemplateStatement.Kind {
    let target = try target()
    if take("=") {
      let value = try tupleOrExpression()
      try expectEnd()
      return .set(target, value)
    }
    var filters: [TemplateStatement.FilterCall] = []
    while take("|") {
      let name = try name("a filter's name")
      let arguments = take("(") ? try arguments() : .init()
      filters.append(.init(name: name, arguments: arguments))
    }
    return .capture(target, body: try body("endset"), filters: filters)
  }

  private mutating func macro() throws(TemplateError) -> TemplateStatement.Macro {
    let name = try name("a macro's name")
    var parameters: [(String, TemplateExpression?)] = []
    try expect("(")
    while !take(")") {
      if !parameters.isEmpty { try expect(",") }
      if take(")") { break }
      let parameter = try self.name("a parameter's name")
      parameters.append((parameter, take("=") ? try expression() : nil))
    }
    return .init(name: name, parameters: parameters, body: try body("endmacro"))
  }

  private mutating func with() throws(TemplateError) -> TemplateStatement.Kind {
    var values: [(String, TemplateExpression)] = []
    while cursor < tokens.count {
      if !values.isEmpty { try expect(",") }
      let name = try name("a name to assign to")
      try expect("=")
      values.append((name, try expression()))
    }
    return .with(values, body: try body("endwith"))
  }

  // MARK: Tokens

  var peek: TemplateToken? { cursor < tokens.count ? tokens[cursor] : nil }

  func isName(_ word: String) -> Bool { peek == .name(word) }

  mutating func take(_ symbol: String) -> Bool {
    guard peek == .symbol(symbol) else { return false }
    cursor += 1
    return true
  }

  mutating func takeName(_ word: String) -> Bool {
    guard isName(word) else { return false }
    cursor += 1
    return true
  }

  mutating func expect(_ symbol: String) throws(TemplateError) {
    guard take(symbol) else { throw .syntax(line: line, reason: "`\(symbol)` is missing") }
  }

  mutating func name(_ what: String) throws(TemplateError) -> String {
    guard case .name(let name) = peek else {
      throw .syntax(line: line, reason: "\(what) is missing")
    }
    cursor += 1
    return name
  }

  /// Holds that the tag at hand is read to its end; `afterName` lets a name stand there.
  mutating func expectEnd(afterName: Bool = false) throws(TemplateError) {
    if afterName, case .name = peek { cursor += 1 }
    guard cursor >= tokens.count else {
      throw .syntax(line: line, reason: "the tag goes on where it should end")
    }
  }
}
