import JSONSyntax

/// One key of the language: what decoding, did-you-mean, the schema and the reference page know of it.
final class FieldEntry: Sendable {
  let key: String
  let form: ValueForm
  let isRequired: Bool
  /// The value where none is written, nil where there is none.
  let defaultValue: JSONValue?
  /// The default in words where it depends on others.
  let defaultNote: String?
  /// What the setting does, a sentence or two.
  let summary: String
  /// A value as it is written in YAML.
  let example: String
  /// What a number counts; nil where it is a ratio or a choice.
  let unit: String?
  /// What other trainers call it.
  let otherNames: [String]

  init(
    key: String, form: ValueForm, isRequired: Bool, defaultValue: JSONValue?, defaultNote: String?,
    summary: String, example: String, unit: String? = nil, otherNames: [String]
  ) {
    self.key = key
    self.form = form
    self.isRequired = isRequired
    self.defaultValue = defaultValue
    self.defaultNote = defaultNote
    self.summary = summary
    self.example = example
    self.unit = unit
    self.otherNames = otherNames
  }
}

/// The keys of one mapping of the language.
final class SectionTable: Sendable {
  /// What messages call it: the key that holds it.
  let name: String
  /// The name in the schema's definitions; unique.
  let identifier: String
  let summary: String
  let fields: [FieldEntry]
  let rules: [KeyRule]

  init(
    _ name: String, identifier: String? = nil, _ summary: String, rules: [KeyRule] = [],
    _ fields: [FieldEntry]
  ) {
    self.name = name
    self.identifier = identifier ?? name
    self.summary = summary
    self.fields = fields
    self.rules = rules
  }

  func field(_ key: String) -> FieldEntry? { fields.first { $0.key == key } }
}

/// What keys of one mapping ask of each other.
enum KeyRule: Hashable, Sendable {
  /// One of these groups is written, with all its keys, and no key of another.
  case exactlyOne([[String]])
  case atMostOne([String])
  /// Where `key` is, no other key but `allowed` may be.
  case alone(key: String, allowed: [String])
  /// Where `key` is, `other` is too.
  case needs(key: String, other: String)

  /// One of these keys is written.
  static func oneOf(_ keys: String...) -> KeyRule { .exactlyOne(keys.map { [$0] }) }

  /// The keys that stand for a choice between several.
  var alternatives: [String] {
    switch self {
    case .exactlyOne(let groups): groups.compactMap(\.first)
    case .atMostOne(let keys): keys
    case .alone, .needs: []
    }
  }
}

/// A key whose value is decoded to a `Value`.
struct Field<Value: Hashable & Sendable>: Sendable {
  let entry: FieldEntry
  let kind: ValueKind<Value>
  /// The default, or a stand-in that lets the checks of other settings go on.
  let fallback: Value

  /// A key with a default.
  init(
    _ key: String, _ kind: ValueKind<Value>, default value: Value, _ summary: String,
    example: String? = nil, unit: String? = nil, otherNames: [String] = []
  ) {
    let json = kind.json(value)
    entry = FieldEntry(
      key: key, form: kind.form, isRequired: false, defaultValue: json, defaultNote: nil,
      summary: summary, example: example ?? json.string ?? json.text(.spaced), unit: unit,
      otherNames: otherNames)
    self.kind = kind
    fallback = value
  }

  /// A key that must be written.
  init(
    required key: String, _ kind: ValueKind<Value>, _ summary: String, example: String,
    unit: String? = nil, otherNames: [String] = []
  ) {
    entry = FieldEntry(
      key: key, form: kind.form, isRequired: true, defaultValue: nil, defaultNote: nil,
      summary: summary, example: example, unit: unit, otherNames: otherNames)
    self.kind = kind
    fallback = kind.placeholder
  }

  /// A key that may be left out, which `defaultNote` explains.
  init(
    optional key: String, _ kind: ValueKind<Value>, _ summary: String, example: String,
    defaultNote: String? = nil, unit: String? = nil, otherNames: [String] = []
  ) {
    entry = FieldEntry(
      key: key, form: kind.form, isRequired: false, defaultValue: nil, defaultNote: defaultNote,
      summary: summary, example: example, unit: unit, otherNames: otherNames)
    self.kind = kind
    fallback = kind.placeholder
  }
}

extension FieldEntry {
  /// A key whose value is a section, or a section or something shorter.
  convenience init(
    section key: String, _ form: ValueForm, isRequired: Bool = false,
    defaultNote: String? = nil, _ summary: String, example: String, otherNames: [String] = []
  ) {
    self.init(
      key: key, form: form, isRequired: isRequired, defaultValue: nil, defaultNote: defaultNote,
      summary: summary, example: example, otherNames: otherNames)
  }
}
