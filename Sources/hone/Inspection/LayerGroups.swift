/// Things of many layers, one line for all that are alike.
struct LayerGroups<Fact: Hashable> {
  /// A name with `*` for its layer, what is said of it, and how many layers have it so.
  struct Group {
    let name: String
    let fact: Fact
    var count: Int
  }

  private struct Key: Hashable {
    let name: String
    let fact: Fact
  }

  private(set) var groups: [Group] = []

  /// Groups `items` in the order in which each group came first; alone where `showsAll`.
  init(_ items: [(name: String, fact: Fact)], showsAll: Bool) {
    var places: [Key: Int] = [:]
    for item in items {
      let name = showsAll ? item.name : Self.pattern(item.name)
      let key = Key(name: name, fact: item.fact)
      if let place = places[key] {
        groups[place].count += 1
      } else {
        places[key] = groups.count
        groups.append(Group(name: name, fact: item.fact, count: 1))
      }
    }
  }

  /// The name with `*` in the place of every part that is a number.
  private static func pattern(_ name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false)
      .map { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? "*" : $0 }
      .joined(separator: ".")
  }
}
