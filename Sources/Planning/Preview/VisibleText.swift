import Diagnostics

/// The bytes of a token as a person can tell them apart on a terminal.
///
/// A space is `·`, a line end `⏎`, a tab `⇥`; other controls have their pictures; bytes that are no
/// whole character are `<0xE2>`; what has no look of its own, or looks like one of these signs, is
/// `<U+00AD>`.
enum VisibleText {
  /// Longer tokens are cut.
  private static let longest = 64

  /// The visible form, and how many columns it takes.
  static func of(_ bytes: [UInt8]) -> (text: String, width: Int) {
    var output = String.UnicodeScalarView()
    var width = 0
    var index = 0
    var isCut = false
    func append(_ text: String) {
      output.append(contentsOf: text.unicodeScalars)
      width += text.unicodeScalars.count
    }
    while index < bytes.count {
      if width >= longest {
        isCut = true
        break
      }
      var parser = Unicode.UTF8.ForwardParser()
      var rest = bytes[index...].makeIterator()
      switch parser.parseScalar(from: &rest) {
      case .emptyInput: index = bytes.count
      case .error(let length):
        for byte in bytes[index..<min(bytes.count, index + max(1, length))] {
          append("<0x\(hexadecimal(UInt32(byte), digits: 2))>")
        }
        index += max(1, length)
      case .valid(let encoded):
        index += encoded.count
        let scalar = Unicode.UTF8.decode(encoded)
        if let sign = sign(of: scalar) {
          append(sign)
        } else if scalar.displayWidth == 0 {
          // A mark that combines would sit on what stands before the token.
          if output.isEmpty { append("◌") }
          output.append(scalar)
        } else {
          output.append(scalar)
          width += scalar.displayWidth
        }
      }
    }
    if isCut { append("…") }
    if output.isEmpty { append("∅") }
    return (String(output), width)
  }

  /// What is written for a scalar that cannot stand for itself.
  private static func sign(of scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x20: return "·"
    case 0x0A: return "⏎"
    case 0x09: return "⇥"
    case 0x00..<0x20: return Unicode.Scalar(0x2400 + scalar.value).map { String($0) }
    case 0x7F: return "␡"
    // The signs themselves, and marks that choose a look.
    case 0xB7, 0x23CE, 0x21E5, 0x2205, 0x2026, 0x25CC, 0x2400...0x2426, 0xFE00...0xFE0F:
      return name(of: scalar)
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .privateUse,
      .surrogate, .unassigned:
      return name(of: scalar)
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber,
      .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol,
      .modifierSymbol, .otherSymbol:
      return scalar.isControl ? name(of: scalar) : nil
    @unknown default: return name(of: scalar)
    }
  }

  private static func name(of scalar: Unicode.Scalar) -> String {
    "<U+\(hexadecimal(scalar.value, digits: 4))>"
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
