package import JSONSyntax
package import YAMLSyntax

extension JSONValue {
  /// The value of a YAML node as the core schema of YAML 1.2 reads it, which is how editors do.
  ///
  /// Unlike a pipeline's reader it knows no types of settings: `0777` is an integer, `no` a text. An
  /// infinity or NaN becomes a number beyond what JSON can write.
  package init(coreValueOf node: SyntaxNode) {
    switch node.content {
    case .sequence(let elements): self = .array(elements.map { JSONValue(coreValueOf: $0) })
    case .mapping(let entries):
      self = .object(JSONObject(entries.map { ($0.key, JSONValue(coreValueOf: $0.value)) }))
    case .scalar(let scalar):
      self =
        node.isNull ? .null : scalar.style == .plain ? .core(scalar.text) : .string(scalar.text)
    }
  }

  /// A plain scalar's value.
  private static func core(_ text: String) -> JSONValue {
    switch text {
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    case ".inf", ".Inf", ".INF", "+.inf": return .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
    case ".nan", ".NaN", ".NAN": return .number(.nan)
    default: break
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
      if let value = Int64(text.dropFirst(2), radix: radix) { return .integer(value) }
    }
    // Leading zeros change nothing here.
    let sign = text.hasPrefix("-") || text.hasPrefix("+") ? text.prefix(1) : ""
    let digits = text.dropFirst(sign.count)
    let trimmed = digits.drop { $0 == "0" }
    let plain = trimmed.first?.isNumber == true ? trimmed : "0" + trimmed
    switch NumberText(digits.first == "0" ? String(sign + plain) : text) {
    case .integer(let digits):
      return Int64(digits).map { .integer($0) } ?? .number(Double(digits) ?? 0)
    case .decimal(let digits): return .number(Double(digits) ?? 0)
    case nil: return .string(text)
    }
  }
}
