package import JSONSyntax

/// What is written from the field table for people and editors.
package enum PipelineReference {
  /// The JSON Schema of a pipeline (draft-07), for editors.
  ///
  /// It accepts what ``PipelineReader`` accepts but for rules between settings and a text's meaning.
  package static func jsonSchema() -> JSONValue { SchemaWriter.schema() }

  /// The reference page of the language, in Markdown.
  package static func page() -> String { ReferencePage.text() }
}
