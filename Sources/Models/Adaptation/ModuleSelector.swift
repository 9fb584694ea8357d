import RegularExpressions

/// A list of names or a pattern, ready to be asked about paths.
struct ModuleSelector {
  private enum Rule {
    case list([String])
    case pattern(RegularExpression)
  }

  private let rule: Rule
  /// The list's entries, or the pattern.
  let entries: [String]

  init(_ selection: LoRASpecification.Selection, key: String) throws(ModelError) {
    switch selection {
    case .list(let entries):
      rule = .list(entries)
      self.entries = entries
    case .pattern(let pattern):
      rule = .pattern(try Self.compiled(pattern, pattern, key: key))
      entries = [pattern]
    }
  }

  /// What of the entries names `path`: indices into ``entries``, and whether one is the whole path.
  func matches(_ path: String) -> (entries: [Int], isWholePath: Bool) {
    switch rule {
    case .pattern(let expression): (expression.matchesWhole(path) ? [0] : [], false)
    case .list(let entries):
      (
        entries.indices.filter { entries[$0] == path || path.hasSuffix("." + entries[$0]) },
        entries.contains(path)
      )
    }
  }

  /// Whether the pattern, or an entry of the list, is `name` in whole.
  func names(_ name: String) -> Bool {
    switch rule {
    case .pattern(let expression): expression.matchesWhole(name)
    case .list(let entries): entries.contains(name)
    }
  }

  /// Compiles `pattern`, part of which, `shown`, stands in the setting `key`.
  static func compiled(_ pattern: String, _ shown: String, key: String)
    throws(ModelError) -> RegularExpression
  {
    do { return try RegularExpression(pattern) } catch {
      throw .invalidPattern(key: key, pattern: shown, reason: error.reason)
    }
  }
}
