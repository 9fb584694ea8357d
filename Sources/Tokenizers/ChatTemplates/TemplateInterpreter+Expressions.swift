extension TemplateInterpreter {
  /// The value of `expression`.
  mutating func evaluate(
    _ expression: TemplateExpression
  ) throws(TemplateError) -> TemplateValue {
    try step()
    switch expression {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .string(let text): return .string(text)
    case .list(let expressions):
      var elements: [TemplateValue] = []
      for expression in expressions { elements.append(try evaluate(expression)) }
      return try bounded(.list(elements))
    case .map(let members):
      var map = TemplateMap()
      for (key, value) in members {
        guard let name = try evaluate(key).text else {
          throw failure("a mapping's key must be a text here")
        }
        map[name] = try evaluate(value)
      }
      return try bounded(.map(map))
    case .name(let name): return value(of: name) ?? .undefined(name)
    case .attribute(let owner, let name): return try attribute(name, of: try evaluate(owner))
    case .element(let owner, let index):
      let owner = try evaluate(owner)
      return try element(try evaluate(index), of: owner)
    case .slice(let owner, let slice): return try self.slice(try evaluate(owner), slice)
    case .call(let callee, let arguments):
      let callee = try evaluate(callee)
      return try bounded(try call(callee, try evaluate(arguments)))
    case .filter(let operand, let name, let arguments):
      let operand = try evaluate(operand)
      return try bounded(try apply(name, to: operand, try evaluate(arguments)))
    case .test(let operand, let name, let arguments, let isNegated):
      let operand = try evaluate(operand)
      let holds = try test(name, operand, try evaluate(arguments).positional)
      return .bool(holds != isNegated)
    case .negate(let operand): return try negated(try evaluate(operand))
    case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
    case .binary(let operation, let left, let right):
      let left = try evaluate(left)
      switch operation {
      case .or: return left.isTrue ? left : try evaluate(right)
      case .and: return left.isTrue ? try evaluate(right) : left
      case .add, .subtract, .multiply, .divide, .floorDivide, .modulo, .power, .concatenate:
        return try bounded(try compute(operation, left, try evaluate(right)))
      }
    case .comparison(let first, let rest):
      var left = try evaluate(first)
      for (comparison, expression) in rest {
        let right = try evaluate(expression)
        guard try compare(comparison, left, right) else { return .bool(false) }
        left = right
      }
      return .bool(true)
    case .conditional(let condition, let then, let otherwise):
      if try evaluate(condition).isTrue { return try evaluate(then) }
      guard let otherwise else { return .undefined("the missing `else`") }
      return try evaluate(otherwise)
    }
  }

  /// The values of a call's arguments.
  mutating func evaluate(
    _ arguments: TemplateExpression.Arguments
  ) throws(TemplateError) -> TemplateArguments {
    var result = TemplateArguments()
    for expression in arguments.positional { result.positional.append(try evaluate(expression)) }
    for (name, expression) in arguments.named {
      result.named.append((name, try evaluate(expression)))
    }
    return result
  }

  /// `value`, unless it is larger than a template's values may be.
  private mutating func bounded(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
    let extent = value.extent
    guard !extent.isTooLarge else { throw .limit(line: line, what: "a value's size") }
    // Long texts cost as they are copied.
    try step(extent.size >> 6)
    return value
  }

  /// The elements that a loop over `value` goes through.
  func elements(of value: TemplateValue) throws(TemplateError) -> [TemplateValue] {
    switch value {
    case .undefined: return []
    case .sequence(let list): return list.elements
    case .map(let map): return map.members.map { .string($0.key) }
    case .string(let text): return text.unicodeScalars.map { .string(String($0)) }
    case .none, .bool, .integer, .number, .namespace, .loop, .macro, .function, .method:
      throw failure("\(value.kind) has no elements")
    }
  }

  // MARK: Parts of values

  /// What `owner.name` is: a method or attribute first, then a member.
  func attribute(_ name: String, of owner: TemplateValue) throws(TemplateError) -> TemplateValue {
    switch owner {
    case .undefined: throw failure("\(owner.kind), has no `\(name)`")
    case .string where TextMethod(rawValue: name) != nil: return .method(of: owner, name)
    case .sequence where ListMethod(rawValue: name) != nil: return .method(of: owner, name)
    case .map(let map):
      if MapMethod(rawValue: name) != nil { return .method(of: owner, name) }
      return map[name] ?? .undefined(name)
    case .namespace(let namespace): return namespace.members[name] ?? .undefined(name)
    case .loop(let loop): return loop[name] ?? .undefined(name)
    case .none, .bool, .integer, .number, .string, .sequence, .macro, .function, .method:
      return .undefined(name)
    }
  }

  /// What `owner[index]` is: a member first, then a method or attribute.
  func element(
    _ index: TemplateValue, of owner: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    if case .map(let map) = owner, let key = index.text, let value = map[key] { return value }
    if let key = index.text { return try attribute(key, of: owner) }
    if case .undefined = owner { throw failure("\(owner.kind), has no elements") }
    guard let position = index.whole else { return .undefined("an element") }
    switch owner {
    case .sequence(let list):
      let place = position < 0 ? position + list.elements.count : position
      return list.elements.indices.contains(place)
        ? list.elements[place] : .undefined("element \(position)")
    case .string(let text):
      let scalars = Array(text.unicodeScalars)
      let place = position < 0 ? position + scalars.count : position
      return scalars.indices.contains(place)
        ? .string(String(scalars[place])) : .undefined("element \(position)")
    case .undefined, .none, .bool, .integer, .number, .map, .namespace, .loop, .macro, .function,
      .method:
      return .undefined("element \(position)")
    }
  }

  private mutating func slice(
    _ owner: TemplateValue, _ slice: TemplateExpression.Slice
  ) throws(TemplateError) -> TemplateValue {
    let start = try bound(slice.start)
    let end = try bound(slice.end)
    let step = try bound(slice.step) ?? 1
    guard step != 0, step != .min else { throw failure("a slice's step must not be 0") }
    switch owner {
    case .sequence(let list):
      return .list(
        Self.positions(start, end, step, list.elements.count).map { list.elements[$0] })
    case .string(let text):
      let scalars = Array(text.unicodeScalars)
      var result = String.UnicodeScalarView()
      for position in Self.positions(start, end, step, scalars.count) {
        result.append(scalars[position])
      }
      return .string(String(result))
    case .undefined, .none, .bool, .integer, .number, .map, .namespace, .loop, .macro, .function,
      .method:
      throw failure("\(owner.kind) cannot be sliced")
    }
  }

  private mutating func bound(_ expression: TemplateExpression?) throws(TemplateError) -> Int? {
    guard let expression else { return nil }
    switch try evaluate(expression) {
    case .none: return nil
    case let value:
      guard let whole = value.whole else { throw failure("a slice goes from number to number") }
      return whole
    }
  }

  /// The positions that Python's slice takes of `count` elements.
  private static func positions(_ start: Int?, _ end: Int?, _ step: Int, _ count: Int) -> [Int] {
    func clamped(_ value: Int, _ low: Int, _ high: Int) -> Int {
      min(high, max(low, value < 0 ? value + count : value))
    }
    if step > 0 {
      let first = start.map { clamped($0, 0, count) } ?? 0
      let last = end.map { clamped($0, 0, count) } ?? count
      return Array(stride(from: first, to: max(first, last), by: step))
    }
    let first = start.map { clamped($0, -1, count - 1) } ?? count - 1
    let last = end.map { clamped($0, -1, count - 1) } ?? -1
    return Array(stride(from: first, to: min(first, last), by: step))
  }

  // MARK: Operators

  private func negated(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
    if let whole = value.whole {
      guard whole != .min else { throw failure("a number is too large") }
      return .integer(-whole)
    }
    guard let real = value.real else { throw failure("\(value.kind) has no negative") }
    return .number(-real)
  }

  private func compute(
    _ operation: TemplateExpression.Operator, _ left: TemplateValue, _ right: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    switch (operation, left, right) {
    case (.concatenate, _, _): return .string(left.written + right.written)
    case (.add, .string(let first), .string(let second)): return .string(first + second)
    case (.add, .sequence(let first), .sequence(let second)):
      guard first.elements.count + second.elements.count <= Limit.elements else {
        throw .limit(line: line, what: "a list's length")
      }
      return .list(first.elements + second.elements)
    case (.multiply, .string(let text), _) where right.whole != nil:
      return .string(try repeated(text, right.whole ?? 0))
    case (.multiply, _, .string(let text)) where left.whole != nil:
      return .string(try repeated(text, left.whole ?? 0))
    case (.modulo, .string, _): throw .unsupported(line: line, what: "`%` on a text")
    default: break
    }
    if let first = left.whole, let second = right.whole, operation != .divide {
      return try whole(operation, first, second)
    }
    guard let first = left.real, let second = right.real else {
      throw failure("`\(operation.rawValue)` cannot join \(left.kind) and \(right.kind)")
    }
    return .number(try real(operation, first, second))
  }

  private func repeated(_ text: String, _ count: Int) throws(TemplateError) -> String {
    let (size, overflows) = text.utf8.count.multipliedReportingOverflow(by: max(0, count))
    guard !overflows, size <= TemplateExtent.largest.size else {
      throw .limit(line: line, what: "a value's size")
    }
    return String(repeating: text, count: max(0, count))
  }

  private func whole(
    _ operation: TemplateExpression.Operator, _ left: Int, _ right: Int
  ) throws(TemplateError) -> TemplateValue {
    let result: (partialValue: Int, overflow: Bool)
    switch operation {
    case .add: result = left.addingReportingOverflow(right)
    case .subtract: result = left.subtractingReportingOverflow(right)
    case .multiply: result = left.multipliedReportingOverflow(by: right)
    case .floorDivide, .modulo:
      guard right != 0 else { throw failure("a number cannot be divided by 0") }
      let (quotient, overflow) = left.dividedReportingOverflow(by: right)
      guard !overflow else { throw failure("a number is too large") }
      let remainder = left % right
      let isBelow = remainder != 0 && (remainder < 0) != (right < 0)
      if operation == .modulo { return .integer(isBelow ? remainder + right : remainder) }
      return .integer(isBelow ? quotient - 1 : quotient)
    case .power:
      guard right >= 0 else { return .number(try real(.power, Double(left), Double(right))) }
      guard right <= 64 || (-1...1).contains(left) else { throw failure("a number is too large") }
      var power = 1
      for _ in 0..<(right > 64 ? right % 2 + 2 : right) {
        let (product, overflow) = power.multipliedReportingOverflow(by: left)
        guard !overflow else { throw failure("a number is too large") }
        power = product
      }
      return .integer(power)
    case .divide, .or, .and, .concatenate: throw failure("`\(operation.rawValue)` is no number's")
    }
    guard !result.overflow else { throw failure("a number is too large") }
    return .integer(result.partialValue)
  }

  private func real(
    _ operation: TemplateExpression.Operator, _ left: Double, _ right: Double
  ) throws(TemplateError) -> Double {
    switch operation {
    case .add: return left + right
    case .subtract: return left - right
    case .multiply: return left * right
    case .divide, .floorDivide, .modulo:
      guard right != 0 else { throw failure("a number cannot be divided by 0") }
      if operation == .divide { return left / right }
      let quotient = (left / right).rounded(.down)
      return operation == .floorDivide ? quotient : left - quotient * right
    case .power:
      guard right == right.rounded(), abs(right) <= 1024 else {
        throw .unsupported(line: line, what: "a power that is no whole number")
      }
      var power = 1.0
      for _ in 0..<Int(abs(right)) { power *= left }
      guard right < 0 else { return power }
      guard power != 0 else { throw failure("a number cannot be divided by 0") }
      return 1 / power
    case .or, .and, .concatenate: throw failure("`\(operation.rawValue)` is no number's")
    }
  }

  /// Whether a comparison holds.
  func compare(
    _ comparison: TemplateExpression.Comparison, _ left: TemplateValue, _ right: TemplateValue
  ) throws(TemplateError) -> Bool {
    switch comparison {
    case .equal: return TemplateValue.equal(left, right)
    case .unequal: return !TemplateValue.equal(left, right)
    case .less: return try precedes(left, right)
    case .greater: return try precedes(right, left)
    case .atMost: return try !precedes(right, left)
    case .atLeast: return try !precedes(left, right)
    case .isIn: return try contains(right, left)
    case .isNotIn: return try !contains(right, left)
    }
  }

  /// Whether `left` comes before `right`.
  func precedes(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
    if case .string(let first) = left, case .string(let second) = right {
      return PythonText.precedes(first, second)
    }
    if let first = left.whole, let second = right.whole { return first < second }
    if let first = left.real, let second = right.real { return first < second }
    throw failure("\(left.kind) and \(right.kind) have no order")
  }

  private func contains(
    _ owner: TemplateValue, _ value: TemplateValue
  ) throws(TemplateError) -> Bool {
    switch owner {
    case .string(let text):
      guard let part = value.text else { throw failure("only a text can be in a text") }
      return PythonText.contains(text, part)
    case .sequence(let list): return list.elements.contains { TemplateValue.equal($0, value) }
    case .map(let map): return value.text.map { map[$0] != nil } ?? false
    case .undefined: return false
    case .none, .bool, .integer, .number, .namespace, .loop, .macro, .function, .method:
      throw failure("\(owner.kind) holds nothing")
    }
  }
}
