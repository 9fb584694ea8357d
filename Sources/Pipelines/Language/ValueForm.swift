import JSONSyntax

/// What a value may be, for messages, the schema and the reference page.
indirect enum ValueForm: Sendable {
  /// A text; `pattern` is a regular expression that it matches in whole.
  case text(kind: String, pattern: String?)
  case integer(ClosedRange<Int>)
  case number(NumberRange)
  case boolean
  case choice([Choice])
  case list(ValueForm, count: ClosedRange<Int>)
  /// Names of the user's own, each with a value.
  case map(key: String, ValueForm)
  case section(SectionTable)
  /// Whatever YAML can say.
  case anything
  /// One of several forms that differ in shape.
  case either([ValueForm])

  /// One of the words that a setting takes.
  struct Choice: Sendable {
    let name: String
    let summary: String

    /// The word as YAML reads it: `true` is no text.
    var json: JSONValue { name == "true" ? .bool(true) : .string(name) }
  }
}

/// The numbers that a setting takes.
struct NumberRange: Hashable, Sendable {
  enum Bound: Hashable, Sendable {
    case including(Double)
    case excluding(Double)
  }

  let lower: Bound
  /// Nil: any larger number.
  let upper: Bound?

  static func above(_ bound: Double) -> Self { Self(lower: .excluding(bound), upper: nil) }
  static func atLeast(_ bound: Double) -> Self { Self(lower: .including(bound), upper: nil) }

  init(lower: Bound, upper: Bound?) {
    self.lower = lower
    self.upper = upper
  }

  init(_ range: Range<Double>) {
    self.init(lower: .including(range.lowerBound), upper: .excluding(range.upperBound))
  }

  func contains(_ value: Double) -> Bool {
    guard value.isFinite else { return false }
    let isAbove =
      switch lower {
      case .including(let bound): value >= bound
      case .excluding(let bound): value > bound
      }
    let isBelow =
      switch upper {
      case nil: true
      case .including(let bound): value <= bound
      case .excluding(let bound): value < bound
      }
    return isAbove && isBelow
  }

  /// As `above 0`, `at least 0 and below 1`.
  var words: String {
    let from =
      switch lower {
      case .including(let bound): "at least \(Self.text(bound))"
      case .excluding(let bound): "above \(Self.text(bound))"
      }
    let to =
      switch upper {
      case nil: ""
      case .including(let bound): " and at most \(Self.text(bound))"
      case .excluding(let bound): " and below \(Self.text(bound))"
      }
    return from + to
  }

  private static func text(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}

extension ValueForm {
  /// The form as a noun with its article: `an integer`, `a list`.
  var noun: String {
    switch self {
    case .text(let kind, _): kind
    case .integer: "an integer"
    case .number: "a number"
    case .boolean: "`true` or `false`"
    case .choice(let choices):
      choices.count == 1
        ? "`\(choices[0].name)`"
        : "one of " + choices.map { "`\($0.name)`" }.joined(separator: ", ")
    case .list: "a list"
    case .map, .section: "a mapping"
    case .anything: "any value"
    case .either(let forms): forms.map(\.noun).joined(separator: " or ")
    }
  }
}

extension ClosedRange<Int> {
  /// As `at least 1`, `between 1 and 10`; a bound at the end of what fits is not mentioned.
  var words: String {
    if lowerBound == upperBound { return "\(lowerBound)" }
    return upperBound >= Int(Int32.max)
      ? "at least \(lowerBound)" : "between \(lowerBound) and \(upperBound)"
  }
}
