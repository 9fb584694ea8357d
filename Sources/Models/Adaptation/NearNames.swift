/// Names that a mistyped entry of `target_modules` may have meant.
enum NearNames {
  /// The names of `tree`'s adaptable modules that are close to `entry`, or all of them (at most
  /// eight) where none is.
  static func of(_ entry: String, in tree: ModuleTree) -> [String] {
    var names: [String] = []
    for module in tree.modules {
      switch module.kind {
      case .linear, .embedding:
        let name = String(module.name)
        if !names.contains(name) { names.append(name) }
      case .norm, .container, .function: continue
      }
    }
    let last = entry.split(separator: ".").last.map(String.init) ?? entry
    let ranked = names.enumerated().map { (distance(last, $1), $0) }.sorted { $0 < $1 }
    let close = ranked.filter { $0.0 <= max(1, last.count / 3) }.map { names[$0.1] }
    return Array(close.isEmpty ? names.prefix(8) : close.prefix(3))
  }

  /// The number of characters to insert, remove or replace between two words.
  private static func distance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first.unicodeScalars.prefix(64)), Array(second.unicodeScalars.prefix(64)))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}
