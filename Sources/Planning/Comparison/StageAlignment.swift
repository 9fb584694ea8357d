import JSONSyntax

/// Which stage of one plan is which of another: those of the same name and kind.
struct StageAlignment {
  /// A stage of both plans, with its number in each.
  struct Pair {
    let old: Int
    let new: Int
  }

  /// In the order of the new plan.
  let pairs: [Pair]
  /// Stages that only one plan has, and another order of those that both have.
  let differences: [PlanDifference]
  private let newNumbers: [Int: Int]

  init(from old: JSONValue, to new: JSONValue) {
    let (before, after) = (Self.titles(old), Self.titles(new))
    let numbers = Dictionary(
      before.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    pairs = after.enumerated().compactMap { index, title in
      numbers[title].map { Pair(old: $0, new: index) }
    }
    newNumbers = Dictionary(
      pairs.map { ($0.old, $0.new) }, uniquingKeysWith: { first, _ in first })
    let kept = Set(pairs.map(\.new))
    var differences = after.enumerated().filter { !kept.contains($0.offset) }.map {
      PlanDifference(.pipeline, "stages[\($0.offset)]", old: nil, new: $0.element)
    }
    for (index, title) in before.enumerated() where newNumbers[index] == nil {
      differences.append(
        PlanDifference(.pipeline, "stages[\(index)]", old: title, new: nil))
    }
    if zip(pairs, pairs.dropFirst()).contains(where: { $0.old > $1.old }) {
      differences.append(
        PlanDifference(
          .pipeline, "stages",
          old: pairs.map(\.old).sorted().map { before[$0] }.joined(
            separator: ", "), new: pairs.map { after[$0.new] }.joined(separator: ", ")))
    }
    self.differences = differences
  }

  /// The path in the new plan of a setting of the old one; nil where its stage is gone.
  func newPath(_ path: String) -> String? {
    guard let (number, rest) = Self.stage(of: path) else { return path }
    return newNumbers[number].map { "stages[\($0)]\(rest)" }
  }

  /// Whether a setting of the new plan is of a stage that the old one has not.
  func isOfNewStage(_ path: String) -> Bool {
    guard let (number, _) = Self.stage(of: path) else { return false }
    return !pairs.contains { $0.new == number }
  }

  /// `stages[2].train.data` as 2 and `.train.data`.
  private static func stage(of path: String) -> (number: Int, rest: Substring)? {
    guard path.hasPrefix("stages["), let end = path.firstIndex(of: "]"),
      let number = Int(path[path.index(path.startIndex, offsetBy: 7)..<end])
    else { return nil }
    return (number, path[path.index(after: end)...])
  }

  /// The stages as `evaluate loss-before`, or `train` where the name is the kind.
  private static func titles(_ plan: JSONValue) -> [String] {
    (plan["stages"]?.array ?? []).map { stage in
      let (kind, name) = (stage["kind"]?.string ?? "", stage["name"]?.string ?? "")
      return name == kind ? kind : "\(kind) \(name)"
    }
  }
}
