import JSONSyntax

/// The rows that two plans differ in, and whether the files made them differ.
struct DataDifferences {
  let differences: [PlanDifference]

  /// Rows are other ones by themselves only where no setting that decides them is another.
  init(
    from old: JSONValue, to new: JSONValue, _ settings: SettingDifferences, isTokenizerOther: Bool
  ) {
    let (before, after) = (Self.rows(old), Self.rows(new))
    let earlier = Dictionary(before, uniquingKeysWith: { first, _ in first })
    let later = Set(after.map(\.name))
    var found: [PlanDifference] = []
    for (name, facts) in after {
      guard let other = earlier[name] else {
        found.append(
          PlanDifference(.consequence, "data.\(name)", old: nil, new: Self.words(facts)))
        continue
      }
      guard other["sha256"] != facts["sha256"] || other["rows"] != facts["rows"] else { continue }
      let isSaid =
        isTokenizerOther || settings.paths.contains("seed")
        || Self.sources(of: name, new).contains { section in
          settings.paths.contains { $0.hasPrefix("data.\(section).") }
        }
      let (oldWords, newWords) = (Self.words(other), Self.words(facts))
      let isSameCount = oldWords == newWords
      found.append(
        PlanDifference(
          isSaid ? .consequence : .data, "data.\(name)",
          old: oldWords + (isSameCount ? Self.digest(other) : ""),
          new: newWords + (isSameCount ? Self.digest(facts) : "")))
    }
    for (name, facts) in before where !later.contains(name) {
      found.append(
        PlanDifference(.consequence, "data.\(name)", old: Self.words(facts), new: nil))
    }
    differences = found
  }

  private static func rows(_ plan: JSONValue) -> [(name: String, facts: JSONValue)] {
    (plan["data"]?.array ?? []).compactMap { facts in
      facts["name"]?.string.map { ($0, facts) }
    }
  }

  /// The sections whose settings decide the rows called `name`: its own, and those it mixes.
  private static func sources(of name: String, _ plan: JSONValue) -> Set<String> {
    let own = section(name)
    var found: Set<String> = [own]
    var waiting = [own]
    while let next = waiting.popLast() {
      for setting in plan["settings"]?.array ?? [] {
        guard let path = setting["path"]?.string, path.hasPrefix("data.\(next).mix"),
          path.hasSuffix(".data"), let part = setting["value"]?.string,
          found.insert(section(part)).inserted
        else { continue }
        waiting.append(section(part))
      }
    }
    return found
  }

  private static func section(_ name: String) -> String {
    name.split(separator: ".").first.map(String.init) ?? name
  }

  private static func words(_ facts: JSONValue) -> String {
    let rows = facts["rows"]?.integer ?? 0
    return "\(Quantities.grouped(rows)) row\(rows == 1 ? "" : "s"), "
      + "\(Quantities.grouped(facts["tokens"]?.integer ?? 0)) tokens"
  }

  private static func digest(_ facts: JSONValue) -> String {
    " (sha256 \((facts["sha256"]?.string ?? "?").prefix(12)))"
  }
}
