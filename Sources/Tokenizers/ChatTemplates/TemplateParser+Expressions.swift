extension TemplateParser {
  /// An expression, or several between commas as a list.
  ///
  /// Without `withConditional` an `if` after it belongs to whoever asks.
  mutating func tupleOrExpression(
    withConditional: Bool = true
  ) throws(TemplateError) -> TemplateExpression {
    let first = withConditional ? try expression() : try disjunction()
    guard peek == .symbol(",") else { return first }
    var elements = [first]
    while take(",") {
      guard peek != nil, peek != .symbol(")") else { break }
      elements.append(withConditional ? try expression() : try disjunction())
    }
    return .list(elements)
  }

  /// An expression, with `a if b else c` binding least.
  mutating func expression() throws(TemplateError) -> TemplateExpression {
    expressionDepth += 1
    defer { expressionDepth -= 1 }
    guard expressionDepth <= Self.deepest else {
      throw .limit(line: line, what: "nested expressions")
    }
    var value = try disjunction()
    while takeName("if") {
      let condition = try disjunction()
      let otherwise: TemplateExpression? = takeName("else") ? try expression() : nil
      value = .conditional(condition: condition, then: value, otherwise: otherwise)
    }
    return value
  }

  private mutating func disjunction() throws(TemplateError) -> TemplateExpression {
    var left = try conjunction()
    while takeName("or") { left = .binary(.or, left, try conjunction()) }
    return left
  }

  private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
    var left = try negation()
    while takeName("and") { left = .binary(.and, left, try negation()) }
    return left
  }

  private mutating func negation() throws(TemplateError) -> TemplateExpression {
    var count = 0
    while takeName("not") { count += 1 }
    let value = try comparison()
    return count == 0 ? value : count % 2 == 1 ? .not(value) : .not(.not(value))
  }

  private mutating func comparison() throws(TemplateError) -> TemplateExpression {
    let first = try sum()
    var rest: [(TemplateExpression.Comparison, TemplateExpression)] = []
    while let comparison = takeComparison() { rest.append((comparison, try sum())) }
    return rest.isEmpty ? first : .comparison(first, rest)
  }

  private mutating func takeComparison() -> TemplateExpression.Comparison? {
    switch peek {
    case .symbol(let symbol):
      guard let comparison = TemplateExpression.Comparison(rawValue: symbol) else { return nil }
      cursor += 1
      return comparison
    case .name("in"):
      cursor += 1
      return .isIn
    case .name("not") where cursor + 1 < tokens.count && tokens[cursor + 1] == .name("in"):
      cursor += 2
      return .isNotIn
    default: return nil
    }
  }

  private mutating func takeOperator(
    _ operators: [TemplateExpression.Operator]
  ) -> TemplateExpression.Operator? {
    for candidate in operators where take(candidate.rawValue) { return candidate }
    return nil
  }

  private mutating func sum() throws(TemplateError) -> TemplateExpression {
    var left = try concatenation()
    while let sign = takeOperator([.add, .subtract]) {
      left = .binary(sign, left, try concatenation())
    }
    return left
  }

  private mutating func concatenation() throws(TemplateError) -> TemplateExpression {
    var left = try product()
    while takeOperator([.concatenate]) != nil {
      left = .binary(.concatenate, left, try product())
    }
    return left
  }

  private mutating func product() throws(TemplateError) -> TemplateExpression {
    var left = try power()
    while let sign = takeOperator([.multiply, .divide, .floorDivide, .modulo]) {
      left = .binary(sign, left, try power())
    }
    return left
  }

  private mutating func power() throws(TemplateError) -> TemplateExpression {
    var left = try signed(withFilters: true)
    while takeOperator([.power]) != nil {
      left = .binary(.power, left, try signed(withFilters: true))
    }
    return left
  }

  private mutating func signed(withFilters: Bool) throws(TemplateError) -> TemplateExpression {
    expressionDepth += 1
    defer { expressionDepth -= 1 }
    guard expressionDepth <= Self.deepest else {
      throw .limit(line: line, what: "nested expressions")
    }
    var value: TemplateExpression
    if take("-") {
      value = .negate(try signed(withFilters: false))
    } else if take("+") {
      value = try signed(withFilters: false)
    } else {
      value = try primary()
    }
    value = try postfixed(value)
    return withFilters ? try filtered(value) : value
  }

  private mutating func primary() throws(TemplateError) -> TemplateExpression {
    guard let token = peek else {
      throw .syntax(line: line, reason: "an expression is missing")
    }
    cursor += 1
    switch token {
    case .name(let name):
      switch name {
      case "true", "True": return .bool(true)
      case "false", "False": return .bool(false)
      case "none", "None": return .none
      default: return .name(name)
      }
    case .string(var text):
      while case .string(let more) = peek {
        text += more
        cursor += 1
      }
      return .string(text)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .symbol("("):
      if take(")") { return .list([]) }
      let value = try tupleOrExpression()
      try expect(")")
      return value
    case .symbol("["): return .list(try elements(until: "]"))
    case .symbol("{"): return try map()
    case .symbol(let symbol):
      throw .syntax(line: line, reason: "`\(symbol)` stands where an expression should")
    }
  }

  private mutating func elements(
    until end: String
  ) throws(TemplateError) -> [TemplateExpression] {
    var elements: [TemplateExpression] = []
    while !take(end) {
      if !elements.isEmpty {
        try expect(",")
        if take(end) { break }
      }
      elements.append(try expression())
    }
    return elements
  }

  private mutating func map() throws(TemplateError) -> TemplateExpression {
    var members: [(TemplateExpression, TemplateExpression)] = []
    while !take("}") {
      if !members.isEmpty {
        try expect(",")
        if take("}") { break }
      }
      let key = try expression()
      try expect(":")
      members.append((key, try expression()))
    }
    return .map(members)
  }

  // MARK: What follows a value

  private mutating func postfixed(
    _ value: TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    var value = value
    var count = 0
    while true {
      count += 1
      guard count <= Self.deepest else { throw .limit(line: line, what: "nested expressions") }
      if take(".") {
        if case .integer(let index) = peek {
          cursor += 1
          value = .element(value, .integer(index))
        } else {
          value = .attribute(value, try name("an attribute's name"))
        }
      } else if take("[") {
        value = try element(of: value)
      } else if take("(") {
        value = .call(value, try arguments())
      } else {
        return value
      }
    }
  }

  private mutating func filtered(
    _ value: TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    var value = value
    var count = 0
    while true {
      count += 1
      guard count <= Self.deepest else { throw .limit(line: line, what: "nested expressions") }
      if take("|") {
        let name = try name("a filter's name")
        value = .filter(value, name, take("(") ? try arguments() : .init())
      } else if takeName("is") {
        value = try test(of: value)
      } else if take("(") {
        value = .call(value, try arguments())
      } else {
        return value
      }
    }
  }

  private mutating func test(
    of value: TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    let isNegated = takeName("not")
    let name = try name("a test's name")
    var arguments = TemplateExpression.Arguments()
    if take("(") {
      arguments = try self.arguments()
    } else if startsTestArgument {
      arguments.positional = [try postfixed(try primary())]
    }
    return .test(value, name, arguments, isNegated: isNegated)
  }

  private var startsTestArgument: Bool {
    switch peek {
    case .name(let name): !["else", "or", "and", "is", "if", "not", "in"].contains(name)
    case .string, .integer, .number, .symbol("["), .symbol("{"): true
    case .symbol, nil: false
    }
  }

  private mutating func element(
    of value: TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    func isBound(_ token: TemplateToken?) -> Bool {
      token != .symbol(":") && token != .symbol("]") && token != nil
    }
    let start: TemplateExpression? = isBound(peek) ? try expression() : nil
    if let start, take("]") { return .element(value, start) }
    try expect(":")
    let end: TemplateExpression? = isBound(peek) ? try expression() : nil
    var step: TemplateExpression?
    if take(":"), isBound(peek) { step = try expression() }
    try expect("]")
    return .slice(value, .init(start: start, end: end, step: step))
  }

  /// The arguments of a call, after its opening parenthesis.
  mutating func arguments() throws(TemplateError) -> TemplateExpression.Arguments {
    var arguments = TemplateExpression.Arguments()
    var isFirst = true
    while !take(")") {
      if !isFirst {
        try expect(",")
        if take(")") { break }
      }
      isFirst = false
      if case .name(let name) = peek, cursor + 1 < tokens.count,
        tokens[cursor + 1] == .symbol("=")
      {
        cursor += 2
        arguments.named.append((name, try expression()))
      } else {
        guard arguments.named.isEmpty else {
          throw .syntax(line: line, reason: "an argument without a name follows one with a name")
        }
        arguments.positional.append(try expression())
      }
    }
    return arguments
  }
}
