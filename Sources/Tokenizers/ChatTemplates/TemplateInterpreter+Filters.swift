/// Jinja's filters that chat templates use.
private enum TemplateFilter: String, CaseIterable {
  case abs, capitalize, count, `default`, d, dictsort, escape, e, first, float, forceescape, indent
  case int, items, join, last, length, list, lower, map, max, min, reject, rejectattr, replace
  case reverse, round, safe, select, selectattr, sort, string, sum, title, tojson, trim, unique
  case upper
}

extension TemplateInterpreter {
  /// The value of `operand | name(arguments)`.
  mutating func apply(
    _ name: String, to operand: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    guard let filter = TemplateFilter(rawValue: name) else {
      throw .unsupported(line: line, what: "the filter `\(name)`")
    }
    switch filter {
    case .abs:
      if let whole = operand.whole, whole != .min { return .integer(Swift.abs(whole)) }
      guard let real = operand.real else { throw failure("\(operand.kind) has no `abs`") }
      return .number(Swift.abs(real))
    case .capitalize: return .string(PythonText.capitalized(operand.written))
    case .lower: return .string(operand.written.lowercased())
    case .upper: return .string(operand.written.uppercased())
    case .title: return .string(Self.titled(operand.written))
    case .trim:
      return .string(PythonText.stripped(operand.written, of: arguments[0, "chars"]?.text))
    case .safe: return operand
    case .string: return .string(operand.written)
    case .escape, .e, .forceescape: return .string(Self.escaped(operand.written))
    case .count, .length: return .integer(try length(of: operand))
    case .default, .d:
      let usesFalse = arguments[1, "boolean"]?.isTrue ?? false
      let isMissing = operand.isUndefined || usesFalse && !operand.isTrue
      return isMissing ? arguments[0, "default_value"] ?? .string("") : operand
    case .first:
      return try elements(of: operand).first ?? .undefined("the first of no elements")
    case .last: return try elements(of: operand).last ?? .undefined("the last of no elements")
    case .list: return .list(try elements(of: operand))
    case .reverse:
      if case .string(let text) = operand {
        return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
      }
      return .list(try elements(of: operand).reversed())
    case .items, .dictsort: return try pairs(of: operand, sorted: filter == .dictsort)
    case .int, .float: return Self.number(operand, isWhole: filter == .int, arguments)
    case .round: return try rounded(operand, arguments)
    case .indent: return .string(Self.indented(operand.written, arguments))
    case .join: return try joined(operand, arguments)
    case .replace:
      guard let old = arguments[0, "old"], let new = arguments[1, "new"] else {
        throw failure("`replace` needs what to replace and what to write")
      }
      return .string(
        try replacing(
          old.written, with: new.written, in: operand.written, arguments[2, "count"]?.whole))
    case .tojson: return .string(try json(operand, arguments))
    case .map: return try mapped(operand, arguments)
    case .select, .reject, .selectattr, .rejectattr:
      return try selected(
        operand, arguments, keeps: filter == .select || filter == .selectattr,
        byAttribute: filter == .selectattr || filter == .rejectattr)
    case .sort, .min, .max, .unique, .sum: return try ordered(filter, operand, arguments)
    }
  }

  private func length(of value: TemplateValue) throws(TemplateError) -> Int {
    switch value {
    case .undefined: return 0
    case .string(let text): return text.unicodeScalars.count
    case .sequence(let list): return list.elements.count
    case .map(let map): return map.members.count
    case .none, .bool, .integer, .number, .namespace, .loop, .macro, .function, .method:
      throw failure("\(value.kind) has no length")
    }
  }

  private func pairs(of value: TemplateValue, sorted: Bool) throws(TemplateError) -> TemplateValue {
    if case .undefined = value { return .list([]) }
    guard case .map(let map) = value else { throw failure("\(value.kind) has no items") }
    var members = map.members
    if sorted {
      members.sort { PythonText.precedes($0.key.lowercased(), $1.key.lowercased()) }
    }
    return .list(members.map { .list([.string($0.key), $0.value]) })
  }

  private static func number(
    _ value: TemplateValue, isWhole: Bool, _ arguments: TemplateArguments
  ) -> TemplateValue {
    let fallback = arguments[0, "default"] ?? (isWhole ? .integer(0) : .number(0))
    if let text = value.text {
      let trimmed = PythonText.stripped(text)
      if isWhole, let whole = Int(trimmed) { return .integer(whole) }
      guard let real = Double(trimmed) else { return fallback }
      return isWhole
        ? Int(exactly: real.rounded(.towardZero)).map { .integer($0) } ?? fallback
        : .number(real)
    }
    guard let real = value.real else { return fallback }
    if isWhole {
      if let whole = value.whole { return .integer(whole) }
      return Int(exactly: real.rounded(.towardZero)).map { .integer($0) } ?? fallback
    }
    return .number(real)
  }

  private func rounded(
    _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    guard let real = value.real else { throw failure("\(value.kind) cannot be rounded") }
    let digits = arguments[0, "precision"]?.whole ?? 0
    guard (0...15).contains(digits) else { throw failure("`round` takes 0 to 15 digits") }
    let method = arguments[1, "method"]?.text ?? "common"
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    switch method {
    case "common": return .number((real * scale).rounded(.toNearestOrEven) / scale)
    case "ceil": return .number((real * scale).rounded(.up) / scale)
    case "floor": return .number((real * scale).rounded(.down) / scale)
    default: throw failure("`round` has no method `\(method)`")
    }
  }

  private static func titled(_ text: String) -> String {
    var result = ""
    var begins = true
    for scalar in text.unicodeScalars {
      let separates = PythonText.isSpace(scalar) || "-({[<".unicodeScalars.contains(scalar)
      if separates {
        result.unicodeScalars.append(scalar)
        begins = true
      } else {
        let properties = scalar.properties
        result += begins ? properties.uppercaseMapping : properties.lowercaseMapping
        begins = false
      }
    }
    return result
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "'": result += "&#39;"
      case "\"": result += "&#34;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func indented(_ text: String, _ arguments: TemplateArguments) -> String {
    let width = arguments[0, "width"] ?? .integer(4)
    let indentation =
      width.text ?? String(repeating: " ", count: min(256, max(0, width.whole ?? 4)))
    let first = arguments[1, "first"]?.isTrue ?? false
    let blank = arguments[2, "blank"]?.isTrue ?? false
    let lines = PythonText.split(text, at: "\n")
    let result = lines.enumerated().map { index, line in
      if index == 0 ? first : blank || !line.isEmpty { return indentation + line }
      return line
    }
    return result.joined(separator: "\n")
  }

  private mutating func joined(
    _ operand: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let separator = arguments[0, "d"]?.written ?? ""
    var parts: [String] = []
    var size = 0
    for element in try elements(of: operand) {
      let value = try arguments[1, "attribute"].map { (path) throws(TemplateError) in
        try self.path(path, of: element)
      }
      let part = (value ?? element).written
      size += part.utf8.count + separator.utf8.count
      guard size <= TemplateExtent.largest.size else {
        throw .limit(line: line, what: "a value's size")
      }
      parts.append(part)
    }
    return .string(parts.joined(separator: separator))
  }

  /// `text` with `old` written as `new`, unless it grows too large.
  func replacing(
    _ old: String, with new: String, in text: String, _ count: Int?
  ) throws(TemplateError) -> String {
    let places = min(count.map { $0 < 0 ? .max : $0 } ?? .max, text.utf8.count + 1)
    let (growth, overflows) = new.utf8.count.multipliedReportingOverflow(by: places)
    if overflows || growth > TemplateExtent.largest.size {
      // Only as many places count as there are.
      let found = PythonText.split(text, at: old.isEmpty ? "\n" : old).count
      let (real, overflows) = new.utf8.count.multipliedReportingOverflow(by: found)
      guard !old.isEmpty, !overflows, real <= TemplateExtent.largest.size else {
        throw .limit(line: line, what: "a value's size")
      }
    }
    return PythonText.replacing(old, with: new, in: text, limit: places)
  }

  private func json(
    _ operand: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> String {
    var layout = TemplateValue.JSONLayout()
    if let ascii = arguments[0, "ensure_ascii"], ascii.isTrue {
      throw .unsupported(line: line, what: "`tojson` with `ensure_ascii`")
    }
    if let indentation = arguments[1, "indent"]?.whole {
      guard (0...64).contains(indentation) else { throw failure("`indent` goes from 0 to 64") }
      layout.indentation = indentation
      layout.itemSeparator = ","
    }
    if case .sequence(let separators) = arguments[2, "separators"] {
      guard separators.elements.count == 2, let item = separators.elements[0].text,
        let key = separators.elements[1].text
      else { throw failure("`separators` are two texts") }
      layout.itemSeparator = item
      layout.keySeparator = key
    }
    layout.sortsKeys = arguments[3, "sort_keys"]?.isTrue ?? false
    guard let text = operand.json(layout) else {
      throw failure("\(operand.kind) cannot be written as JSON")
    }
    return text
  }

  // MARK: Lists

  /// What a dotted path or a position leads to.
  private func path(
    _ path: TemplateValue, of value: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    guard let text = path.text else { return try element(path, of: value) }
    var value = value
    for name in PythonText.split(text, at: ".") {
      if case .undefined = value { return value }
      value = try element(Int(name).map { .integer($0) } ?? .string(name), of: value)
    }
    return value
  }

  private mutating func mapped(
    _ operand: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    var result: [TemplateValue] = []
    for element in try elements(of: operand) {
      try step()
      if let attribute = arguments["attribute"] {
        let value = try path(attribute, of: element)
        result.append(value.isUndefined ? arguments["default"] ?? value : value)
      } else if let filter = arguments.positional.first?.text {
        var rest = arguments
        rest.positional.removeFirst()
        try enter()
        result.append(try apply(filter, to: element, rest))
        leave()
      } else {
        throw failure("`map` needs an attribute or a filter")
      }
    }
    return .list(result)
  }

  private mutating func selected(
    _ operand: TemplateValue, _ arguments: TemplateArguments, keeps: Bool, byAttribute: Bool
  ) throws(TemplateError) -> TemplateValue {
    var rest = arguments.positional
    var attribute: TemplateValue?
    if byAttribute {
      guard !rest.isEmpty else { throw failure("`selectattr` needs an attribute") }
      attribute = rest.removeFirst()
    }
    let name = rest.first?.text
    if !rest.isEmpty { rest.removeFirst() }
    var result: [TemplateValue] = []
    for element in try elements(of: operand) {
      try step()
      let value: TemplateValue
      if let attribute { value = try path(attribute, of: element) } else { value = element }
      let holds: Bool
      if let name { holds = try test(name, value, rest) } else { holds = value.isTrue }
      if holds == keeps { result.append(element) }
    }
    return .list(result)
  }

  private func ordered(
    _ filter: TemplateFilter, _ operand: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    let elements = try elements(of: operand)
    let attribute = arguments["attribute"]
    let isCaseSensitive = arguments["case_sensitive"]?.isTrue ?? false
    var keyed: [(key: TemplateValue, value: TemplateValue)] = []
    for element in elements {
      var key = element
      if let attribute { key = try path(attribute, of: element) }
      if let text = key.text, !isCaseSensitive { key = .string(text.lowercased()) }
      keyed.append((key, element))
    }
    switch filter {
    case .sort:
      let sorted = try merged(keyed, reversed: arguments[0, "reverse"]?.isTrue ?? false)
      return .list(sorted.map(\.value))
    case .min: return try merged(keyed, reversed: false).first?.value ?? .undefined("no minimum")
    case .max: return try merged(keyed, reversed: true).first?.value ?? .undefined("no maximum")
    case .unique:
      guard keyed.count <= 1 << 12 else { throw .limit(line: line, what: "a list's length") }
      var unique: [(key: TemplateValue, value: TemplateValue)] = []
      for entry in keyed where !unique.contains(where: { TemplateValue.equal($0.key, entry.key) }) {
        unique.append(entry)
      }
      return .list(unique.map(\.value))
    default:
      var sum = 0.0
      var whole: Int? = 0
      for (key, _) in keyed {
        guard let real = key.real else { throw failure("\(key.kind) cannot be added up") }
        sum += real
        if let part = key.whole, let total = whole {
          let (next, overflows) = total.addingReportingOverflow(part)
          whole = overflows ? nil : next
        } else {
          whole = nil
        }
      }
      return whole.map { .integer($0) } ?? .number(sum)
    }
  }

  /// A stable sort by key, which may fail.
  private func merged(
    _ entries: [(key: TemplateValue, value: TemplateValue)], reversed: Bool
  ) throws(TemplateError) -> [(key: TemplateValue, value: TemplateValue)] {
    guard entries.count > 1 else { return entries }
    let middle = entries.count / 2
    let left = try merged(Array(entries[..<middle]), reversed: reversed)
    let right = try merged(Array(entries[middle...]), reversed: reversed)
    var result: [(key: TemplateValue, value: TemplateValue)] = []
    var (first, second) = (0, 0)
    while first < left.count, second < right.count {
      let takesRight =
        reversed
        ? try precedes(left[first].key, right[second].key)
        : try precedes(right[second].key, left[first].key)
      if takesRight {
        result.append(right[second])
        second += 1
      } else {
        result.append(left[first])
        first += 1
      }
    }
    return result + left[first...] + right[second...]
  }
}
