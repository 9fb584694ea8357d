import Diagnostics
import YAMLSyntax

/// What a plain scalar is as a number.
enum NumberText: Hashable {
  case integer(String)
  case decimal(String)

  /// The reading of YAML 1.2's core schema, decimal only; nil for what is no number or ambiguous.
  init?(_ text: String) {
    let parts = NumberParts(text)
    guard let parts, !parts.hasLeadingZero else { return nil }
    self = parts.isInteger ? .integer(text) : .decimal(text)
  }
}

/// The pieces of a decimal number.
private struct NumberParts {
  let isInteger: Bool
  let hasLeadingZero: Bool

  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    let whole = rest.prefix(while: \.isDigit)
    rest = rest.dropFirst(whole.count)
    var isInteger = true
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      isInteger = false
      rest.removeFirst()
      fraction = rest.prefix(while: \.isDigit).count
      rest = rest.dropFirst(fraction)
    }
    guard whole.count + fraction > 0 else { return nil }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      isInteger = false
      rest.removeFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
      let exponent = rest.prefix(while: \.isDigit)
      guard !exponent.isEmpty else { return nil }
      rest = rest.dropFirst(exponent.count)
    }
    guard rest.isEmpty else { return nil }
    self.isInteger = isInteger
    hasLeadingZero = whole.count > 1 && whole.first == UInt8(ascii: "0")
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
}

extension Findings {
  /// The text of a number that has one meaning; nil, and a finding, for anything else.
  func numberText(_ node: SyntaxNode, _ form: ValueForm, _ place: ValuePlace) -> NumberText? {
    guard let scalar = node.scalar, !node.isNull else {
      wrongType(node, form.noun, place)
      return nil
    }
    let text = scalar.text
    if scalar.style == .plain, let number = NumberText(text) { return number }
    if NumberText(text) != nil {
      wrongType(
        node, form.noun, place,
        help: scalar.style == .quoted ? "remove the quotes: `\(text)`" : "write `\(text)`",
        fix: node.fix(writing: text))
      return nil
    }
    if let reading = Self.ambiguity(of: text) {
      ambiguous(
        node, place, reading.why, help: reading.help,
        fix: reading.answer.flatMap { node.fix(writing: $0) })
      return nil
    }
    if ["inf", "+inf", "-inf", "nan"].contains(Self.withoutDot(text.lowercased())) {
      outOfRange(node, place, "a finite number")
      return nil
    }
    let share = Self.number(ofShare: text)
    wrongType(
      node, form.noun, place, help: share.map { "write `\($0)`" },
      fix: share.flatMap { node.fix(writing: $0) })
    return nil
  }

  func integer(_ text: NumberText, _ node: SyntaxNode, _ place: ValuePlace) -> Int? {
    switch text {
    case .integer(let digits):
      if let value = Int(digits) { return value }
      outOfRange(node, place, "at most \(Int.max) in size")
    case .decimal(let digits):
      let whole = Double(digits).flatMap { Int(exactly: $0) }
      wrongType(
        node, "an integer", place, help: whole.map { "write `\($0)`" },
        fix: whole.flatMap { node.fix(writing: String($0)) })
    }
    return nil
  }

  func number(_ text: NumberText, _ node: SyntaxNode, _ place: ValuePlace) -> Double? {
    let digits =
      switch text {
      case .integer(let digits), .decimal(let digits): digits
      }
    guard let value = Double(digits), value.isFinite else {
      outOfRange(node, place, "a number that a 64-bit float holds")
      return nil
    }
    return value
  }

  /// Why a text is read as different numbers by different readers, and the number where only one
  /// can be meant.
  private static func ambiguity(
    of text: String
  ) -> (why: String, help: String, answer: String?)? {
    if let parts = NumberParts(text), parts.hasLeadingZero {
      let sign = text.hasPrefix("-") ? "-" : ""
      let digits = text.drop { $0 == "-" || $0 == "+" }.drop { $0 == "0" }
      let decimal = digits.first?.isNumber == true ? String(digits) : "0" + digits
      return (
        "is octal to some readers of YAML and decimal to others",
        "write the decimal number: `\(sign + decimal)`", nil
      )
    }
    for separator in ["_", ",", " "] where text.contains(separator) {
      let plain = text.split(separator: separator).joined()
      if NumberText(plain) != nil, text.first?.isNumber == true, text.last?.isNumber == true {
        return (
          "is a number to some readers and a text to others", "write `\(plain)`",
          separator == "," ? nil : plain
        )
      }
    }
    let unsigned = text.drop { $0 == "-" || $0 == "+" }.lowercased()
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where unsigned.hasPrefix(prefix) {
      guard let value = Int(unsigned.dropFirst(2), radix: radix) else { continue }
      let answer = (text.hasPrefix("-") ? "-" : "") + String(value)
      return ("is not decimal", "write the decimal number: `\(answer)`", answer)
    }
    return nil
  }

  private static func withoutDot(_ text: String) -> String {
    text.split(separator: ".", omittingEmptySubsequences: true).joined()
  }

  /// `10%` as `0.1`.
  private static func number(ofShare text: String) -> String? {
    guard text.hasSuffix("%"), let value = Double(text.dropLast()), value.isFinite else {
      return nil
    }
    return "\(value / 100)"
  }
}
