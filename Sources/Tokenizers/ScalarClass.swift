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
      switch scalar.properties.generalCategory {
      case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
        .initialPunctuation, .finalPunctuation, .otherPunctuation:
        return true
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
    }
  }
}
