import JSONSyntax

/// Holds one value against one schema.
struct SchemaCheck {
  let schema: JSONSchema

  /// All that `value`, which stands at `pointer`, breaks of `rule`.
  func problems(_ value: JSONValue, _ rule: JSONValue, at pointer: String) -> [SchemaProblem] {
    guard let rules = rule.object else {
      return rule.bool == true ? [] : [problem(pointer, "false", "nothing may stand here")]
    }
    // Beside `$ref` nothing counts in draft-07.
    if let reference = rules["$ref"]?.string {
      guard let target = JSONSchema.target(of: reference, in: schema.root) else {
        return [problem(pointer, "$ref", "`\(reference)` leads nowhere")]
      }
      return problems(value, target, at: pointer)
    }
    var found = anyValue(value, rules, pointer) + combinations(value, rules, pointer)
    if let number = value.number { found += numeric(number, rules, pointer) }
    if let text = value.string { found += textual(text, rules, pointer) }
    if let elements = value.array { found += list(elements, rules, pointer) }
    if let object = value.object { found += members(object, rules, pointer) }
    return found
  }

  private func problem(_ pointer: String, _ keyword: String, _ message: String) -> SchemaProblem {
    SchemaProblem(pointer: pointer, keyword: keyword, message: message)
  }

  private func accepts(_ value: JSONValue, _ rule: JSONValue, _ pointer: String) -> Bool {
    problems(value, rule, at: pointer).isEmpty
  }

  // MARK: Any value

  private func anyValue(
    _ value: JSONValue, _ rules: JSONObject, _ pointer: String
  ) -> [SchemaProblem] {
    var found: [SchemaProblem] = []
    if let type = rules["type"] {
      let names = (type.array ?? [type]).compactMap(\.string)
      if !names.contains(where: { SchemaType(rawValue: $0)?.holds(value) ?? false }) {
        found.append(
          problem(pointer, "type", "\(names.joined(separator: " or ")), not \(value.text())"))
      }
    }
    if let choices = rules["enum"]?.array, !choices.contains(where: { Self.same($0, value) }) {
      found.append(problem(pointer, "enum", "\(value.text()) is none of the values"))
    }
    if let constant = rules["const"], !Self.same(constant, value) {
      found.append(problem(pointer, "const", "\(value.text()) is not \(constant.text())"))
    }
    return found
  }

  private func combinations(
    _ value: JSONValue, _ rules: JSONObject, _ pointer: String
  ) -> [SchemaProblem] {
    var found = (rules["allOf"]?.array ?? []).flatMap { problems(value, $0, at: pointer) }
    if let branches = rules["anyOf"]?.array {
      let tries = branches.map { problems(value, $0, at: pointer) }
      if !tries.contains(where: \.isEmpty) {
        found.append(problem(pointer, "anyOf", Self.words(tries)))
      }
    }
    if let branches = rules["oneOf"]?.array {
      let tries = branches.map { problems(value, $0, at: pointer) }
      let count = tries.count { $0.isEmpty }
      if count != 1 {
        found.append(
          problem(pointer, "oneOf", count == 0 ? Self.words(tries) : "\(count) branches fit"))
      }
    }
    if let rule = rules["not"], accepts(value, rule, pointer) {
      found.append(problem(pointer, "not", "\(value.text()) fits what is excluded"))
    }
    if let condition = rules["if"] {
      let branch = accepts(value, condition, pointer) ? rules["then"] : rules["else"]
      if let branch { found += problems(value, branch, at: pointer) }
    }
    return found
  }

  /// What each branch lacks, nearest first.
  private static func words(_ tries: [[SchemaProblem]]) -> String {
    "no branch fits: "
      + tries.map { $0.first.map(\.description) ?? "" }.joined(separator: " | ")
  }

  /// Equality of JSON Schema: `1` and `1.0` are one number, and the order of keys says nothing.
  static func same(_ lhs: JSONValue, _ rhs: JSONValue) -> Bool {
    if let left = lhs.number, let right = rhs.number { return left == right }
    if let left = lhs.array, let right = rhs.array {
      return left.count == right.count && zip(left, right).allSatisfy { same($0, $1) }
    }
    if let left = lhs.object, let right = rhs.object {
      return left.members.count == right.members.count
        && left.members.allSatisfy { key, value in right[key].map { same(value, $0) } ?? false }
    }
    return lhs == rhs
  }

  // MARK: Scalars

  private func numeric(
    _ number: Double, _ rules: JSONObject, _ pointer: String
  ) -> [SchemaProblem] {
    var found: [SchemaProblem] = []
    func hold(_ keyword: String, _ isFine: (Double) -> Bool) {
      guard let bound = rules[keyword]?.number, !isFine(bound) else { return }
      found.append(problem(pointer, keyword, "\(number) against \(bound)"))
    }
    hold("minimum") { number >= $0 }
    hold("maximum") { number <= $0 }
    hold("exclusiveMinimum") { number > $0 }
    hold("exclusiveMaximum") { number < $0 }
    hold("multipleOf") { (number / $0).rounded() == number / $0 }
    return found
  }

  private func textual(
    _ text: String, _ rules: JSONObject, _ pointer: String
  ) -> [SchemaProblem] {
    var found: [SchemaProblem] = []
    let length = text.unicodeScalars.count
    if let bound = rules["minLength"]?.integer, length < bound {
      found.append(problem(pointer, "minLength", "\(length) of \(bound)"))
    }
    if let bound = rules["maxLength"]?.integer, length > bound {
      found.append(problem(pointer, "maxLength", "\(length) of \(bound)"))
    }
    if let pattern = rules["pattern"]?.string, !matches(text, pattern) {
      found.append(problem(pointer, "pattern", "`\(text)` does not match `\(pattern)`"))
    }
    return found
  }

  private func matches(_ text: String, _ pattern: String) -> Bool {
    guard let expression = schema.patterns[pattern] else { return false }
    return Array(text.utf8).withUnsafeBufferPointer {
      expression.firstMatch(in: $0, from: 0) != nil
    }
  }

  // MARK: Lists

  private func list(
    _ elements: [JSONValue], _ rules: JSONObject, _ pointer: String
  ) -> [SchemaProblem] {
    var found: [SchemaProblem] = []
    if let bound = rules["minItems"]?.integer, elements.count < bound {
      found.append(problem(pointer, "minItems", "\(elements.count) of \(bound)"))
    }
    if let bound = rules["maxItems"]?.integer, elements.count > bound {
      found.append(problem(pointer, "maxItems", "\(elements.count) of \(bound)"))
    }
    if rules["uniqueItems"]?.bool == true {
      for (index, element) in elements.enumerated()
      where elements[..<index].contains(where: { Self.same($0, element) }) {
        found.append(problem("\(pointer)/\(index)", "uniqueItems", "\(element.text()) again"))
      }
    }
    let places = rules["items"]?.array
    for (index, element) in elements.enumerated() {
      let rule: JSONValue? =
        if let places {
          index < places.count ? places[index] : rules["additionalItems"]
        } else {
          rules["items"]
        }
      if let rule { found += problems(element, rule, at: "\(pointer)/\(index)") }
    }
    if let rule = rules["contains"], !elements.contains(where: { accepts($0, rule, pointer) }) {
      found.append(problem(pointer, "contains", "no element fits"))
    }
    return found
  }

  // MARK: Objects

  private func members(
    _ object: JSONObject, _ rules: JSONObject, _ pointer: String
  ) -> [SchemaProblem] {
    var found: [SchemaProblem] = []
    if let bound = rules["minProperties"]?.integer, object.members.count < bound {
      found.append(problem(pointer, "minProperties", "\(object.members.count) of \(bound)"))
    }
    if let bound = rules["maxProperties"]?.integer, object.members.count > bound {
      found.append(problem(pointer, "maxProperties", "\(object.members.count) of \(bound)"))
    }
    for key in (rules["required"]?.array ?? []).compactMap(\.string) where object[key] == nil {
      found.append(problem(pointer, "required", "`\(key)` is missing"))
    }
    for (key, dependency) in rules["dependencies"]?.object?.members ?? []
    where object[key] != nil {
      if let others = dependency.array {
        for other in others.compactMap(\.string) where object[other] == nil {
          found.append(problem(pointer, "dependencies", "`\(key)` needs `\(other)`"))
        }
      } else {
        found += problems(.object(object), dependency, at: pointer)
      }
    }
    for (key, value) in object.members {
      let place = "\(pointer)/\(key)"
      if let rule = rules["propertyNames"] {
        found += problems(.string(key), rule, at: place)
      }
      var isKnown = false
      if let rule = rules["properties"]?[key] {
        isKnown = true
        found += problems(value, rule, at: place)
      }
      for (pattern, rule) in rules["patternProperties"]?.object?.members ?? []
      where matches(key, pattern) {
        isKnown = true
        found += problems(value, rule, at: place)
      }
      if !isKnown, let rule = rules["additionalProperties"] {
        found +=
          rule.bool == false
          ? [problem(place, "additionalProperties", "`\(key)` is not known")]
          : problems(value, rule, at: place)
      }
    }
    return found
  }
}
