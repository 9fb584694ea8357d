extension JSONValue {
  /// How a JSON text is laid out.
  package enum Layout: Hashable, Sendable {
    /// One line, no spaces.
    case compact
    /// One line, `, ` and `: ` as Python's `json.dumps` writes by default.
    case spaced
    /// Indented by two spaces, as Python's `json.dumps(indent=2)`.
    case indented
  }

  /// Writes the value as JSON; `sortedKeys` orders every object by its keys' Unicode scalars.
  ///
  /// Numbers are the shortest text that reads back the same; NaN and infinities become `null`.
  package func text(_ layout: Layout = .compact, sortedKeys: Bool = false) -> String {
    var output = ""
    write(into: &output, layout, sortedKeys, depth: 0)
    return output
  }

  private func write(
    into output: inout String, _ layout: Layout, _ sortedKeys: Bool, depth: Int
  ) {
    switch self {
    case .null: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .integer(let value): output += String(value)
    case .number(let value): output += value.isFinite ? "\(value)" : "null"
    case .string(let value): Self.write(value, into: &output)
    case .array(let elements):
      Self.writeList(elements, "[", "]", into: &output, layout, depth) { element, output in
        element.write(into: &output, layout, sortedKeys, depth: depth + 1)
      }
    case .object(let object):
      let members =
        sortedKeys
        ? object.members.sorted {
          $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars)
        }
        : object.members
      Self.writeList(members, "{", "}", into: &output, layout, depth) { member, output in
        Self.write(member.key, into: &output)
        output += layout == .compact ? ":" : ": "
        member.value.write(into: &output, layout, sortedKeys, depth: depth + 1)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], _ open: String, _ close: String, into output: inout String,
    _ layout: Layout, _ depth: Int, _ write: (Element, inout String) -> Void
  ) {
    output += open
    for (index, element) in elements.enumerated() {
      if index > 0 { output += layout == .spaced ? ", " : "," }
      if layout == .indented { output += "\n" + String(repeating: "  ", count: depth + 1) }
      write(element, &output)
    }
    if layout == .indented, !elements.isEmpty {
      output += "\n" + String(repeating: "  ", count: depth)
    }
    output += close
  }

  private static func write(_ string: String, into output: inout String) {
    output += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }
}
