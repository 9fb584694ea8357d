package import JSONSyntax
import RegularExpressions

/// A JSON Schema (draft-07) that values are held against, for tests.
///
/// Every keyword of draft-07 is heeded but `format`, which is an annotation; a keyword that is none
/// is refused when the schema is read, so that a slip in a schema cannot pass for a rule. References
/// lead to places of the same document.
package struct JSONSchema: Sendable {
  let root: JSONValue
  /// By the text of the schema, compiled once.
  let patterns: [String: RegularExpression]

  /// Reads `schema`.
  ///
  /// - Throws: ``SchemaError`` for a keyword, pattern or reference that cannot be heeded.
  package init(_ schema: JSONValue) throws(SchemaError) {
    root = schema
    var survey = SchemaSurvey(root: schema)
    try survey.visit(schema, at: "#")
    patterns = survey.patterns
  }

  /// All that `value` breaks, in the order of the schema; none where it is valid.
  package func problems(in value: JSONValue) -> [SchemaProblem] {
    SchemaCheck(schema: self).problems(value, root, at: "")
  }

  /// Whether `value` is valid.
  package func accepts(_ value: JSONValue) -> Bool { problems(in: value).isEmpty }

  /// What a reference of this document leads to.
  static func target(of reference: String, in root: JSONValue) -> JSONValue? {
    guard reference.hasPrefix("#") else { return nil }
    var place = root
    for piece in reference.dropFirst().split(separator: "/") {
      let name = piece.split(separator: "~1", omittingEmptySubsequences: false)
        .joined(separator: "/").split(separator: "~0", omittingEmptySubsequences: false)
        .joined(separator: "~")
      if let inner = place[name] {
        place = inner
      } else if let index = Int(name), let elements = place.array, elements.indices.contains(index)
      {
        place = elements[index]
      } else {
        return nil
      }
    }
    return place
  }
}

/// Why a schema cannot be heeded.
package enum SchemaError: Error, Hashable, Sendable {
  case unknownKeyword(String, at: String)
  case malformed(keyword: String, at: String)
  case badPattern(String, reason: String)
  case deadReference(String, at: String)
}

/// One way in which a value breaks a schema.
package struct SchemaProblem: Hashable, Sendable, CustomStringConvertible {
  /// The place in the value, as a JSON Pointer; empty for the whole.
  package let pointer: String
  /// The keyword that is broken.
  package let keyword: String
  /// What was expected.
  package let message: String

  package var description: String { "\(pointer.isEmpty ? "/" : pointer): \(keyword): \(message)" }
}
