import JSONSyntax

/// Writes the field table as a JSON Schema, draft-07, one definition a section.
enum SchemaWriter {
  static func schema() -> JSONValue {
    var root = JSONObject()
    root["$schema"] = "http://json-schema.org/draft-07/schema#"
    root["title"] = .string("Hone pipeline, version \(PipelineTable.version)")
    for (key, value) in section(PipelineTable.table).members { root[key] = value }
    var definitions = JSONObject()
    for table in tables() where table.identifier != PipelineTable.table.identifier {
      definitions[table.identifier] = .object(section(table))
    }
    root["definitions"] = .object(definitions)
    return .object(root)
  }

  /// Every section once, in the order in which a reader meets them.
  static func tables() -> [SectionTable] {
    var found: [SectionTable] = []
    func visit(_ table: SectionTable) {
      guard !found.contains(where: { $0.identifier == table.identifier }) else { return }
      found.append(table)
      for field in table.fields { field.form.sections.forEach(visit) }
    }
    visit(PipelineTable.table)
    return found
  }

  private static func section(_ table: SectionTable) -> JSONObject {
    var object = JSONObject()
    object["description"] = .string(table.summary)
    // An empty section is written as `{}` or as nothing.
    object["type"] =
      table.fields.contains(where: \.isRequired) || table.needsOne
      ? "object" : ["object", "null"]
    let required = table.fields.filter(\.isRequired).map { JSONValue.string($0.key) }
    if !required.isEmpty { object["required"] = .array(required) }
    var properties = JSONObject()
    for field in table.fields { properties[field.key] = property(field) }
    object["properties"] = .object(properties)
    object["patternProperties"] = ["^x-": [:]]
    object["additionalProperties"] = false
    let rules = table.rules.map { rule($0, table) }
    if !rules.isEmpty { object["allOf"] = .array(rules) }
    return object
  }

  private static func property(_ field: FieldEntry) -> JSONValue {
    var object = JSONObject()
    object["description"] = .string(description(of: field))
    if let value = field.defaultValue { object["default"] = value }
    // In draft-07 nothing beside `$ref` counts, so it stands in `allOf`.
    if case .section(let table) = field.form {
      object["allOf"] = [reference(table)]
    } else {
      for (key, value) in form(field.form).members { object[key] = value }
    }
    return .object(object)
  }

  private static func description(of field: FieldEntry) -> String {
    var text = field.summary
    if case .choice(let choices) = field.form {
      text += " " + choices.map { "`\($0.name)`: \($0.summary)" }.joined(separator: "; ") + "."
    }
    if let note = field.defaultNote { text += " Default: \(note)." }
    return text
  }

  private static func reference(_ table: SectionTable) -> JSONValue {
    ["$ref": .string("#/definitions/\(table.identifier)")]
  }

  private static func form(_ form: ValueForm) -> JSONObject {
    var object = JSONObject()
    switch form {
    case .text(_, let pattern):
      // What is plain in YAML may look like a number or a boolean and still be meant as a text.
      object["type"] = pattern == nil ? ["string", "number", "boolean"] : "string"
      if pattern == nil { object["minLength"] = 1 }
      object["pattern"] = pattern.map { .string($0) }
    case .integer(let range):
      object["type"] = "integer"
      object["minimum"] = .integer(Int64(range.lowerBound))
      if range.upperBound != .max { object["maximum"] = .integer(Int64(range.upperBound)) }
    case .number(let range):
      object["type"] = "number"
      switch range.lower {
      case .including(let bound): object["minimum"] = number(bound)
      case .excluding(let bound): object["exclusiveMinimum"] = number(bound)
      }
      switch range.upper {
      case nil: break
      case .including(let bound): object["maximum"] = number(bound)
      case .excluding(let bound): object["exclusiveMaximum"] = number(bound)
      }
    case .boolean: object["type"] = "boolean"
    case .choice(let choices):
      object["enum"] = .array(choices.map { .string($0.name) })
    case .list(let element, let count):
      object["type"] = "array"
      object["items"] = value(element)
      object["minItems"] = .integer(Int64(count.lowerBound))
      object["maxItems"] = .integer(Int64(count.upperBound))
    case .map(_, let element):
      object["type"] = "object"
      object["additionalProperties"] = value(element)
    case .section(let table):
      return JSONObject([("$ref", .string("#/definitions/\(table.identifier)"))])
    case .anything: break
    case .either(let forms): object["anyOf"] = .array(forms.map(value))
    }
    return object
  }

  private static func value(_ form: ValueForm) -> JSONValue { .object(self.form(form)) }

  private static func number(_ value: Double) -> JSONValue {
    Int64(exactly: value).map { .integer($0) } ?? .number(value)
  }

  private static func rule(_ rule: KeyRule, _ table: SectionTable) -> JSONValue {
    func without(_ keys: some Sequence<String>) -> JSONValue {
      .object(JSONObject(keys.map { ($0, JSONValue.bool(false)) }))
    }
    switch rule {
    case .exactlyOne(let groups):
      return [
        "oneOf": .array(
          groups.map { group in
            [
              "required": .array(group.map { .string($0) }),
              "properties": without(groups.joined().filter { !group.contains($0) }),
            ]
          })
      ]
    case .atMostOne(let keys):
      return [
        "anyOf": .array(keys.map { key in ["properties": without(keys.filter { $0 != key })] })
      ]
    case .alone(let key, let allowed):
      let others = table.fields.map(\.key).filter { $0 != key && !allowed.contains($0) }
      return ["if": ["required": [.string(key)]], "then": ["properties": without(others)]]
    }
  }
}

extension SectionTable {
  /// Whether one of several keys must be written.
  var needsOne: Bool {
    rules.contains { rule in
      switch rule {
      case .exactlyOne: true
      case .atMostOne, .alone: false
      }
    }
  }
}
