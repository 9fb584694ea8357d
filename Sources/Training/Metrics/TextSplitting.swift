/// How the measures of texts cut a text into tokens; characters are Unicode scalars, as in Python.
package enum BLEUTokenization: String, CaseIterable, Hashable, Sendable {
  /// The rule of mteval-v13a, which is sacrebleu's default; for languages with spaces.
  case mteval13a = "13a"
  /// Each character is a token; for languages and sequences without spaces.
  case character = "char"
}

typealias Scalars = [Unicode.Scalar]

enum TextSplitting {
  /// The tokens of `text` as sacrebleu cuts it for BLEU.
  static func tokens(of text: String, _ tokenization: BLEUTokenization) -> [Scalars] {
    switch tokenization {
    case .mteval13a: words(in: separated13a(text))
    case .character: withoutSpaces(text).map { [$0] }
    }
  }

  /// The characters of `text` that are no white space.
  static func withoutSpaces(_ text: String) -> Scalars {
    text.unicodeScalars.filter { !isSpace($0) }
  }

  /// The runs of lower-case ASCII letters and digits in `text`, in lower case: rouge-score's tokens.
  static func alphanumericWords(in text: String) -> [Scalars] {
    var lowered: Scalars = []
    for scalar in text.unicodeScalars {
      if scalar.isASCII, !("A"..."Z").contains(scalar) {
        lowered.append(scalar)
      } else {
        lowered.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return lowered.split { !("a"..."z").contains($0) && !isDigit($0) }.map(Array.init)
  }

  /// Cuts at white space.
  private static func words(in scalars: Scalars) -> [Scalars] {
    scalars.split(whereSeparator: isSpace).map(Array.init)
  }

  /// `text` with spaces around what mteval-v13a makes tokens of their own.
  private static func separated13a(_ text: String) -> Scalars {
    var line = Scalars(text.unicodeScalars)
    while let last = line.last, isSpace(last) { line.removeLast() }
    line.replace(scalars("<skipped>"), with: [])
    line.replace(scalars("-\n"), with: [])
    line.replace(scalars("\n"), with: scalars(" "))
    for (name, character) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
      line.replace(scalars(name), with: scalars(character))
    }
    line = [" "] + line + [" "]
    line = line.flatMap { isPunctuation($0) ? [" ", $0, " "] : [$0] }
    // A period or comma is a token unless a digit stands before it, then unless one stands after.
    line = replacingPairs(in: line) { first, second in
      !isDigit(first) && isPoint(second) ? [first, " ", second, " "] : nil
    }
    line = replacingPairs(in: line) { first, second in
      isPoint(first) && !isDigit(second) ? [" ", first, " ", second] : nil
    }
    return replacingPairs(in: line) { first, second in
      isDigit(first) && second == "-" ? [first, " ", second, " "] : nil
    }
  }

  /// Replaces pairs of neighbours from left to right; a pair that was replaced is not looked at
  /// again, as with a regular expression's substitution.
  private static func replacingPairs(
    in line: Scalars, _ replacement: (Unicode.Scalar, Unicode.Scalar) -> Scalars?
  ) -> Scalars {
    var result: Scalars = []
    result.reserveCapacity(line.count)
    var index = 0
    while index < line.count {
      if index + 1 < line.count, let pair = replacement(line[index], line[index + 1]) {
        result.append(contentsOf: pair)
        index += 2
      } else {
        result.append(line[index])
        index += 1
      }
    }
    return result
  }

  private static func scalars(_ text: String) -> Scalars { Scalars(text.unicodeScalars) }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func isPoint(_ scalar: Unicode.Scalar) -> Bool { scalar == "." || scalar == "," }

  /// ASCII punctuation and space, but for the apostrophe, comma, hyphen and period.
  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "{"..."~", "["..."`", " "..."&", "("..."+", ":"..."@", "/": true
    default: false
    }
  }

  /// White space as Python's `str.split` has it.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
      0x205F, 0x3000:
      true
    default: false
    }
  }
}
