/// Sets of Unicode scalars that tokenizers speak of.
enum ScalarClass: Hashable, Sendable {
  /// `White_Space`.
  case whiteSpace
  /// Numbers: decimal digits, letter numbers and others.
  case number
  /// ASCII's punctuation and symbols, and all of Unicode's punctuation.
  case punctuation
  /// What `\w` is by Unicode's regular expressions: letters, marks, digits, connectors, joiners.
  case word
  /// Control, format and private characters.
  case control
  /// Marks that take no room of their own.
  case nonspacingMark
  /// All marks.
  case mark
  /// What BERT takes for Chinese characters.
  case ideograph

  /// Whether a scalar is as old as the tables that Hugging Face's crates were made from.
  private static func isKnown(_ scalar: Unicode.Scalar, in major: Int) -> Bool {
    scalar.properties.age.map { $0.major <= major } ?? false
  }

  /// Whether `scalar` is in the class.
  func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .whiteSpace:
      if scalar.value < 0x80 { return scalar == " " || (0x09...0x0D).contains(scalar.value) }
      return scalar.properties.isWhitespace
    case .number:
      if scalar.value < 0x80 { return (0x30...0x39).contains(scalar.value) }
      switch scalar.properties.generalCategory {
      case .decimalNumber, .letterNumber, .otherNumber: return true
      default: return false
      }
    case .punctuation:
      if scalar.value < 0x80 {
        switch scalar.value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
        default: return false
        }
      }
      if scalar == "\u{166D}" || scalar == "\u{111C9}" { return true }
      switch scalar.properties.generalCategory {
      case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
        .initialPunctuation, .finalPunctuation, .otherPunctuation:
        return Self.isKnown(scalar, in: 8)
      default: return false
      }
    case .word:
      if scalar.value < 0x80 {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: return true
        default: return false
        }
      }
      if scalar.properties.isAlphabetic || scalar.properties.isJoinControl { return true }
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
        return true
      default: return false
      }
    case .control:
      switch scalar.properties.generalCategory {
      case .control, .format, .privateUse, .surrogate: return Self.isKnown(scalar, in: 8)
      default: return false
      }
    case .nonspacingMark:
      if scalar.value < 0x300 { return false }
      switch scalar.value {
      case 0x1734: return true
      case 0x1885, 0x1886, 0xA9BD: return false
      default:
        return scalar.properties.generalCategory == .nonspacingMark && Self.isKnown(scalar, in: 8)
      }
    case .mark:
      if scalar.value < 0x300 { return false }
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .spacingMark, .enclosingMark: return Self.isKnown(scalar, in: 9)
      default: return scalar.value == 0x1CF2 || scalar.value == 0x1CF3
      }
    case .ideograph:
      switch scalar.value {
      case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF,
        0x2A700...0x2B81F, 0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
        return true
      default: return false
      }
    }
  }
}
