extension TemplateValue {
  /// What Python's `str` writes.
  var written: String {
    switch self {
    case .undefined: ""
    case .string(let text): text
    default: represented
    }
  }

  /// What Python's `repr` writes.
  var represented: String {
    switch self {
    case .undefined: "Undefined"
    case .none: "None"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): String(value)
    case .number(let value): Self.text(of: value)
    case .string(let text): Self.quoted(text)
    case .sequence(let list): "[" + list.elements.map(\.represented).joined(separator: ", ") + "]"
    case .map(let map):
      "{"
        + map.members.map { "\(Self.quoted($0.key)): \($0.value.represented)" }
        .joined(separator: ", ") + "}"
    case .namespace: "<Namespace>"
    case .loop(let loop): "<LoopContext \(loop.index + 1)/\(loop.elements.elements.count)>"
    case .macro(let macro): "<Macro '\(macro.name)'>"
    case .function(let function): "<function \(function.rawValue)>"
    case .method(_, let name): "<method \(name)>"
    }
  }

  /// A number as Python writes it.
  static func text(of value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return "\(value)"
  }

  private static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for scalar in scalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case quote: result += "\\" + String(scalar)
      case _ where scalar.value < 0x20 || (0x7F..<0xA1).contains(scalar.value):
        result += "\\x" + padded(scalar.value, to: 2)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + String(quote)
  }

  private static func padded(_ value: UInt32, to count: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }

  /// How `tojson` lays a value out.
  struct JSONLayout {
    var indentation: Int?
    var itemSeparator = ", "
    var keySeparator = ": "
    var sortsKeys = false
  }

  /// What Python's `json.dumps(…, ensure_ascii=False)` writes; nil for what is no JSON.
  func json(_ layout: JSONLayout, depth: Int = 0) -> String? {
    switch self {
    case .none: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .number(let value):
      if value.isNaN { return "NaN" }
      if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
      return Self.text(of: value)
    case .string(let text): return Self.jsonString(text)
    case .sequence(let list):
      var parts: [String] = []
      for element in list.elements {
        guard let part = element.json(layout, depth: depth + 1) else { return nil }
        parts.append(part)
      }
      return Self.joined(parts, "[", "]", layout, depth)
    case .map(let map):
      var parts: [String] = []
      let members =
        layout.sortsKeys
        ? map.members.sorted { PythonText.precedes($0.key, $1.key) } : map.members
      for (key, value) in members {
        guard let part = value.json(layout, depth: depth + 1) else { return nil }
        parts.append(Self.jsonString(key) + layout.keySeparator + part)
      }
      return Self.joined(parts, "{", "}", layout, depth)
    case .undefined, .namespace, .loop, .macro, .function, .method: return nil
    }
  }

  private static func joined(
    _ parts: [String], _ open: String, _ close: String, _ layout: JSONLayout, _ depth: Int
  ) -> String {
    guard !parts.isEmpty else { return open + close }
    guard let indentation = layout.indentation else {
      return open + parts.joined(separator: layout.itemSeparator) + close
    }
    let outer = "\n" + String(repeating: " ", count: indentation * depth)
    let inner = outer + String(repeating: " ", count: indentation)
    return open + inner + parts.joined(separator: layout.itemSeparator + inner) + outer + close
  }

  private static func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{08}": result += "\\b"
      case "\u{0C}": result += "\\f"
      case _ where scalar.value < 0x20: result += "\\u" + padded(scalar.value, to: 4)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
