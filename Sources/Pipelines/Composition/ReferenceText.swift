/// A text with `${name}` and `${env.NAME}` in it, taken apart.
struct ReferenceText {
  /// What stands between `${` and `}`.
  enum Reference: Hashable {
    case variable(String)
    case environment(String, standard: String?)
    /// What cannot be read.
    case malformed(Problem)
  }

  /// Why a reference cannot be read.
  enum Problem: Hashable {
    case unclosed
    case empty
    case name(String)
  }

  /// A piece of the text.
  enum Piece: Hashable {
    case text(String)
    /// A reference as it is written, and which `${` of the text it is, the literal ones counted.
    case reference(Reference, written: String, ordinal: Int)
  }

  let pieces: [Piece]
  /// How many `${` stand in the text, the literal ones counted.
  let openingCount: Int

  /// Whether a text may hold a reference or a literal `${`.
  static func mayHold(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count > 2 else { return false }
      for index in 0..<(bytes.count - 1)
      where bytes[index] == UInt8(ascii: "$") && bytes[index + 1] == UInt8(ascii: "{") {
        return true
      }
      return false
    }
  }

  init(_ text: String) {
    let bytes = Array(text.utf8)
    var pieces: [Piece] = []
    var literal: [UInt8] = []
    var ordinal = 0
    var index = 0
    func isOpening(_ index: Int) -> Bool {
      index + 1 < bytes.count && bytes[index] == UInt8(ascii: "$")
        && bytes[index + 1] == UInt8(ascii: "{")
    }
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "$"), isOpening(index + 1) {
        literal += [UInt8(ascii: "$"), UInt8(ascii: "{")]
        ordinal += 1
        index += 3
      } else if isOpening(index) {
        if !literal.isEmpty { pieces.append(.text(String(decoding: literal, as: UTF8.self))) }
        literal = []
        let end = bytes[index...].firstIndex(of: UInt8(ascii: "}"))
        let inner = bytes[(index + 2)..<(end ?? bytes.count)]
        let after = end.map { $0 + 1 } ?? bytes.count
        pieces.append(
          .reference(
            end == nil
              ? .malformed(.unclosed) : Self.reference(String(decoding: inner, as: UTF8.self)),
            written: String(decoding: bytes[index..<after], as: UTF8.self), ordinal: ordinal))
        ordinal += 1
        index = after
      } else {
        literal.append(bytes[index])
        index += 1
      }
    }
    if !literal.isEmpty { pieces.append(.text(String(decoding: literal, as: UTF8.self))) }
    self.pieces = pieces
    openingCount = ordinal
  }

  /// The one reference that is all of the text.
  var whole: (reference: Reference, written: String, ordinal: Int)? {
    guard pieces.count == 1, case .reference(let reference, let written, let ordinal) = pieces[0]
    else { return nil }
    return (reference, written, ordinal)
  }

  private static func reference(_ inner: String) -> Reference {
    guard !inner.isEmpty else { return .malformed(.empty) }
    guard inner.hasPrefix("env.") else {
      return isName(inner[...]) ? .variable(inner) : .malformed(.name(inner))
    }
    let rest = inner.dropFirst("env.".count)
    let name = rest.prefix { $0 != ":" && $0 != "-" }
    let after = rest.dropFirst(name.count)
    guard isName(name) else { return .malformed(.name(inner)) }
    if after.isEmpty { return .environment(String(name), standard: nil) }
    guard after.hasPrefix(":-") else { return .malformed(.name(inner)) }
    guard !mayHold(String(after)) else { return .malformed(.name(inner)) }
    return .environment(String(name), standard: String(after.dropFirst(2)))
  }

  /// Whether a variable can be called so: a letter or `_`, then letters, digits, `_` and `-`.
  static func isName(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first), first != UInt8(ascii: "-")
    else { return false }
    return NameRule.accepts(String(text), dots: false)
  }
}
