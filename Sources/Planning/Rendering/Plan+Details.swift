extension Plan {
  /// Every setting with its value and where it came from, by section, for `--details`.
  package func details(isColored: Bool = false) -> String {
    let paint = Paint(isColored: isColored)
    return SettingGroup.groups(of: self).map { group in
      let names = group.rows.map(\.name.count).max() ?? 0
      let values = min(group.rows.map(\.value.count).max() ?? 0, SettingGroup.valueWidth)
      let rows = group.rows.map { row in
        "  \(Quantities.left(row.name, names))  "
          + "\(Quantities.left(Quantities.clipped(row.value, SettingGroup.valueWidth), values))  "
          + "\(paint.dim(row.origin))\n"
      }
      return paint.bold(group.title) + "\n" + rows.joined()
    }.joined(separator: "\n")
  }
}

/// The settings of one section of a pipeline.
private struct SettingGroup {
  /// The columns that a value may take; longer ones end with an ellipsis, `--json` has them whole.
  static let valueWidth = 40

  let title: String
  var rows: [(name: String, value: String, origin: String)] = []

  /// The settings in the order of the plan; a section's stand together.
  static func groups(of plan: Plan) -> [SettingGroup] {
    var groups: [SettingGroup] = []
    var positions: [String: Int] = [:]
    for setting in plan.settings {
      let (title, name) = place(of: setting.path, plan)
      let position: Int
      if let known = positions[title] {
        position = known
      } else {
        position = groups.count
        positions[title] = position
        groups.append(SettingGroup(title: title))
      }
      groups[position].rows.append((name, setting.value, setting.origin))
    }
    return groups
  }

  /// The section that a setting belongs to, and the rest of its path.
  private static func place(of path: String, _ plan: Plan) -> (title: String, name: String) {
    for stage in plan.stages {
      if let name = PlanSettings.relative(path, to: stage.path) {
        return ("\(stage.path) \(stage.name)", name)
      }
    }
    let parts = path.split(separator: ".", maxSplits: 2).map(String.init)
    switch (parts.first, parts.count) {
    case ("data", 3): return ("data.\(parts[1])", parts[2])
    case ("model", 2...): return ("model", parts.dropFirst().joined(separator: "."))
    default: return ("run", path)
    }
  }
}
