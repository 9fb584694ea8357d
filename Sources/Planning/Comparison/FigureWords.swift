import JSONSyntax

/// A figure of two plans in words, by what its key says that it counts.
struct FigureWords {
  let old: String?
  let new: String?

  /// Puts the values at `path` into words; nil where neither plan has one.
  init?(_ path: String, _ old: JSONValue?, _ new: JSONValue?) {
    let key = path.split(separator: ".").last.map(String.init) ?? path
    let (before, after) = (Self.words(key, old), Self.words(key, new))
    if before == nil && after == nil { return nil }
    guard before == after else {
      self.old = before
      self.new = after
      return
    }
    // Rounded, they are the same.
    self.old = old.map(Self.exact)
    self.new = new.map(Self.exact)
  }

  /// The keys of both objects, those of the newer first.
  static func keys(of old: JSONValue?, _ new: JSONValue?) -> [String] {
    let newer = (new?.object?.members ?? []).map(\.key)
    let known = Set(newer)
    return newer + (old?.object?.members ?? []).map(\.key).filter { !known.contains($0) }
  }

  /// One figure in words; nil for none.
  static func words(_ key: String, _ value: JSONValue?) -> String? {
    switch value {
    case nil, .null?: return nil
    case .bool(let truth)?: return "\(truth)"
    case .string(let text)?: return key.hasSuffix("sha256") ? String(text.prefix(12)) : text
    case .integer(let count)?:
      let count = Int(count)
      if key == "bytes" || key.hasSuffix("_bytes") { return Quantities.bytes(count) }
      if key == "flop" || key.hasSuffix("_flop") { return Quantities.scaled(count) + "FLOP" }
      if key.hasSuffix("seconds") { return Quantities.duration(Double(count)) }
      return Quantities.grouped(count)
    case .number(let number)?:
      return key.hasSuffix("seconds") ? Quantities.duration(number) : Quantities.compact(number)
    case .array(let elements)?:
      let numbers = elements.compactMap(\.number)
      if let top = numbers.max(), numbers.count == elements.count, key == "learning_rates" {
        return "\(Quantities.grouped(numbers.count)) steps up to \(Quantities.compact(top))"
      }
      let texts = elements.compactMap(\.string)
      if texts.count == elements.count { return "[" + texts.joined(separator: ", ") + "]" }
      return "\(elements.count) entr\(elements.count == 1 ? "y" : "ies")"
    case .object(let object)?:
      return "\(object.members.count) entr\(object.members.count == 1 ? "y" : "ies")"
    }
  }

  private static func exact(_ value: JSONValue) -> String {
    switch value {
    case .null, .bool, .integer, .number, .string: value.text()
    case .array, .object: "others"
    }
  }
}
