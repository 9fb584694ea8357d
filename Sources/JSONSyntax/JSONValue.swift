/// A JSON value whose objects keep the order of their keys.
package indirect enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

/// An object of JSON: keys in the order of the text, each once.
package struct JSONObject: Hashable, Sendable {
  package private(set) var members: [(key: String, value: JSONValue)] = []
  private var positions: [Key: Int] = [:]

  /// A key by its bytes: `String` would take `é` and `e` with an accent for the same key.
  private struct Key: Hashable, Sendable {
    let text: String

    static func == (lhs: Key, rhs: Key) -> Bool {
      lhs.withBytes { left in
        rhs.withBytes { right in left.count == right.count && left.elementsEqual(right) }
      }
    }

    func hash(into hasher: inout Hasher) { withBytes { hasher.combine(bytes: $0) } }

    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
      var text = text
      return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
  }

  package init() {}

  /// Makes an object of `members`; of a repeated key the last value stands.
  package init(_ members: some Sequence<(String, JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  /// The value of `key`; setting a new key appends it, setting nil removes it.
  package subscript(key: String) -> JSONValue? {
    get { positions[Key(text: key)].map { members[$0].value } }
    set {
      switch (positions[Key(text: key)], newValue) {
      case (let index?, let value?): members[index].value = value
      case (nil, let value?):
        positions[Key(text: key)] = members.count
        members.append((key, value))
      case (let index?, nil):
        members.remove(at: index)
        positions = Dictionary(
          uniqueKeysWithValues: members.enumerated().map { (Key(text: $1.key), $0) })
      case (nil, nil): break
      }
    }
  }

  package static func == (lhs: JSONObject, rhs: JSONObject) -> Bool {
    lhs.members.count == rhs.members.count
      && zip(lhs.members, rhs.members).allSatisfy {
        Key(text: $0.key) == Key(text: $1.key) && $0.value == $1.value
      }
  }

  package func hash(into hasher: inout Hasher) {
    for (key, value) in members {
      hasher.combine(Key(text: key))
      hasher.combine(value)
    }
  }
}

extension JSONValue {
  /// The members of an object; nil for anything else.
  package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
  /// The elements of an array; nil for anything else.
  package var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
  /// The text of a string; nil for anything else.
  package var string: String? { if case .string(let string) = self { string } else { nil } }
  /// The truth of a boolean; nil for anything else.
  package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  /// Whether this is `null`.
  package var isNull: Bool { self == .null }
  /// An integer, also one written as `2.0`; nil for anything else.
  package var integer: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }
  /// A number of either kind; nil for anything else.
  package var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
  /// The member `key` of an object; nil where there is none or this is no object.
  package subscript(key: String) -> JSONValue? { object?[key] }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.lazy.map { ($0.0, $0.1) }))
  }
}
