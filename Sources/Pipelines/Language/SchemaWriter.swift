import Diagnostics
import JSONSyntax
import YAMLSyntax

/// Writes the field table as a JSON Schema, draft-07, one definition a section.
enum SchemaWriter {
  static func schema() -> JSONValue {
    var root = JSONObject()
    root["$schema"] = "http://json-schema.org/draft-07/schema#"
    root["title"] = .string("Hone pipeline, version \(PipelineTable.version)")
    var definitions = JSONObject()
    let whole = Style.whole.reference(PipelineTable.table)
    if PipelineTable.table.field("extends") == nil {
      root["allOf"] = [whole]
    } else {
      // What is laid over another file need not be whole.
      root["if"] = ["type": "object", "required": ["extends"]]
      root["then"] = Style.overlay.reference(PipelineTable.table)
      root["else"] = whole
    }
    for style in root["if"] == nil ? [Style.whole] : [.whole, .overlay] {
      for table in tables() {
        definitions[style.name(of: table)] = .object(section(table, style))
      }
    }
    if takesVariables {
      definitions[variable] = [
        "description": "A text with `${name}`, which stands for one of `vars`.",
        "type": "string", "pattern": "\\$\\{[^}]+\\}",
      ]
    }
    root["definitions"] = .object(definitions)
    return .object(root)
  }

  /// Whether the keys of a section must be there.
  private enum Style {
    case whole, overlay

    func name(of table: SectionTable) -> String {
      switch self {
      case .whole: table.identifier
      case .overlay: table.identifier + "_overlay"
      }
    }

    func reference(_ table: SectionTable) -> JSONValue {
      ["$ref": .string("#/definitions/\(name(of: table))")]
    }
  }

  /// The definition of what may stand for any value.
  private static let variable = "variable"
  private static let takesVariables = PipelineTable.table.field("vars") != nil

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

  private static func section(_ table: SectionTable, _ style: Style) -> JSONObject {
    var object = JSONObject()
    object["description"] = .string(table.summary)
    switch style {
    case .whole:
      // An empty section is written as `{}` or as nothing.
      object["type"] =
        table.fields.contains(where: \.isRequired) || table.needsOne
        ? "object" : ["object", "null"]
      let required = table.fields.filter(\.isRequired).map { JSONValue.string($0.key) }
      if !required.isEmpty { object["required"] = .array(required) }
    case .overlay: object["type"] = ["object", "null"]
    }
    var properties = JSONObject()
    for field in table.fields { properties[field.key] = property(field, style) }
    object["properties"] = .object(properties)
    object["patternProperties"] = ["^x-": [:]]
    object["additionalProperties"] = false
    let rules = table.rules.map { rule($0, table, style) }
    if !rules.isEmpty { object["allOf"] = .array(rules) }
    return object
  }

  private static func property(_ field: FieldEntry, _ style: Style) -> JSONValue {
    var object = JSONObject()
    object["description"] = .string(description(of: field))
    if let value = field.defaultValue { object["default"] = value }
    if let example = example(of: field) { object["examples"] = [example] }
    object["x-unit"] = field.unit.map { .string($0) }
    // In draft-07 nothing beside `$ref` counts, so it stands in `allOf`.
    var rules = form(field.form, style)
    if let reference = rules["$ref"] {
      let references: JSONValue = [["$ref": reference]]
      rules = JSONObject([("allOf", references)])
    }
    for (key, value) in rules.members { object[key] = value }
    return .object(object)
  }

  private static func description(of field: FieldEntry) -> String {
    var text = field.summary
    if let unit = field.unit { text += " In \(unit)." }
    if let note = field.defaultNote { text += " Default: \(note)." }
    return text
  }

  /// The example as a value; nil where it leaves something out.
  private static func example(of field: FieldEntry) -> JSONValue? {
    guard !field.example.contains("…") else { return nil }
    let source = SourceText(file: field.key, bytes: Array(field.example.utf8))
    return SyntaxParser.parse(source).root.map { JSONValue(coreValueOf: $0) }
  }

  /// What a value of this form is, or `${name}` in its place where there are variables.
  private static func form(_ form: ValueForm, _ style: Style) -> JSONObject {
    guard takesVariables, !form.takesAnyText else { return plainForm(form, style) }
    var branches =
      switch form {
      case .either(let forms): forms.map { JSONValue.object(plainForm($0, style)) }
      default: [JSONValue.object(plainForm(form, style))]
      }
    branches.append(["$ref": .string("#/definitions/\(variable)")])
    return JSONObject([("anyOf", .array(branches))])
  }

  private static func plainForm(_ form: ValueForm, _ style: Style) -> JSONObject {
    func value(_ form: ValueForm) -> JSONValue { .object(self.form(form, style)) }
    var object = JSONObject()
    switch form {
    case .text(_, let pattern):
      // What is plain in YAML may look like a number or a boolean and still be meant as a text.
      object["type"] = NameRule.isAnyText(pattern) ? ["string", "number", "boolean"] : "string"
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
      object["oneOf"] = .array(
        choices.map { ["const": $0.json, "description": .string($0.summary)] })
    case .list(let element, let count):
      object["type"] = "array"
      object["items"] = value(element)
      object["minItems"] = .integer(Int64(count.lowerBound))
      object["maxItems"] = .integer(Int64(count.upperBound))
      // Over a base, a mapping changes settings of its stages by name.
      if style == .overlay, let table = element.table,
        table.identifier == StageTable.table.identifier
      {
        let kinds = table.fields.map { value($0.form) }
        let byName: JSONValue = [
          "type": "object", "additionalProperties": ["anyOf": .array(kinds)],
        ]
        let branches: JSONValue = [.object(object), byName]
        return JSONObject([("anyOf", branches)])
      }
    case .map(_, let element):
      object["type"] = ["object", "null"]
      object["additionalProperties"] = value(element)
    case .section(let table): return style.reference(table).object ?? object
    case .anything: break
    case .either(let forms): object["anyOf"] = .array(forms.map(value))
    }
    return object
  }

  private static func number(_ value: Double) -> JSONValue {
    Int64(exactly: value).map { .integer($0) } ?? .number(value)
  }

  private static func rule(_ rule: KeyRule, _ table: SectionTable, _ style: Style) -> JSONValue {
    func without(_ keys: some Sequence<String>) -> JSONValue {
      .object(JSONObject(keys.map { ($0, JSONValue.bool(false)) }))
    }
    switch rule {
    case .exactlyOne(let groups):
      let branches = groups.map { group -> JSONObject in
        var branch = JSONObject()
        if style == .whole { branch["required"] = .array(group.map { .string($0) }) }
        branch["properties"] = without(groups.joined().filter { !group.contains($0) })
        return branch
      }
      let word = style == .whole ? "oneOf" : "anyOf"
      return .object(JSONObject([(word, .array(branches.map { .object($0) }))]))
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

extension ValueForm {
  /// Whether any text that is not empty is a value of this form.
  fileprivate var takesAnyText: Bool {
    switch self {
    case .text(_, let pattern): pattern == nil
    case .either(let forms): forms.contains(where: \.takesAnyText)
    case .anything: true
    case .integer, .number, .boolean, .choice, .list, .map, .section: false
    }
  }
}
