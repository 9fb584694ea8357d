import JSONSyntax

/// A value while a template is rendered.
indirect enum TemplateValue {
  /// A name or attribute that does not exist, and what it was called.
  case undefined(String)
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case sequence(TemplateSequence)
  case map(TemplateMap)
  case namespace(TemplateNamespace)
  case loop(TemplateLoop)
  case macro(TemplateStatement.Macro)
  case function(TemplateFunction)
  case method(of: TemplateValue, String)

  /// The value of JSON.
  init(_ json: JSONValue) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = Int(exactly: value).map { .integer($0) } ?? .none
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(value)
    case .array(let elements): self = .list(elements.map { TemplateValue($0) })
    case .object(let object):
      var map = TemplateMap()
      for (key, value) in object.members { map.append(key, TemplateValue(value)) }
      self = .map(map)
    }
  }

  /// A list of `elements`.
  static func list(_ elements: [TemplateValue]) -> TemplateValue {
    .sequence(TemplateSequence(elements))
  }

  /// How large and how deep the value is.
  var extent: TemplateExtent {
    switch self {
    case .string(let text): TemplateExtent(size: 1 + text.utf8.count, depth: 0)
    case .sequence(let sequence): sequence.extent
    case .map(let map): map.extent
    case .namespace(let namespace): TemplateExtent(size: 1, depth: namespace.depth)
    case .method(let owner, _): owner.extent
    case .loop(let loop): loop.elements.extent
    case .undefined, .none, .bool, .integer, .number, .macro, .function:
      TemplateExtent(size: 1, depth: 0)
    }
  }

  /// What Python's `bool` says.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .number(let value): value != 0
    case .string(let value): !value.isEmpty
    case .sequence(let sequence): !sequence.elements.isEmpty
    case .map(let map): !map.members.isEmpty
    case .namespace, .loop, .macro, .function, .method: true
    }
  }

  /// A number of either kind, with booleans as 0 and 1.
  var real: Double? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): Double(value)
    case .number(let value): value
    case .undefined, .none, .string, .sequence, .map, .namespace, .loop, .macro, .function, .method:
      nil
    }
  }

  /// An integer, with booleans as 0 and 1.
  var whole: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): value
    case .undefined, .none, .number, .string, .sequence, .map, .namespace, .loop, .macro, .function,
      .method:
      nil
    }
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }

  var isUndefined: Bool { if case .undefined = self { true } else { false } }

  /// What kind of thing this is, for a message.
  var kind: String {
    switch self {
    case .undefined(let name): "`\(name)`, which is not defined"
    case .none: "none"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a text"
    case .sequence: "a list"
    case .map: "a mapping"
    case .namespace: "a namespace"
    case .loop: "`loop`"
    case .macro, .function, .method: "a function"
    }
  }

  /// Whether Python's `==` holds.
  static func equal(_ lhs: TemplateValue, _ rhs: TemplateValue) -> Bool {
    switch (lhs, rhs) {
    case (.undefined, .undefined), (.none, .none): true
    case (.string(let left), .string(let right)): PythonText.equal(left, right)
    case (.sequence(let left), .sequence(let right)):
      left.elements.count == right.elements.count
        && zip(left.elements, right.elements).allSatisfy { equal($0, $1) }
    case (.map(let left), .map(let right)):
      left.members.count == right.members.count
        && left.members.allSatisfy { key, value in right[key].map { equal($0, value) } ?? false }
    case (.namespace(let left), .namespace(let right)): left === right
    default:
      if let left = lhs.whole, let right = rhs.whole {
        left == right
      } else if let left = lhs.real, let right = rhs.real {
        left == right
      } else {
        false
      }
    }
  }
}

/// How large a value is in bytes written, roughly, and how many levels it has.
///
/// Values share their parts, so both can grow much faster than a template's steps: they are
/// bounded before anything walks through a value.
struct TemplateExtent: Hashable {
  static let largest = TemplateExtent(size: 64 << 20, depth: 128)

  var size = 1
  var depth = 0

  /// Counts a part within.
  mutating func include(_ part: TemplateExtent) {
    size = min(Int.max / 2, size + min(Int.max / 4, part.size))
    depth = max(depth, min(Int.max / 2, part.depth + 1))
  }

  var isTooLarge: Bool { size > Self.largest.size || depth > Self.largest.depth }
}

/// A list that knows its extent.
struct TemplateSequence {
  let elements: [TemplateValue]
  let extent: TemplateExtent

  init(_ elements: [TemplateValue]) {
    var extent = TemplateExtent()
    for element in elements { extent.include(element.extent) }
    self.elements = elements
    self.extent = extent
  }
}

/// A mapping in the order of its keys.
struct TemplateMap {
  private(set) var members: [(key: String, value: TemplateValue)] = []
  private(set) var extent = TemplateExtent()

  /// The value of `key`; setting it replaces or appends.
  subscript(key: String) -> TemplateValue? {
    get { members.first { PythonText.equal($0.key, key) }?.value }
    set {
      guard let newValue else { return }
      extent.include(newValue.extent)
      extent.size += key.utf8.count
      if let index = members.firstIndex(where: { PythonText.equal($0.key, key) }) {
        members[index].value = newValue
      } else {
        members.append((key, newValue))
      }
    }
  }

  /// Adds a key that is not there yet.
  mutating func append(_ key: String, _ value: TemplateValue) {
    extent.include(value.extent)
    extent.size += key.utf8.count
    members.append((key, value))
  }
}

/// What `namespace(…)` makes: members that assignments in inner blocks reach.
final class TemplateNamespace {
  private(set) var members: TemplateMap
  /// One more than the depth of what it ever held.
  private(set) var depth: Int

  init(_ members: TemplateMap) {
    self.members = members
    depth = members.extent.depth + 1
  }

  /// Sets a member, and returns the namespace's extent with it.
  func set(_ name: String, _ value: TemplateValue) -> TemplateExtent {
    depth = max(depth, value.extent.depth + 1)
    members[name] = value
    return TemplateExtent(size: members.extent.size, depth: depth)
  }
}

/// What a loop says of itself.
struct TemplateLoop {
  let index: Int
  let elements: TemplateSequence
  let depth: Int

  private var count: Int { elements.elements.count }

  /// The attribute `name` of `loop`.
  subscript(name: String) -> TemplateValue? {
    switch name {
    case "index": .integer(index + 1)
    case "index0": .integer(index)
    case "revindex": .integer(count - index)
    case "revindex0": .integer(count - index - 1)
    case "first": .bool(index == 0)
    case "last": .bool(index == count - 1)
    case "length": .integer(count)
    case "depth": .integer(depth)
    case "depth0": .integer(depth - 1)
    case "previtem": index > 0 ? elements.elements[index - 1] : .undefined("previtem")
    case "nextitem":
      index + 1 < count ? elements.elements[index + 1] : .undefined("nextitem")
    case "cycle": .method(of: .loop(self), "cycle")
    default: nil
    }
  }
}

/// The functions that every template has.
enum TemplateFunction: String, CaseIterable {
  case range
  case namespace
  case dict
  case raiseException = "raise_exception"
  case strftimeNow = "strftime_now"
}
