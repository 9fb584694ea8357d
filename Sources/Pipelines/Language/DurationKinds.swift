import Diagnostics
import JSONSyntax
import YAMLSyntax

extension ValueKind where Value == Cadence {
  /// `100 steps`, `1 epoch`: a whole number and its unit.
  static var cadence: Self {
    let form = ValueForm.text(
      kind: "a number of steps or epochs, as `100 steps`", pattern: "^[1-9][0-9]* (step|epoch)s?$")
    return ValueKind(
      form: form, placeholder: Cadence(count: 1, unit: .epoch), json: { .string($0.words) },
      decode: { node, place, findings in
        guard let text = findings.text(node, form.noun, place) else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        let count = words.first.flatMap { Int($0) }
        if words.count == 1, let count {
          findings.ambiguous(
            node, place, "has no unit", help: "write `\(count) steps` or `\(count) epochs`")
          return nil
        }
        guard words.count == 2, let unit = Cadence.Unit(word: words[1]), let count else {
          let meant = Cadence(approximately: text)?.words
          findings.wrongType(
            node, form.noun, place, help: meant.map { "write `\($0)`" },
            fix: meant.flatMap { node.fix(writing: $0) })
          return nil
        }
        guard (1...Int(Int32.max)).contains(count) else {
          findings.outOfRange(node, place, "at least 1 \(unit.rawValue)")
          return nil
        }
        return Cadence(count: count, unit: unit)
      })
  }
}

extension ValueKind where Value == ScheduleSection.Warmup {
  /// `20`, `100 steps` or `10%`.
  static var warmup: Self {
    let form = ValueForm.either([
      .integer(0...Int(Int32.max)),
      .text(
        kind: "a share as `10%`", pattern: "^([0-9]+ steps?|[0-9]+(\\.[0-9]+)?%)$"),
    ])
    return ValueKind(
      form: form, placeholder: .steps(0),
      json: { warmup in
        switch warmup {
        case .steps(let steps): .integer(Int64(steps))
        case .fraction(let fraction): .string("\(fraction * 100)%")
        }
      },
      decode: { node, place, findings in
        guard let text = findings.text(node, form.noun, place) else { return nil }
        if text.hasSuffix("%") { return share(text, node, place, findings) }
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        if words.count == 2, let unit = Cadence.Unit(word: words[1]), let count = Int(words[0]) {
          guard unit == .step else {
            findings.wrongType(
              node, form.noun, place, help: "count it in steps, or as a share of all steps")
            return nil
          }
          return steps(count, node, place, findings)
        }
        guard let number = findings.numberText(node, form, place) else { return nil }
        if case .decimal(let digits) = number, let value = Double(digits), value > 0, value < 1 {
          let share = Percentage.text(value)
          findings.ambiguous(
            node, place, "could be a share or a number of steps",
            help: "write `\(share)` for a share of all steps", fix: node.fix(writing: share))
          return nil
        }
        guard let count = findings.integer(number, node, place) else { return nil }
        return steps(count, node, place, findings)
      })
  }

  private static func steps(
    _ count: Int, _ node: SyntaxNode, _ place: ValuePlace, _ findings: Findings
  ) -> ScheduleSection.Warmup? {
    guard (0...Int(Int32.max)).contains(count) else {
      findings.outOfRange(node, place, "at least 0")
      return nil
    }
    return .steps(count)
  }

  private static func share(
    _ text: String, _ node: SyntaxNode, _ place: ValuePlace, _ findings: Findings
  ) -> ScheduleSection.Warmup? {
    let digits = text.dropLast().split(separator: " ").joined()
    guard NumberText(digits) != nil, let value = Double(digits) else {
      findings.wrongType(node, "a number of steps or a share as `10%`", place)
      return nil
    }
    guard value >= 0, value <= 100 else {
      findings.outOfRange(node, place, "between 0% and 100%")
      return nil
    }
    return .fraction(value / 100)
  }
}

extension Cadence.Unit {
  /// The unit that a word names, in the singular or the plural.
  init?(word: some StringProtocol) {
    let singular = word.hasSuffix("s") ? String(word.dropLast()) : String(word)
    self.init(rawValue: singular)
  }
}

extension Cadence {
  /// What a text such as `100steps`, `100 Steps` or `1 epcoh` stands for.
  fileprivate init?(approximately text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let word = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
    let words = Unit.allCases.flatMap { [$0.rawValue, $0.rawValue + "s"] }
    guard let count = Int(digits), count > 0,
      let unit = Suggestion.onlySlip(of: word, among: words).flatMap({ Unit(word: $0) })
    else { return nil }
    self.init(count: count, unit: unit)
  }

  /// As it is written: `1 epoch`, `100 steps`.
  package var words: String { "\(count) \(unit.rawValue)\(count == 1 ? "" : "s")" }
}

extension ValueKind where Value == Double? {
  /// A number above 0, or `none`.
  static var numberOrNone: Self {
    let range = NumberRange.above(0)
    let form = ValueForm.either([
      .number(range), .choice([ValueForm.Choice(name: "none", summary: "switched off")]),
    ])
    return ValueKind(
      form: form, placeholder: nil,
      json: { $0.map(ValueKind<Double>.number(range).json) ?? "none" },
      decode: { node, place, findings in
        if node.scalar?.text == "none" { return .some(nil) }
        guard let text = findings.numberText(node, form, place),
          let value = findings.number(text, node, place)
        else { return nil }
        guard range.contains(value) else {
          findings.outOfRange(
            node, place, range.words, help: value == 0 ? "write `none` to leave it out" : nil,
            fix: value == 0 ? node.fix(writing: "none") : nil)
          return nil
        }
        return .some(value)
      })
  }
}

extension ValueKind where Value == [Int] {
  /// One layer's number or a list of them.
  static var layers: Self {
    let layer = ValueKind<Int>.integer(0...100_000)
    let layers = ValueKind<[Int]>.list(of: layer, count: 1...100_000, isSet: true)
    return ValueKind(
      form: .either([layer.form, layers.form]), placeholder: [], json: layers.json,
      decode: { node, place, findings in
        if node.elements != nil { return layers.decode(node, place, findings) }
        return layer.decode(node, place, findings).map { [$0] }
      })
  }
}
