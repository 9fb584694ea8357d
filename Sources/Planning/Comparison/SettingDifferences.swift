import JSONSyntax

/// The settings that two plans differ in.
struct SettingDifferences {
  /// Those of the pipeline, but for its backend.
  let pipeline: [PlanDifference]
  /// Those that choose the backend.
  let backend: [PlanDifference]
  /// The paths of all that differ.
  let paths: Set<String>

  private struct Known {
    let path: String
    let value: String
    let origin: String?
  }

  init(from old: JSONValue, to new: JSONValue, _ stages: StageAlignment) {
    let (before, after) = (Self.settings(old), Self.settings(new))
    let earlier = Dictionary(
      before.compactMap { setting in stages.newPath(setting.path).map { ($0, setting.value) } },
      uniquingKeysWith: { first, _ in first })
    let there = Set(after.map(\.path))
    var found: [PlanDifference] = []
    for setting in after where !stages.isOfNewStage(setting.path) {
      if earlier[setting.path] == setting.value { continue }
      found.append(
        PlanDifference(
          Self.cause(setting.path), setting.path, old: earlier[setting.path],
          new: setting.value, origin: setting.origin))
    }
    for setting in before {
      guard let path = stages.newPath(setting.path), !there.contains(path) else { continue }
      found.append(PlanDifference(Self.cause(path), path, old: setting.value, new: nil))
    }
    paths = Set(found.map(\.path))
    let whole = Self.gathered(
      Self.gathered(found, before.map(\.path), \.new), after.map(\.path), \.old)
    pipeline = stages.differences + whole.filter { $0.cause == .pipeline }
    backend = whole.filter { $0.cause == .backend }
  }

  private static func settings(_ plan: JSONValue) -> [Known] {
    (plan["settings"]?.array ?? []).compactMap { setting in
      guard let path = setting["path"]?.string, let value = setting["value"]?.string else {
        return nil
      }
      return Known(path: path, value: value, origin: setting["origin"]?.string)
    }
  }

  private static func cause(_ path: String) -> PlanDifference.Cause {
    path == "backend" || path.hasPrefix("backend.") ? .backend : .pipeline
  }

  /// A data section that only one plan has as one difference, not one a setting.
  private static func gathered(
    _ differences: [PlanDifference], _ paths: [String],
    _ otherSide: KeyPath<PlanDifference, String?>
  ) -> [PlanDifference] {
    let all = Dictionary(grouping: paths.compactMap(section), by: { $0 }).mapValues(\.count)
    let oneSided = differences.filter { $0[keyPath: otherSide] == nil }.map(\.path)
    let counts = Dictionary(grouping: oneSided.compactMap(section), by: { $0 })
      .mapValues(\.count)
    var told: Set<String> = []
    return differences.compactMap { difference in
      guard difference[keyPath: otherSide] == nil, let section = section(difference.path),
        counts[section] == all[section]
      else { return difference }
      guard told.insert(section).inserted else { return nil }
      return PlanDifference(
        .pipeline, section, old: difference.old, new: difference.new,
        origin: difference.origin)
    }
  }

  /// `data.support` of `data.support.split.train`.
  private static func section(_ path: String) -> String? {
    let parts = path.split(separator: ".")
    guard parts.count > 2, parts[0] == "data" else { return nil }
    return "data.\(parts[1])"
  }
}
