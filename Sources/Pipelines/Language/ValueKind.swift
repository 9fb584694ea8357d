import JSONSyntax
import YAMLSyntax

/// How a value is read from a node, and what is said where it cannot be.
struct ValueKind<Value: Hashable & Sendable>: Sendable {
  let form: ValueForm
  /// A value to go on with where reading failed; it never leaves the reader.
  let placeholder: Value
  /// The value as JSON, for defaults in the schema.
  let json: @Sendable (Value) -> JSONValue
  /// The value, nil once what is wrong has been reported.
  let decode: @Sendable (SyntaxNode, ValuePlace, Findings) -> Value?
}

/// The setting that a value belongs to.
struct ValuePlace {
  let path: String
  /// What messages call it.
  let name: String
  /// A key and a value that it may have, for the advice where there is no better one.
  private let example: (key: String, value: String)?

  init(path: String, name: String, example: String? = nil) {
    self.init(path: path, name: name, example: example.map { (name, $0) })
  }

  private init(path: String, name: String, example: (key: String, value: String)?) {
    self.path = path
    self.name = name
    self.example = example
  }

  /// The advice where there is no better one: the setting as it may be written.
  var exampleHelp: String? { example.map { "for example `\($0.key): \($0.value)`" } }

  /// An element of a list.
  func element(_ index: Int) -> ValuePlace {
    ValuePlace(
      path: "\(path)[\(index)]", name: "\(name)[\(index)]", example: example)
  }

  /// A value under a name of the user's.
  func member(_ name: String) -> ValuePlace {
    ValuePlace(path: "\(path).\(name)", name: name, example: example)
  }
}

extension ValueKind where Value == Int {
  /// An integer; by default one that any count of rows, steps or dimensions fits.
  static func integer(_ range: ClosedRange<Int> = 1...Int(Int32.max)) -> Self {
    let form = ValueForm.integer(range)
    return ValueKind(
      form: form, placeholder: range.lowerBound, json: { .integer(Int64($0)) },
      decode: { node, place, findings in
        guard let text = findings.numberText(node, form, place) else { return nil }
        guard let value = findings.integer(text, node, place) else { return nil }
        guard range.contains(value) else {
          findings.outOfRange(node, place, range.words)
          return nil
        }
        return value
      })
  }
}

extension ValueKind where Value == Double {
  static func number(_ range: NumberRange) -> Self {
    let form = ValueForm.number(range)
    return ValueKind(
      form: form, placeholder: 1,
      json: { value in Int64(exactly: value).map { .integer($0) } ?? .number(value) },
      decode: { node, place, findings in
        guard let text = findings.numberText(node, form, place) else { return nil }
        guard let value = findings.number(text, node, place) else { return nil }
        guard range.contains(value) else {
          findings.outOfRange(node, place, range.words)
          return nil
        }
        return value
      })
  }
}

extension ValueKind where Value == Bool {
  static var boolean: Self {
    ValueKind(
      form: .boolean, placeholder: false, json: { .bool($0) },
      decode: { node, place, findings in findings.boolean(node, place) })
  }
}

extension ValueKind where Value == String {
  /// Any text that is not empty.
  static func text(_ kind: String = "a text") -> Self {
    ValueKind(
      form: .text(kind: kind, pattern: nil), placeholder: "", json: { .string($0) },
      decode: { node, place, findings in
        guard let text = findings.text(node, kind, place) else { return nil }
        guard !text.isEmpty else {
          findings.report(
            .valueOutOfRange, "`\(place.name)` must not be empty", at: node.span, place.path,
            help: place.exampleHelp)
          return nil
        }
        return text
      })
  }

  /// A name of the user's own, of letters, digits, `_`, `-` and, where `dots` says so, `.`.
  static func name(dots: Bool) -> Self {
    ValueKind(
      form: .text(kind: "a name", pattern: NameRule.pattern(dots: dots)), placeholder: "",
      json: { .string($0) },
      decode: { node, place, findings in
        guard let text = findings.text(node, "a name", place) else { return nil }
        guard NameRule.accepts(text, dots: dots) else {
          findings.report(
            .valueOutOfRange,
            "`\(place.name)` must be a name of letters, digits and \(NameRule.signs(dots: dots)); "
              + "found `\(text)`", at: node.span, place.path,
            help: NameRule.suggestion(text, dots: dots).map { "for example `\($0)`" }
              ?? place.exampleHelp)
          return nil
        }
        return text
      })
  }
}

/// What names of the user's own are made of.
enum NameRule {
  static func pattern(dots: Bool) -> String { dots ? "^[A-Za-z0-9._-]+$" : "^[A-Za-z0-9_-]+$" }

  /// Whether a text with this pattern may look like a number or a boolean: a name, or any text.
  static func isAnyText(_ pattern: String?) -> Bool {
    pattern.map { [self.pattern(dots: true), self.pattern(dots: false)].contains($0) } ?? true
  }

  static func signs(dots: Bool) -> String { dots ? "`.`, `_`, `-`" : "`_`, `-`" }

  static func accepts(_ text: String, dots: Bool) -> Bool {
    !text.isEmpty && text != "." && text != ".."
      && text.unicodeScalars.allSatisfy { accepts($0, dots: dots) }
  }

  /// The text with what is not accepted replaced; nil where nothing is left.
  static func suggestion(_ text: String, dots: Bool) -> String? {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if accepts(scalar, dots: dots) {
        scalars.append(scalar)
      } else if let last = scalars.last, last != "-" {
        scalars.append("-")
      }
    }
    while scalars.last == "-" { scalars.removeLast() }
    let name = String(scalars)
    return accepts(name, dots: dots) ? name : nil
  }

  private static func accepts(_ scalar: Unicode.Scalar, dots: Bool) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
    case ".": dots
    default: false
    }
  }
}

extension ValueKind where Value: RawRepresentable<String> & CaseIterable {
  /// One of the enum's words, each explained by `summary`; `otherNames` leads to them.
  static func choice(
    _ placeholder: Value, otherNames: [String: Value] = [:], _ summary: @Sendable (Value) -> String
  ) -> Self {
    let choices = Value.allCases.map { ValueForm.Choice(name: $0.rawValue, summary: summary($0)) }
    let form = ValueForm.choice(choices)
    return ValueKind(
      form: form, placeholder: placeholder,
      json: { ValueForm.Choice(name: $0.rawValue, summary: "").json },
      decode: { node, place, findings in
        guard let text = findings.text(node, form.noun, place) else { return nil }
        guard let value = Value(rawValue: text) else {
          findings.unknownChoice(
            text, choices.map(\.name), meant: otherNames[text.lowercased()]?.rawValue, node, place)
          return nil
        }
        return value
      })
  }
}

extension ValueKind {
  /// A list whose elements are read by `element`, and a finding for one that stands twice.
  static func list<Element>(
    of element: ValueKind<Element>, count: ClosedRange<Int>, isSet: Bool = false
  ) -> ValueKind<[Element]> where Value == [Element] {
    ValueKind<[Element]>(
      form: .list(element.form, count: count), placeholder: [],
      json: { .array($0.map(element.json)) },
      decode: { node, place, findings in
        findings.list(node, of: element, count: count, isSet: isSet, place)?.map(\.value)
      })
  }
}
