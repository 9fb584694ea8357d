/// A statement of a template, with the line on which it stands.
struct TemplateStatement: Sendable {
  let line: Int
  let kind: Kind

  indirect enum Kind: Sendable {
    case text([UInt8])
    case output(TemplateExpression)
    /// Branches in order, the last without a condition where there is an `else`.
    case conditional([(condition: TemplateExpression?, body: [TemplateStatement])])
    case loop(Loop)
    case set(Target, TemplateExpression)
    /// `{% set name %}…{% endset %}`, with filters on what the body renders.
    case capture(Target, body: [TemplateStatement], filters: [FilterCall])
    case macro(Macro)
    case generation([TemplateStatement])
    case with([(name: String, value: TemplateExpression)], body: [TemplateStatement])
    case exitLoop
    case nextIteration
  }

  /// What `set` and `for` assign to.
  enum Target: Sendable {
    case name(String)
    case attribute(of: String, String)
    case names([String])
  }

  struct Loop: Sendable {
    let target: Target
    let sequence: TemplateExpression
    let condition: TemplateExpression?
    let body: [TemplateStatement]
    let otherwise: [TemplateStatement]
  }

  struct Macro: Sendable {
    let name: String
    let parameters: [(name: String, fallback: TemplateExpression?)]
    let body: [TemplateStatement]
  }

  struct FilterCall: Sendable {
    let name: String
    let arguments: TemplateExpression.Arguments
  }
}

/// An expression of a template.
indirect enum TemplateExpression: Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([TemplateExpression])
  case map([(key: TemplateExpression, value: TemplateExpression)])
  case name(String)
  case attribute(TemplateExpression, String)
  case element(TemplateExpression, TemplateExpression)
  case slice(TemplateExpression, Slice)
  case call(TemplateExpression, Arguments)
  case filter(TemplateExpression, String, Arguments)
  case test(TemplateExpression, String, Arguments, isNegated: Bool)
  case negate(TemplateExpression)
  case not(TemplateExpression)
  case binary(Operator, TemplateExpression, TemplateExpression)
  /// `a < b <= c`: every comparison must hold.
  case comparison(TemplateExpression, [(Comparison, TemplateExpression)])
  case conditional(
    condition: TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)

  struct Slice: Sendable {
    let start: TemplateExpression?
    let end: TemplateExpression?
    let step: TemplateExpression?
  }

  struct Arguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
  }

  enum Operator: String, Sendable {
    case or, and
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
    case concatenate = "~"
  }

  enum Comparison: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case greater = ">"
    case atMost = "<="
    case atLeast = ">="
    case isIn = "in"
    case isNotIn = "not in"
  }
}
