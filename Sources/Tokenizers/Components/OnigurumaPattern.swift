import RegularExpressions

/// Patterns of `tokenizer.json`, written for Oniguruma, as PCRE2 must read them to agree.
enum OnigurumaPattern {
  /// What `\s` holds there: `White_Space`, which PCRE2's own `\s` is only almost.
  private static let spaces = "\\t-\\r \\x{85}\\p{Z}"
  /// What `\w` holds there: alphabetic scalars, marks, decimal digits, connectors.
  private static let words = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"

  /// What a `\w` that is not in a class holds there besides: `¹²³¼½¾`.
  private static let latinNumbers = "\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}"

  /// Compiles `pattern` with Oniguruma's meaning.
  ///
  /// - Throws: ``TokenizerError/invalidPattern(_:reason:)`` where it is none, or where PCRE2 has no
  ///   way to say it.
  static func compile(_ pattern: String) throws(TokenizerError) -> RegularExpression {
    let translated = try translated(pattern)
    do {
      return try RegularExpression(translated, multiline: true)
    } catch {
      throw .invalidPattern(pattern, reason: error.reason)
    }
  }

  /// The pattern in PCRE2's dialect.
  static func translated(_ pattern: String) throws(TokenizerError) -> String {
    let scalars = Array(pattern.unicodeScalars)
    var result = ""
    var index = 0
    var inClass = false
    func refuse(_ reason: String) -> TokenizerError { .invalidPattern(pattern, reason: reason) }

    while index < scalars.count {
      let scalar = scalars[index]
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      switch scalar {
      case "\\":
        guard let next else { throw refuse("it ends with `\\`") }
        if next == "p" || next == "P", index + 2 < scalars.count, scalars[index + 2] == "{" {
          guard let close = scalars[index...].firstIndex(of: "}") else {
            throw refuse("a property has no end")
          }
          result += property(next, name: scalars[(index + 3)..<close])
          index = close + 1
          continue
        }
        result += try escape(next, inClass: inClass, in: pattern)
        index += 1
      case "[" where !inClass:
        inClass = true
        result += "["
        if next == "^" {
          result += "^"
          index += 1
        }
        if index + 1 < scalars.count, scalars[index + 1] == "]" {
          result += "\\]"
          index += 1
        }
      case "[": throw refuse("a class within a class has no equal here")
      case "]" where inClass:
        inClass = false
        result += "]"
      case "&" where inClass && next == "&":
        throw refuse("`&&` in a class has no equal here")
      case "(" where !inClass && next == "?":
        let flags = scalars[(index + 2)...].prefix { $0.properties.isAlphabetic || $0 == "-" }
        if flags.contains(where: { "msx".unicodeScalars.contains($0) }) {
          throw refuse("the option `m`, `s` or `x` has no equal here")
        }
        result += "("
      case "{" where !inClass:
        guard let interval = Interval(scalars[index...]) else {
          result += "\\{"
          break
        }
        result += try interval.text(in: pattern)
        index += interval.length - 1
      default: result.unicodeScalars.append(scalar)
      }
      index += 1
    }
    return result
  }

  private static func escape(
    _ scalar: Unicode.Scalar, inClass: Bool, in pattern: String
  ) throws(TokenizerError) -> String {
    switch scalar {
    case "s": return inClass ? spaces : "[\(spaces)]"
    case "S" where !inClass: return "[^\(spaces)]"
    case "w": return inClass ? words : "[\(words)\(latinNumbers)]"
    case "W" where !inClass: return "[^\(words)\(latinNumbers)]"
    case "h": return inClass ? "0-9a-fA-F" : "[0-9a-fA-F]"
    case "H" where !inClass: return "[^0-9a-fA-F]"
    case "S", "W", "H", "b", "B", "G", "K", "R", "X", "y", "Y", "u", "k", "g", "M", "C", "c", "O",
      "N":
      throw .invalidPattern(pattern, reason: "`\\\(scalar)` has no equal here")
    default:
      var text = "\\"
      text.unicodeScalars.append(scalar)
      return text
    }
  }

  /// A property: a general category, or else a script, which PCRE2 must not widen.
  private static func property(
    _ letter: Unicode.Scalar, name: ArraySlice<Unicode.Scalar>
  ) -> String {
    var text = "\\"
    text.unicodeScalars.append(letter)
    text += "{"
    let isNegated = name.first == "^"
    let name = isNegated ? name.dropFirst() : name
    if isNegated { text += "^" }
    if name.count > 2, !"Any".unicodeScalars.elementsEqual(name) { text += "sc:" }
    text.unicodeScalars.append(contentsOf: name)
    return text + "}"
  }

  /// A repetition `{n,m}`, with what follows it.
  private struct Interval {
    var least: Int
    var most: Int?
    /// What came after the braces: in Oniguruma `+` there repeats the repetition.
    var suffix: Unicode.Scalar?
    var length: Int

    init?(_ scalars: ArraySlice<Unicode.Scalar>) {
      guard let close = scalars.firstIndex(of: "}") else { return nil }
      var inner = ""
      inner.unicodeScalars.append(contentsOf: scalars[(scalars.startIndex + 1)..<close])
      let bounds = inner.split(separator: ",", omittingEmptySubsequences: false)
      guard (1...2).contains(bounds.count) else { return nil }
      guard let least = Int(bounds[0].isEmpty && bounds.count == 2 ? "0" : bounds[0]) else {
        return nil
      }
      if bounds.count == 2, !bounds[1].isEmpty {
        guard let most = Int(bounds[1]), most >= least else { return nil }
        self.most = most
      } else {
        if bounds.count == 2, bounds[0].isEmpty { return nil }
        most = bounds.count == 2 ? nil : least
      }
      self.least = least
      let after = scalars.index(after: close)
      suffix =
        after < scalars.endIndex && "+?*".unicodeScalars.contains(scalars[after])
        ? scalars[after] : nil
      length = after - scalars.startIndex + (suffix == nil ? 0 : 1)
    }

    func text(in pattern: String) throws(TokenizerError) -> String {
      let own = "{\(least),\(most.map(String.init) ?? "")}"
      switch suffix {
      case nil: return own
      case "?" where most != least: return own + "?"
      case "+":
        // `(x{n,m})+` takes any number from n up if the multiples of the interval touch.
        if most.map({ $0 >= 2 * least - 1 && $0 > 0 }) ?? true { return "{\(least),}" }
        throw .invalidPattern(pattern, reason: "a repeated repetition has no equal here")
      default:
        throw .invalidPattern(pattern, reason: "a repeated repetition has no equal here")
      }
    }
  }
}
