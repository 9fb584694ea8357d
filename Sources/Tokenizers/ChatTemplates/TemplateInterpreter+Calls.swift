/// Python's methods of texts that chat templates use.
enum TextMethod: String, CaseIterable {
  case capitalize, count, endswith, find, index, isdigit, isspace, join, lower, lstrip, removeprefix
  case removesuffix, replace, rfind, rsplit, rstrip, split, splitlines, startswith, strip, title
  case upper
}

/// Python's methods of lists that leave the list alone.
enum ListMethod: String, CaseIterable { case count, index }

/// Python's methods of mappings that leave the mapping alone.
enum MapMethod: String, CaseIterable { case copy, get, items, keys, values }

extension TemplateInterpreter {
  /// The value of `callee(arguments)`.
  mutating func call(
    _ callee: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    switch callee {
    case .macro(let macro): return try call(macro, arguments)
    case .function(let function): return try call(function, arguments)
    case .method(let owner, let name): return try call(name, of: owner, arguments)
    case .undefined, .none, .bool, .integer, .number, .string, .sequence, .map, .namespace, .loop:
      throw failure("\(callee.kind) cannot be called")
    }
  }

  private mutating func call(
    _ function: TemplateFunction, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    switch function {
    case .raiseException:
      throw .refused(message: arguments[0, "message"]?.written ?? "no reason is given")
    case .namespace, .dict:
      var map = TemplateMap()
      if let first = arguments.positional.first {
        guard case .map(let members) = first else {
          throw failure("`\(function.rawValue)` takes a mapping")
        }
        map = members
      }
      for (name, value) in arguments.named { map[name] = value }
      return function == .dict ? .map(map) : .namespace(TemplateNamespace(map))
    case .range:
      var bounds: [Int] = []
      for argument in arguments.positional {
        guard let whole = argument.whole else { throw failure("`range` takes whole numbers") }
        bounds.append(whole)
      }
      guard (1...3).contains(bounds.count) else { throw failure("`range` takes 1 to 3 numbers") }
      let step = bounds.count == 3 ? bounds[2] : 1
      guard step != 0 else { throw failure("a range's step must not be 0") }
      let (start, end) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
      var elements: [TemplateValue] = []
      for value in stride(from: start, to: end, by: step) {
        guard elements.count < 100_000 else { throw .limit(line: line, what: "a range's length") }
        elements.append(.integer(value))
      }
      return .list(elements)
    case .strftimeNow:
      guard let date else { throw .noDate(line: line) }
      guard let format = arguments[0, "format"]?.text, let text = date.formatted(format) else {
        throw .unsupported(line: line, what: "this form of date")
      }
      return .string(text)
    }
  }

  private mutating func call(
    _ name: String, of owner: TemplateValue, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    switch owner {
    case .string(let text):
      guard let method = TextMethod(rawValue: name) else { break }
      return try call(method, of: text, arguments)
    case .sequence(let list):
      guard let method = ListMethod(rawValue: name), let value = arguments.positional.first else {
        break
      }
      switch method {
      case .count:
        return .integer(list.elements.count { TemplateValue.equal($0, value) })
      case .index:
        guard let index = list.elements.firstIndex(where: { TemplateValue.equal($0, value) })
        else { throw failure("the list has no such element") }
        return .integer(index)
      }
    case .map(let map):
      guard let method = MapMethod(rawValue: name) else { break }
      switch method {
      case .copy: return owner
      case .get:
        guard let key = arguments.positional.first?.text else {
          throw failure("`get` needs a key")
        }
        return map[key] ?? arguments[1, "default"] ?? .none
      case .items: return .list(map.members.map { .list([.string($0.key), $0.value]) })
      case .keys: return .list(map.members.map { .string($0.key) })
      case .values: return .list(map.members.map(\.value))
      }
    case .loop(let loop):
      guard !arguments.positional.isEmpty else { throw failure("`cycle` needs values") }
      return arguments.positional[loop.index % arguments.positional.count]
    case .undefined, .none, .bool, .integer, .number, .namespace, .macro, .function, .method: break
    }
    throw failure("\(owner.kind) has no method `\(name)` of these arguments")
  }

  private func call(
    _ method: TextMethod, of text: String, _ arguments: TemplateArguments
  ) throws(TemplateError) -> TemplateValue {
    func argument(_ position: Int, _ name: String) throws(TemplateError) -> String {
      guard let argument = arguments[position, name]?.text else {
        throw failure("`\(method.rawValue)` needs a text")
      }
      return argument
    }
    let first = arguments.positional.first
    switch method {
    case .capitalize: return .string(PythonText.capitalized(text))
    case .lower: return .string(text.lowercased())
    case .upper: return .string(text.uppercased())
    case .title: return .string(PythonText.titled(text))
    case .strip: return .string(PythonText.stripped(text, of: first?.text))
    case .lstrip: return .string(PythonText.stripped(text, of: first?.text, right: false))
    case .rstrip: return .string(PythonText.stripped(text, of: first?.text, left: false))
    case .startswith, .endswith:
      let candidates: [TemplateValue]
      if case .sequence(let list) = first {
        candidates = list.elements
      } else {
        candidates = [.string(try argument(0, "prefix"))]
      }
      return .bool(
        candidates.contains { candidate in
          guard let part = candidate.text?.utf8 else { return false }
          guard part.count <= text.utf8.count else { return false }
          return method == .startswith
            ? text.utf8.starts(with: part) : text.utf8.suffix(part.count).elementsEqual(part)
        })
    case .removeprefix:
      let part = try argument(0, "prefix").utf8
      guard text.utf8.starts(with: part) else { return .string(text) }
      return .string(String(decoding: text.utf8.dropFirst(part.count), as: UTF8.self))
    case .removesuffix:
      let part = try argument(0, "suffix").utf8
      guard !part.isEmpty, text.utf8.suffix(part.count).elementsEqual(part) else {
        return .string(text)
      }
      return .string(String(decoding: text.utf8.dropLast(part.count), as: UTF8.self))
    case .replace:
      let count = arguments[2, "count"]?.whole
      return .string(
        try replacing(try argument(0, "old"), with: try argument(1, "new"), in: text, count))
    case .split, .rsplit:
      let limit = arguments[1, "maxsplit"]?.whole ?? -1
      let separator = arguments[0, "sep"]?.text
      guard separator != "" else { throw failure("a text cannot be split at nothing") }
      let count = limit < 0 ? Int.max : limit
      if method == .split || limit < 0 {
        return .list(PythonText.split(text, at: separator, limit: count).map { .string($0) })
      }
      guard let separator else {
        throw .unsupported(line: line, what: "`rsplit` at white space with a limit")
      }
      return .list(
        PythonText.splitFromRight(text, at: separator, limit: count).map { .string($0) })
    case .splitlines: return .list(PythonText.lines(text).map { .string($0) })
    case .join:
      guard let first else { throw failure("`join` needs a list") }
      var parts: [String] = []
      for element in try elements(of: first) {
        guard let part = element.text else { throw failure("`join` takes texts") }
        parts.append(part)
      }
      let (separators, overflows) = text.utf8.count.multipliedReportingOverflow(by: parts.count)
      guard !overflows, separators <= TemplateExtent.largest.size else {
        throw .limit(line: line, what: "a value's size")
      }
      return .string(parts.joined(separator: text))
    case .count: return .integer(PythonText.places(of: try argument(0, "sub"), in: text).count)
    case .find, .index, .rfind:
      let places = PythonText.places(of: try argument(0, "sub"), in: text, overlapping: true)
      let place = method == .rfind ? places.last : places.first
      if place == nil, method == .index { throw failure("the text has no such part") }
      return .integer(place ?? -1)
    case .isdigit, .isspace:
      guard !text.isEmpty else { return .bool(false) }
      return .bool(
        text.unicodeScalars.allSatisfy {
          method == .isspace
            ? PythonText.isSpace($0)
            : $0.properties.numericType == .decimal || $0.properties.numericType == .digit
        })
    }
  }
}
