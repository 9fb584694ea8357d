import JSONSyntax
import SchemaChecker
import Testing

/// The checker of schemas, keyword by keyword.
@Suite struct SchemaCheckerTests {
  @Test(arguments: [
    (#"{"type": "integer"}"#, "3", "3.5"),
    (#"{"type": "integer"}"#, "3.0", "true"),
    (#"{"type": ["string", "null"]}"#, "null", "1"),
    (#"{"enum": [1, "a"]}"#, "1.0", "2"),
    (#"{"const": {"a": 1, "b": [2]}}"#, #"{"b": [2.0], "a": 1}"#, #"{"a": 1}"#),
    (#"{"minimum": 1, "exclusiveMaximum": 2}"#, "1", "2"),
    (#"{"exclusiveMinimum": 1, "maximum": 2}"#, "2", "1"),
    (#"{"multipleOf": 0.5}"#, "1.5", "1.2"),
    (#"{"minLength": 2, "maxLength": 3}"#, #""日本""#, #""é""#),
    (#"{"pattern": "b+"}"#, #""abba""#, #""a""#),
    (#"{"pattern": "^[a-z]+$"}"#, #""abc""#, #""abc\n""#),
    (#"{"items": {"type": "number"}, "minItems": 1, "maxItems": 2}"#, "[1]", "[]"),
    (#"{"items": {"type": "number"}}"#, "[1, 2]", #"[1, "b"]"#),
    (#"{"items": [{"const": 1}], "additionalItems": false}"#, "[1]", "[1, 2]"),
    (#"{"uniqueItems": true}"#, "[1, 2]", "[1, 1.0]"),
    (#"{"contains": {"const": 7}}"#, "[1, 7]", "[1]"),
    (#"{"required": ["a"]}"#, #"{"a": null}"#, "{}"),
    (#"{"properties": {"a": false}}"#, #"{"b": 1}"#, #"{"a": 1}"#),
    (
      #"{"patternProperties": {"^x-": {}}, "additionalProperties": false}"#, #"{"x-a": 1}"#,
      #"{"y": 1}"#
    ),
    (#"{"additionalProperties": {"type": "string"}}"#, #"{"a": "b"}"#, #"{"a": 1}"#),
    (#"{"propertyNames": {"maxLength": 1}}"#, #"{"a": 1}"#, #"{"ab": 1}"#),
    (#"{"minProperties": 1, "maxProperties": 1}"#, #"{"a": 1}"#, #"{"a": 1, "b": 2}"#),
    (#"{"dependencies": {"a": ["b"]}}"#, #"{"a": 1, "b": 1}"#, #"{"a": 1}"#),
    (#"{"oneOf": [{"minimum": 1}, {"maximum": 3}]}"#, "0", "2"),
    (#"{"anyOf": [{"const": 1}, {"const": 2}]}"#, "2", "3"),
    (#"{"allOf": [{"minimum": 1}, {"maximum": 3}]}"#, "2", "4"),
    (#"{"not": {"type": "null"}}"#, "1", "null"),
    (#"{"if": {"minimum": 5}, "then": {"const": 5}, "else": {"const": 1}}"#, "5", "2"),
    (##"{"definitions": {"a": {"const": 1}}, "$ref": "#/definitions/a"}"##, "1", "2"),
    ("true", "1", ""),
    ("false", "", "1"),
  ])
  func aKeywordAcceptsAndRefuses(rule: String, good: String, bad: String) throws {
    let schema = try JSONSchema(JSONValue(parsing: rule))
    if !good.isEmpty { #expect(schema.problems(in: try JSONValue(parsing: good)) == []) }
    if !bad.isEmpty { #expect(!schema.accepts(try JSONValue(parsing: bad))) }
  }

  @Test(arguments: [
    #"{"requried": ["a"]}"#, #"{"properties": {"a": {"mininum": 1}}}"#, #"{"type": "text"}"#,
    ##"{"$ref": "#/definitions/none"}"##, #"{"pattern": "("}"#, #"{"anyOf": []}"#, "3",
  ])
  func aSchemaThatCannotBeHeededIsRefused(rule: String) throws {
    let json = try JSONValue(parsing: rule)
    #expect(throws: SchemaError.self) { try JSONSchema(json) }
  }

  @Test func aProblemSaysWhereItIs() throws {
    let schema = try JSONSchema(
      JSONValue(parsing: #"{"properties": {"a": {"items": {"type": "string"}}}}"#))
    let problems = schema.problems(in: ["a": ["x", 1]])
    #expect(problems.map(\.pointer) == ["/a/1"])
    #expect(problems.map(\.keyword) == ["type"])
  }
}
