extension Plan {
  /// Every setting with its value and where it came from, by section, for `--details`.
  package func details(isColored: Bool = false) -> String {
    SettingGroup.text(settings, stages.map { ($0.path, $0.name) }, Paint(isColored: isColored))
  }
}

extension PlanOutline {
  /// Every setting with its value and where it came from, by section, for `--details`.
  package func details(isColored: Bool = false) -> String {
    SettingGroup.text(
      settings,
      stages.map { stage in
        switch stage {
        case .whole(let plan): (plan.path, plan.name)
        case .partial(let outline): (outline.path, outline.name)
        }
      }, Paint(isColored: isColored))
  }
}

/// The settings of one section of a pipeline.
private struct SettingGroup {
  /// The columns that a value may take; longer ones end with an ellipsis, `--json` has them whole.
  static let valueWidth = 40

  let title: String
  var rows: [(name: String, value: String, origin: String)] = []

  /// `settings` by section, those of a section aligned.
  static func text(
    _ settings: [ResolvedSetting], _ stages: [(path: String, name: String)], _ paint: Paint
  ) -> String {
    groups(settings, stages).map { group in
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

  /// The settings in the order of the plan; a section's stand together.
  private static func groups(
    _ settings: [ResolvedSetting], _ stages: [(path: String, name: String)]
  ) -> [SettingGroup] {
    var groups: [SettingGroup] = []
    var positions: [String: Int] = [:]
    for setting in settings {
      let (title, name) = place(of: setting.path, stages)
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
  private static func place(
    of path: String, _ stages: [(path: String, name: String)]
  ) -> (title: String, name: String) {
    for stage in stages {
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
