/// Renders the statements of a template.
struct TemplateInterpreter {
  /// Bounds that a real chat's rendering stays far below.
  enum Limit {
    static let steps = 20_000_000
    static let outputBytes = 64 << 20
    static let depth = 64
    static let elements = 1 << 20
  }

  /// What a statement does to the statements after it.
  private enum Flow { case goesOn, exitsLoop, entersNextIteration }

  private(set) var output: [UInt8] = []
  /// The byte ranges of the output that `generation` blocks made.
  private(set) var generated: [Range<Int>] = []
  /// Whether the output at hand is the template's own, not a macro's or a captured one.
  private var isOutermost = true
  private var scopes: [[String: TemplateValue]]
  private var steps = 0
  private var depth = 0
  private var loopDepth = 0
  let date: TemplateDate?
  /// The line of the statement at hand.
  private(set) var line = 1

  /// Makes an interpreter whose templates see `variables`.
  init(variables: [String: TemplateValue], date: TemplateDate?) {
    scopes = [variables]
    self.date = date
  }

  /// Renders `statements` as a whole template.
  mutating func render(_ statements: [TemplateStatement]) throws(TemplateError) {
    scopes.append([:])
    _ = try run(statements)
  }

  // MARK: Bounds

  /// Counts a step.
  mutating func step(_ count: Int = 1) throws(TemplateError) {
    steps += count
    guard steps <= Limit.steps else { throw .limit(line: line, what: "\(Limit.steps) steps") }
  }

  mutating func enter() throws(TemplateError) {
    depth += 1
    guard depth <= Limit.depth else { throw .limit(line: line, what: "nested macros") }
  }

  mutating func leave() { depth -= 1 }

  private mutating func write(_ bytes: some Collection<UInt8>) throws(TemplateError) {
    guard output.count + bytes.count <= Limit.outputBytes else {
      throw .limit(line: line, what: "\(Limit.outputBytes >> 20) MiB of output")
    }
    output.append(contentsOf: bytes)
  }

  func failure(_ reason: String) -> TemplateError { .evaluation(line: line, reason: reason) }

  // MARK: Names

  func value(of name: String) -> TemplateValue? {
    for scope in scopes.reversed() {
      if let value = scope[name] { return value }
    }
    return TemplateFunction(rawValue: name).map { .function($0) }
  }

  private mutating func set(_ name: String, _ value: TemplateValue) {
    scopes[scopes.count - 1][name] = value
  }

  private mutating func assign(
    _ value: TemplateValue, to target: TemplateStatement.Target
  ) throws(TemplateError) {
    switch target {
    case .name(let name): set(name, value)
    case .attribute(let owner, let name):
      guard case .namespace(let namespace) = self.value(of: owner) else {
        throw failure("`\(owner)` is no namespace, so `\(owner).\(name)` cannot be set")
      }
      guard !namespace.set(name, value).isTooLarge else {
        throw .limit(line: line, what: "a value's size")
      }
    case .names(let names):
      let elements = try self.elements(of: value)
      guard elements.count == names.count else {
        throw failure("\(names.count) names cannot take \(elements.count) values")
      }
      for (name, element) in zip(names, elements) { set(name, element) }
    }
  }

  // MARK: Statements

  private mutating func run(_ statements: [TemplateStatement]) throws(TemplateError) -> Flow {
    for statement in statements {
      line = statement.line
      try step()
      switch statement.kind {
      case .text(let bytes): try write(bytes)
      case .output(let expression): try write(try evaluate(expression).written.utf8)
      case .conditional(let branches):
        let flow = try runFirst(branches)
        if flow != .goesOn { return flow }
      case .loop(let loop): try run(loop)
      case .set(let target, let expression): try assign(try evaluate(expression), to: target)
      case .capture(let target, let body, let filters):
        var value = try captured { (interpreter) throws(TemplateError) in
          _ = try interpreter.runScoped(body)
        }
        for filter in filters {
          value = try apply(filter.name, to: value, try evaluate(filter.arguments))
        }
        try assign(value, to: target)
      case .macro(let macro): set(macro.name, .macro(macro))
      case .generation(let body):
        guard isOutermost else {
          throw .unsupported(line: line, what: "`generation` within a macro or a captured text")
        }
        let start = output.count
        let flow = try runScoped(body)
        generated.append(start..<output.count)
        if flow != .goesOn { return flow }
      case .with(let values, let body):
        var scope: [String: TemplateValue] = [:]
        for (name, expression) in values { scope[name] = try evaluate(expression) }
        let flow = try runScoped(body, scope)
        if flow != .goesOn { return flow }
      case .exitLoop: return .exitsLoop
      case .nextIteration: return .entersNextIteration
      }
    }
    return .goesOn
  }

  private mutating func runScoped(
    _ statements: [TemplateStatement], _ scope: [String: TemplateValue] = [:]
  ) throws(TemplateError) -> Flow {
    scopes.append(scope)
    let flow = try run(statements)
    scopes.removeLast()
    return flow
  }

  private mutating func runFirst(
    _ branches: [(condition: TemplateExpression?, body: [TemplateStatement])]
  ) throws(TemplateError) -> Flow {
    for (condition, body) in branches {
      if let condition, try !evaluate(condition).isTrue { continue }
      return try run(body)
    }
    return .goesOn
  }

  private mutating func run(_ loop: TemplateStatement.Loop) throws(TemplateError) {
    var elements = try self.elements(of: try evaluate(loop.sequence))
    if let condition = loop.condition {
      var kept: [TemplateValue] = []
      for element in elements {
        try step()
        scopes.append([:])
        try assign(element, to: loop.target)
        if try evaluate(condition).isTrue { kept.append(element) }
        scopes.removeLast()
      }
      elements = kept
    }
    guard !elements.isEmpty else {
      _ = try runScoped(loop.otherwise)
      return
    }
    loopDepth += 1
    defer { loopDepth -= 1 }
    let sequence = TemplateSequence(elements)
    for (index, element) in elements.enumerated() {
      try step()
      let state = TemplateLoop(index: index, elements: sequence, depth: loopDepth)
      scopes.append(["loop": .loop(state)])
      try assign(element, to: loop.target)
      let flow = try run(loop.body)
      scopes.removeLast()
      if flow == .exitsLoop { break }
    }
  }

  /// What `body` writes, as a value.
  private mutating func captured(
    _ body: (inout TemplateInterpreter) throws(TemplateError) -> Void
  ) throws(TemplateError) -> TemplateValue {
    let outer = output
    let wasOutermost = isOutermost
    output = []
    isOutermost = false
    try body(&self)
    let text = String(decoding: output, as: UTF8.self)
    output = outer
    isOutermost = wasOutermost
    return .string(text)
  }

  /// Calls a macro: its body sees its parameters and what stands at the template's top.
  mutating func call(
    _ macro: TemplateStatement.Macro, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    guard arguments.positional.count <= macro.parameters.count else {
      throw failure("`\(macro.name)` takes \(macro.parameters.count) arguments")
    }
    try enter()
    let outer = scopes
    let outerLine = line
    let outerLoopDepth = loopDepth
    scopes = Array(scopes.prefix(2)) + [[:]]
    loopDepth = 0
    for (index, parameter) in macro.parameters.enumerated() {
      let value: TemplateValue
      if index < arguments.positional.count {
        value = arguments.positional[index]
      } else if let named = arguments[parameter.name] {
        value = named
      } else if let fallback = parameter.fallback {
        value = try evaluate(fallback)
      } else {
        value = .undefined(parameter.name)
      }
      set(parameter.name, value)
    }
    for (name, _) in arguments.named where !macro.parameters.contains(where: { $0.name == name }) {
      throw failure("`\(macro.name)` has no parameter `\(name)`")
    }
    let text = try captured { (interpreter) throws(TemplateError) in
      _ = try interpreter.run(macro.body)
    }
    scopes = outer
    line = outerLine
    loopDepth = outerLoopDepth
    leave()
    return text
  }
}

/// The values that a call was given.
struct TemplateArguments {
  var positional: [TemplateValue] = []
  var named: [(name: String, value: TemplateValue)] = []

  /// The argument with a name.
  subscript(name: String) -> TemplateValue? { named.first { $0.name == name }?.value }

  /// The argument at a position or with a name.
  subscript(position: Int, name: String) -> TemplateValue? {
    position < positional.count ? positional[position] : self[name]
  }
}
