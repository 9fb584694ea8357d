/// Jinja's tests that chat templates use.
private enum TemplateTest: String, CaseIterable {
  case boolean, callable, defined, divisibleby, eq, equalto, escaped, even, `false`, filter, float
  case ge, greaterthan, gt, `in`, integer, iterable, le, lessthan, lower, lt, mapping, ne, none
  case number, odd, sameas, sequence, string, test, `true`, undefined, upper
  case same = "=="
  case different = "!="
}

extension TemplateInterpreter {
  /// Whether `operand is name(arguments)` holds.
  func test(
    _ name: String, _ operand: TemplateValue, _ arguments: [TemplateValue]
  ) throws(TemplateError) -> Bool {
    guard let test = TemplateTest(rawValue: name) else {
      throw .unsupported(line: line, what: "the test `\(name)`")
    }
    switch test {
    case .defined: return !operand.isUndefined
    case .undefined: return operand.isUndefined
    case .none: if case .none = operand { return true } else { return false }
    case .boolean: if case .bool = operand { return true } else { return false }
    case .true: if case .bool(true) = operand { return true } else { return false }
    case .false: if case .bool(false) = operand { return true } else { return false }
    case .string: return operand.text != nil
    case .integer: if case .integer = operand { return true } else { return false }
    case .float: if case .number = operand { return true } else { return false }
    case .number: return operand.real != nil
    case .mapping: if case .map = operand { return true } else { return false }
    case .iterable:
      switch operand {
      case .undefined, .string, .sequence, .map, .loop: return true
      case .none, .bool, .integer, .number, .namespace, .macro, .function, .method: return false
      }
    case .sequence:
      switch operand {
      case .undefined, .string, .sequence, .map: return true
      case .none, .bool, .integer, .number, .namespace, .loop, .macro, .function, .method:
        return false
      }
    case .callable:
      switch operand {
      case .macro, .function, .method: return true
      case .undefined, .none, .bool, .integer, .number, .string, .sequence, .map, .namespace,
        .loop:
        return false
      }
    case .escaped, .filter, .test: throw .unsupported(line: line, what: "the test `\(name)`")
    case .lower:
      let text = operand.written
      return Self.hasCase(text) && PythonText.equal(text, text.lowercased())
    case .upper:
      let text = operand.written
      return Self.hasCase(text) && PythonText.equal(text, text.uppercased())
    case .odd, .even:
      guard let whole = operand.whole else { throw failure("\(operand.kind) is no whole number") }
      return (whole & 1 == 1) == (test == .odd)
    case .divisibleby:
      guard let whole = operand.whole, let divisor = arguments.first?.whole, divisor != 0 else {
        throw failure("`divisibleby` needs whole numbers")
      }
      return divisor == -1 || whole % divisor == 0
    case .eq, .equalto, .same: return try holds(.equal, operand, arguments, name)
    case .ne, .different: return try holds(.unequal, operand, arguments, name)
    case .lt, .lessthan: return try holds(.less, operand, arguments, name)
    case .gt, .greaterthan: return try holds(.greater, operand, arguments, name)
    case .le: return try holds(.atMost, operand, arguments, name)
    case .ge: return try holds(.atLeast, operand, arguments, name)
    case .in: return try holds(.isIn, operand, arguments, name)
    case .sameas:
      guard let other = arguments.first else { throw failure("`sameas` needs a value") }
      switch (operand, other) {
      case (.bool, .bool), (.none, .none), (.namespace, .namespace):
        return TemplateValue.equal(operand, other)
      case (.bool, _), (_, .bool), (.none, _), (_, .none): return false
      default: throw .unsupported(line: line, what: "`sameas` for \(operand.kind)")
      }
    }
  }

  private func holds(
    _ comparison: TemplateExpression.Comparison, _ operand: TemplateValue,
    _ arguments: [TemplateValue], _ name: String
  ) throws(TemplateError) -> Bool {
    guard let other = arguments.first else { throw failure("the test `\(name)` needs a value") }
    return try compare(comparison, operand, other)
  }

  private static func hasCase(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.properties.isCased }
  }
}
