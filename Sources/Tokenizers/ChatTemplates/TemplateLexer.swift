/// A token within a tag of a template.
enum TemplateToken: Hashable, Sendable {
  case name(String)
  case string(String)
  case integer(Int)
  case number(Double)
  case symbol(String)
}

/// A part of a template: text, or the tokens between the marks of a tag.
struct TemplatePart: Sendable {
  enum Kind: Sendable {
    case text([UInt8])
    case output([TemplateToken])
    case statement([TemplateToken])
  }
  let line: Int
  let kind: Kind
}

/// Cuts a template into text and tags as Jinja does with `trim_blocks` and `lstrip_blocks`.
struct TemplateLexer {
  /// The largest template that is read, in bytes.
  private static let limit = 1 << 20

  private let source: [UInt8]
  private var offset = 0
  private var line = 1
  /// Whether what came before ended a line.
  private var atLineStart = true
  private var parts: [TemplatePart] = []

  /// The parts of `template`.
  ///
  /// - Throws: ``TemplateError`` for a tag without an end, and for characters that start no token.
  static func parts(of template: String) throws(TemplateError) -> [TemplatePart] {
    guard template.utf8.count <= limit else { throw .limit(line: 1, what: "1 MiB of template") }
    var lexer = TemplateLexer(template)
    try lexer.run()
    return lexer.parts
  }

  private init(_ template: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(template.utf8.count)
    var wasReturn = false
    for byte in template.utf8 {
      if byte == 0x0A, wasReturn {
        wasReturn = false
        continue
      }
      wasReturn = byte == 0x0D
      bytes.append(wasReturn ? 0x0A : byte)
    }
    if bytes.last == 0x0A { bytes.removeLast() }
    source = bytes
  }

  private mutating func run() throws(TemplateError) {
    while offset < source.count {
      let start = offset
      guard let tag = nextTag(from: offset) else {
        appendText(start..<source.count)
        return
      }
      let kind = source[tag + 1]
      var sign: UInt8 = 0
      if tag + 2 < source.count,
        source[tag + 2] == UInt8(ascii: "-") || source[tag + 2] == UInt8(ascii: "+")
      {
        sign = source[tag + 2]
      }
      appendText(start..<textEnd(start, tag, kind, sign))
      advance(to: tag + 2 + (sign == 0 ? 0 : 1))
      switch kind {
      case UInt8(ascii: "#"): try skipComment()
      case UInt8(ascii: "%"): try readStatement()
      default:
        let line = line
        parts.append(TemplatePart(line: line, kind: .output(try tokens(until: "}}"))))
      }
    }
  }

  /// The start of the next `{{`, `{%` or `{#`.
  private func nextTag(from start: Int) -> Int? {
    var index = start
    while index + 1 < source.count {
      if source[index] == UInt8(ascii: "{"), [0x7B, 0x25, 0x23].contains(source[index + 1]) {
        return index
      }
      index += 1
    }
    return nil
  }

  /// Where the text before a tag ends once white space is taken off.
  private func textEnd(_ start: Int, _ tag: Int, _ kind: UInt8, _ sign: UInt8) -> Int {
    if sign == UInt8(ascii: "-") { return PythonText.trimmedEnd(of: source, start..<tag) }
    guard sign == 0, kind != UInt8(ascii: "{") else { return tag }
    var lineStart = tag
    while lineStart > start, source[lineStart - 1] != 0x0A { lineStart -= 1 }
    guard lineStart > start || atLineStart else { return tag }
    let isBlank = PythonText.trimmedEnd(of: source, lineStart..<tag) == lineStart
    return isBlank ? lineStart : tag
  }

  private mutating func appendText(_ range: Range<Int>) {
    if !range.isEmpty {
      parts.append(TemplatePart(line: line, kind: .text(Array(source[range]))))
    }
  }

  private mutating func advance(to end: Int) {
    for byte in source[offset..<end] where byte == 0x0A { line += 1 }
    offset = end
  }

  private func isAt(_ text: StaticString, _ index: Int) -> Bool {
    guard index + text.utf8CodeUnitCount <= source.count else { return false }
    for position in 0..<text.utf8CodeUnitCount
    where source[index + position] != text.utf8Start[position] { return false }
    return true
  }

  /// Goes past a tag's end that begins at `offset`; `sign` stands before it.
  private mutating func finishTag(sign: UInt8, trims: Bool) {
    var end = offset + 2
    if sign == UInt8(ascii: "-") {
      end = PythonText.trimmedStart(of: source, end..<source.count)
    } else if trims, sign == 0, end < source.count, source[end] == 0x0A {
      end += 1
    }
    advance(to: end)
    atLineStart = source[end - 1] == 0x0A
  }

  private mutating func skipComment() throws(TemplateError) {
    let start = line
    while !isAt("#}", offset) {
      guard offset < source.count else {
        throw .syntax(line: start, reason: "a comment has no end")
      }
      advance(to: offset + 1)
    }
    let sign = source[offset - 1]
    finishTag(
      sign: sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") ? sign : 0, trims: true)
  }

  private mutating func readStatement() throws(TemplateError) {
    let line = line
    let tokens = try tokens(until: "%}")
    guard tokens == [.name("raw")] else {
      parts.append(TemplatePart(line: line, kind: .statement(tokens)))
      return
    }
    let start = offset
    while let tag = nextTag(from: offset) {
      let sign = tag + 2 < source.count ? source[tag + 2] : 0
      let hasSign = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
      let name = PythonText.trimmedStart(of: source, tag + (hasSign ? 3 : 2)..<source.count)
      if source[tag + 1] == UInt8(ascii: "%"), isAt("endraw", name) {
        appendText(start..<textEnd(start, tag, source[tag + 1], hasSign ? sign : 0))
        advance(to: name)
        _ = try self.tokens(until: "%}")
        return
      }
      advance(to: tag + 2)
    }
    throw .syntax(line: line, reason: "`raw` has no `endraw`")
  }

  // MARK: Tokens

  private static let doubles = ["==", "!=", "<=", ">=", "//", "**"]
  private static let closers: [UInt8: UInt8] = [0x29: 0x28, 0x5D: 0x5B, 0x7D: 0x7B]

  private mutating func tokens(until end: StaticString) throws(TemplateError) -> [TemplateToken] {
    let start = line
    var tokens: [TemplateToken] = []
    var open: [UInt8] = []
    while offset < source.count {
      let byte = source[offset]
      if open.isEmpty {
        let isSigned = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
        if isAt(end, offset + (isSigned ? 1 : 0)) {
          let isBlock = end.utf8Start[0] == UInt8(ascii: "%")
          if isSigned, byte == UInt8(ascii: "-") || isBlock {
            advance(to: offset + 1)
            finishTag(sign: byte, trims: isBlock)
            return tokens
          }
          if !isSigned {
            finishTag(sign: 0, trims: isBlock)
            return tokens
          }
        }
      }
      switch byte {
      case 0x20, 0x09...0x0D: advance(to: offset + 1)
      case UInt8(ascii: "'"), UInt8(ascii: "\""): tokens.append(.string(try string(byte)))
      case UInt8(ascii: "0")...UInt8(ascii: "9"): tokens.append(try number())
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "_"), 0x80...0xFF:
        tokens.append(.name(name()))
      default: tokens.append(.symbol(try symbol(&open)))
      }
    }
    throw .syntax(line: start, reason: "a tag has no end")
  }

  private mutating func name() -> String {
    var end = offset
    while end < source.count {
      switch source[end] {
      case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0x80...0xFF: end += 1
      default:
        defer { offset = end }
        return String(decoding: source[offset..<end], as: UTF8.self)
      }
    }
    defer { offset = end }
    return String(decoding: source[offset..<end], as: UTF8.self)
  }

  private mutating func symbol(_ open: inout [UInt8]) throws(TemplateError) -> String {
    let byte = source[offset]
    let pair = String(decoding: source[offset..<min(offset + 2, source.count)], as: UTF8.self)
    if Self.doubles.contains(pair) {
      offset += 2
      return pair
    }
    guard "+-*/%~<>=()[]{}.,:|".utf8.contains(byte) else {
      throw .syntax(line: line, reason: "`\(Unicode.Scalar(byte))` has no meaning here")
    }
    if "([{".utf8.contains(byte) { open.append(byte) }
    if let opener = Self.closers[byte] {
      guard open.popLast() == opener else {
        throw .syntax(line: line, reason: "`\(Unicode.Scalar(byte))` closes nothing")
      }
    }
    offset += 1
    return String(Unicode.Scalar(byte))
  }

  private mutating func number() throws(TemplateError) -> TemplateToken {
    var end = offset
    var isReal = false
    func isDigit(_ index: Int) -> Bool {
      index < source.count && (0x30...0x39).contains(source[index])
    }
    while isDigit(end) || (end < source.count && source[end] == 0x5F && isDigit(end + 1)) {
      end += 1
    }
    if end < source.count, source[end] == UInt8(ascii: "."), isDigit(end + 1) {
      isReal = true
      end += 1
      while isDigit(end) { end += 1 }
    }
    if end < source.count, source[end] | 0x20 == UInt8(ascii: "e") {
      var exponent = end + 1
      if exponent < source.count, source[exponent] == 0x2B || source[exponent] == 0x2D {
        exponent += 1
      }
      if isDigit(exponent) {
        isReal = true
        end = exponent
        while isDigit(end) { end += 1 }
      }
    }
    let digits = String(decoding: source[offset..<end].filter { $0 != 0x5F }, as: UTF8.self)
    offset = end
    if isReal, let value = Double(digits) { return .number(value) }
    guard let value = Int(digits) else {
      throw .syntax(line: line, reason: "the number `\(digits)` is too large")
    }
    return .integer(value)
  }

  private mutating func string(_ quote: UInt8) throws(TemplateError) -> String {
    let start = line
    var end = offset + 1
    while end < source.count, source[end] != quote { end += source[end] == 0x5C ? 2 : 1 }
    guard end < source.count else { throw .syntax(line: start, reason: "a text has no end") }
    let inner = source[(offset + 1)..<end]
    advance(to: end + 1)
    return PythonText.unescaped(Array(inner))
  }
}
