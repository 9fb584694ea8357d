import JSONSyntax

/// What follows from the causes: steps, memory, arithmetic, files.
struct DerivedDifferences {
  let differences: [PlanDifference]

  /// What a person asks for first.
  private static let headlines: Set<String> = [
    "trainable_parameters", "total_steps", "tokens", "supervised_tokens", "truncated_rows", "flop",
    "peak_bytes", "frozen_bytes", "trainable_bytes", "gradient_bytes", "optimizer_bytes",
    "activation_bytes", "workspace_bytes", "cache_bytes", "data_bytes", "bytes", "seconds",
    "learning_rates",
  ]
  /// What is compared elsewhere, or is no figure of its own.
  private static let others: Set<String> = [
    "format", "hone_version", "pipeline", "backend", "model", "data", "stages", "settings",
    "outputs", "identity", "status",
  ]

  init(from old: JSONValue, to new: JSONValue, _ stages: StageAlignment) {
    var found: [PlanDifference] = []
    for pair in stages.pairs {
      let (before, after) = (
        old["stages"]?.array?[pair.old], new["stages"]?.array?[pair.new]
      )
      found += Self.compare("stages[\(pair.new)]", before, after)
    }
    for key in FigureWords.keys(of: old, new) where !Self.others.contains(key) {
      found += Self.compare(key, old[key], new[key])
    }
    found += Self.outputs(old, new)
    differences = found
  }

  /// Every figure under `path`.
  private static func compare(
    _ path: String, _ old: JSONValue?, _ new: JSONValue?
  ) -> [PlanDifference] {
    guard old != new else { return [] }
    if old?.object != nil || new?.object != nil {
      return FigureWords.keys(of: old, new).flatMap { key -> [PlanDifference] in
        if key == "identity" || key == "trainable_line" { return [] }
        return compare("\(path).\(key)", old?[key], new?[key])
      }
    }
    let parts = path.split(separator: ".").map(String.init)
    let isOfStageMemory = parts.count > 2 && parts[parts.count - 2] == "memory"
    return PlanComparison.compare(
      path, old, new, cause: .consequence,
      isHeadline: headlines.contains(parts.last ?? path) && !isOfStageMemory,
      isMeasured: parts[0] == "estimate")
  }

  /// The files that are written, by their paths.
  private static func outputs(_ old: JSONValue, _ new: JSONValue) -> [PlanDifference] {
    let (before, after) = (files(old), files(new))
    let earlier = Dictionary(before, uniquingKeysWith: { first, _ in first })
    let later = Set(after.map(\.path))
    var found = after.compactMap { file -> PlanDifference? in
      earlier[file.path] == file.value ? nil : output(file.path, earlier[file.path], file.value)
    }
    found += before.filter { !later.contains($0.path) }.map { output($0.path, $0.value, nil) }
    return found
  }

  private static func files(_ plan: JSONValue) -> [(path: String, value: JSONValue)] {
    (plan["outputs"]?.array ?? []).compactMap { file in
      file["path"]?.string.map { ($0, file) }
    }
  }

  private static func output(
    _ path: String, _ old: JSONValue?, _ new: JSONValue?
  ) -> PlanDifference {
    func words(_ file: JSONValue?) -> String? {
      guard let file else { return nil }
      let size = file["bytes"]?.integer.map { ", \(Quantities.bytes($0))" } ?? ""
      return (file["content"]?.string ?? "a file") + size
    }
    let isSized = old?["bytes"]?.integer != nil || new?["bytes"]?.integer != nil
    return PlanDifference(
      .consequence, "outputs[\(path)]", old: words(old), new: words(new), isHeadline: isSized)
  }
}
