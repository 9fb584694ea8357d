import JSONSyntax
import RegularExpressions

/// Goes through a schema once: refuses what cannot be heeded, and compiles its patterns.
struct SchemaSurvey {
  let root: JSONValue
  private(set) var patterns: [String: RegularExpression] = [:]

  init(root: JSONValue) { self.root = root }

  private static let annotations: Set<String> = [
    "$schema", "$id", "id", "$comment", "title", "description", "markdownDescription", "default",
    "examples", "readOnly", "writeOnly", "deprecated", "format", "contentEncoding",
    "contentMediaType",
  ]
  private static let counts: Set<String> = [
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
  ]
  private static let numbers: Set<String> = [
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
  ]

  mutating func visit(_ schema: JSONValue, at place: String) throws(SchemaError) {
    if schema.bool != nil { return }
    guard let object = schema.object else {
      throw .malformed(keyword: "schema", at: place)
    }
    for (keyword, value) in object.members {
      try visit(keyword, value, at: "\(place)/\(keyword)")
    }
  }

  private mutating func visit(
    _ keyword: String, _ value: JSONValue, at place: String
  ) throws(SchemaError) {
    func require(_ condition: Bool) throws(SchemaError) {
      if !condition { throw .malformed(keyword: keyword, at: place) }
    }
    switch keyword {
    case "$ref":
      guard let reference = value.string else { throw .malformed(keyword: keyword, at: place) }
      guard JSONSchema.target(of: reference, in: root) != nil else {
        throw .deadReference(reference, at: place)
      }
    case "definitions", "properties", "patternProperties":
      guard let members = value.object?.members else {
        throw .malformed(keyword: keyword, at: place)
      }
      for (name, schema) in members {
        if keyword == "patternProperties" { try compile(name) }
        try visit(schema, at: "\(place)/\(name)")
      }
    case "dependencies":
      for (name, dependency) in value.object?.members ?? [] where dependency.array == nil {
        try visit(dependency, at: "\(place)/\(name)")
      }
    case "additionalProperties", "propertyNames", "not", "if", "then", "else", "contains",
      "additionalItems":
      try visit(value, at: place)
    case "items" where value.array == nil: try visit(value, at: place)
    case "items", "oneOf", "anyOf", "allOf":
      guard let schemas = value.array, !schemas.isEmpty else {
        throw .malformed(keyword: keyword, at: place)
      }
      for (index, schema) in schemas.enumerated() { try visit(schema, at: "\(place)/\(index)") }
    case "pattern":
      guard let pattern = value.string else { throw .malformed(keyword: keyword, at: place) }
      try compile(pattern)
    case "type":
      let names = value.array ?? [value]
      try require(names.allSatisfy { SchemaType(rawValue: $0.string ?? "") != nil })
    case "enum", "required": try require(value.array?.isEmpty == false || keyword == "required")
    case "const": break
    case "uniqueItems": try require(value.bool != nil)
    case _ where Self.counts.contains(keyword): try require((value.integer ?? -1) >= 0)
    case _ where Self.numbers.contains(keyword): try require(value.number != nil)
    case _ where Self.annotations.contains(keyword) || keyword.hasPrefix("x-"): break
    default: throw .unknownKeyword(keyword, at: place)
    }
  }

  private mutating func compile(_ pattern: String) throws(SchemaError) {
    guard patterns[pattern] == nil else { return }
    // `$` is the very end in a schema, and may stand before a last line break in PCRE2.
    let strict =
      pattern.hasSuffix("$") && !pattern.hasSuffix("\\$")
      ? String(pattern.dropLast()) + "\\z" : pattern
    do throws(RegularExpressionError) {
      patterns[pattern] = try RegularExpression(strict)
    } catch {
      throw .badPattern(pattern, reason: error.reason)
    }
  }
}

/// The words of `type`.
enum SchemaType: String {
  case null, boolean, integer, number, string, array, object

  func holds(_ value: JSONValue) -> Bool {
    switch self {
    case .null: value.isNull
    case .boolean: value.bool != nil
    case .integer: value.number.map { $0.rounded() == $0 } ?? false
    case .number: value.number != nil
    case .string: value.string != nil
    case .array: value.array != nil
    case .object: value.object != nil
    }
  }
}
