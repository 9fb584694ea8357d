import JSONSyntax

/// Writes the field table as a page of Markdown, one heading a section.
enum ReferencePage {
  static func text() -> String {
    """
    # The pipeline language, version \(PipelineTable.version)

    <!-- Written from the field table in Sources/Pipelines/Language; a test holds the two together. -->

    A pipeline is one YAML file. It says what to load, what to adapt, which rows to read and on which schedule to
    train. Keys are `snake_case`; where PEFT, transformers or torch have a word for a thing, it is the word. A key
    that is not listed here is an error; keys that start with `x-` are yours, at every level.

    Values have the type of their setting: `1e-4` is a number, `no` is refused where `true` or `false` is meant,
    `0777` and `1_000` are refused as ambiguous. A key without a value is refused, except where it opens a section
    whose keys all have defaults.

    Paths to read are relative to the pipeline's file, paths to write to the working directory.

    An editor that knows JSON Schema completes and checks pipelines with this first line:

    ```yaml
    # yaml-language-server: $schema=docs/schema/pipeline-\(PipelineTable.version).schema.json
    ```

    [Pipelines in an editor](editors.md) says how, for VS Code, Neovim and Helix.

    \(CompositionPage.text)
    \(SchemaWriter.tables().map(section).joined(separator: "\n"))
    """
  }

  private static func section(_ table: SectionTable) -> String {
    var lines = ["## \(heading(of: table))", "", table.summary, ""]
    for rule in table.rules { lines += [sentence(rule), ""] }
    guard !table.fields.isEmpty else { return lines.joined(separator: "\n") }
    lines += ["| key | value | default | |", "| --- | --- | --- | --- |"]
    lines += table.fields.map(row)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func heading(of table: SectionTable) -> String {
    guard let path = paths[table.identifier] else { return "The pipeline" }
    return "`\(path)`"
  }

  /// The path of each section, as `stages[].train.batch`.
  private static let paths: [String: String] = {
    var paths: [String: String] = [:]
    func visit(_ table: SectionTable, _ path: String) {
      for field in table.fields {
        let key = path.isEmpty ? field.key : "\(path).\(field.key)"
        visit(field.form, key)
      }
    }
    func visit(_ form: ValueForm, _ path: String) {
      switch form {
      case .section(let table):
        guard paths[table.identifier] == nil else { return }
        paths[table.identifier] = path
        visit(table, path)
      case .list(let element, _): visit(element, path + "[]")
      case .map(_, let element): visit(element, path + ".<name>")
      case .either(let forms): for form in forms { visit(form, path) }
      case .text, .integer, .number, .boolean, .choice, .anything: return
      }
    }
    visit(PipelineTable.table, "")
    return paths
  }()

  private static func sentence(_ rule: KeyRule) -> String {
    switch rule {
    case .exactlyOne(let groups):
      let names = groups.map { $0.map { "`\($0)`" }.joined(separator: " with ") }
      return "Exactly one of \(names.joined(separator: ", "))."
    case .atMostOne(let keys):
      return "At most one of \(keys.map { "`\($0)`" }.joined(separator: ", "))."
    case .alone(let key, let allowed):
      return "Beside `\(key)` only \(allowed.map { "`\($0)`" }.joined(separator: ", ")) may stand."
    case .needs(let key, let other): return "`\(key)` stands beside `\(other)`."
    }
  }

  private static func row(_ field: FieldEntry) -> String {
    let standard =
      field.isRequired
      ? "required"
      : field.defaultValue.map { "`\($0.string ?? $0.text(.spaced))`" } ?? field.defaultNote ?? ""
    var words = field.summary
    if case .choice(let choices) = field.form, choices.count > 1 {
      words += " " + choices.map { "`\($0.name)`: \($0.summary)" }.joined(separator: "; ") + "."
    }
    words += " Example: `\(field.key): \(field.example)`."
    let unit = field.unit.map { " (\($0))" } ?? ""
    let cells = ["`\(field.key)`", value(field.form) + unit, standard, words]
    return "| " + cells.map(escaped).joined(separator: " | ") + " |"
  }

  private static func value(_ form: ValueForm) -> String {
    switch form {
    case .text(let kind, _): return kind
    case .integer(let range): return "integer, \(range.words)"
    case .number(let range): return "number, \(range.words)"
    case .boolean: return "`true`, `false`"
    case .choice(let choices): return choices.map { "`\($0.name)`" }.joined(separator: ", ")
    case .list(let element, _): return "list of: " + value(element)
    case .map(let key, let element): return "\(key): " + value(element)
    case .section(let table):
      guard let path = paths[table.identifier] else { return "section" }
      return "[`\(path)`](#\(anchor(path)))"
    case .anything: return "any value"
    case .either(let forms): return forms.map(value).joined(separator: "; or ")
    }
  }

  /// The anchor that a heading of code gets: lower case without signs.
  private static func anchor(_ heading: String) -> String {
    String(
      String.UnicodeScalarView(
        heading.unicodeScalars.filter { $0.properties.isAlphabetic || $0 == "_" }))
  }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
