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

/// A key of the language at one of the places where it may stand.
package struct PipelineField: Hashable, Sendable {
  /// As `stages[].train.batch.size`, `data.<name>.load`.
  package let path: String
  /// A value as it is written in YAML.
  package let example: String
  /// Whether its value is a mapping of other keys, or may be one.
  package let holdsKeys: Bool
}

extension PipelineReference {
  /// Every key of the language at every place, sections before the keys in them.
  package static func fields() -> [PipelineField] {
    var found: [PipelineField] = []
    func visit(_ table: SectionTable, _ path: String) {
      for field in table.fields {
        let key = path.isEmpty ? field.key : "\(path).\(field.key)"
        found.append(
          PipelineField(
            path: key, example: field.example, holdsKeys: !field.form.sections.isEmpty))
        visit(field.form, key)
      }
    }
    func visit(_ form: ValueForm, _ path: String) {
      switch form {
      case .section(let table): visit(table, path)
      case .list(let element, _): visit(element, path + "[]")
      case .map(_, let element): visit(element, path + ".<name>")
      case .either(let forms): for form in forms { visit(form, path) }
      case .text, .integer, .number, .boolean, .choice, .anything: return
      }
    }
    visit(PipelineTable.table, "")
    return found
  }
}
