import JSONSyntax

/// What changed from the plan of an earlier run to a new one, stage by stage.
struct StageChanges {
  private let earlier: JSONValue
  private let plan: Plan
  private let earlierSettings: [(path: String, value: String)]
  /// The earlier stages by name, with their paths.
  private let earlierStages: [String: (path: String, json: JSONValue)]
  /// What is another for every stage.
  private let common: [StageChange]
  /// The names of the training stages that are others than they were.
  private let changedTraining: Set<String>

  /// Compares `earlier`, the plan of a run as it was written, with `plan`.
  init(from earlier: JSONValue, to plan: Plan) {
    self.earlier = earlier
    self.plan = plan
    earlierSettings = (earlier["settings"]?.array ?? []).compactMap { setting in
      guard let path = setting["path"]?.string, let value = setting["value"]?.string else {
        return nil
      }
      return (path, value)
    }
    var stages: [String: (path: String, json: JSONValue)] = [:]
    for (index, stage) in (earlier["stages"]?.array ?? []).enumerated() {
      guard let name = stage["name"]?.string else { continue }
      stages[name] = ("stages[\(index)]", stage)
    }
    earlierStages = stages
    common = Self.commonChanges(from: earlier, earlierSettings, to: plan)
    changedTraining = Set(
      plan.stages.compactMap { stage in
        guard case .train = stage.work,
          stages[stage.name]?.json["identity"]?.string != stage.identity
        else { return nil }
        return stage.name
      })
  }

  /// How `stage` stands to the earlier run.
  func status(of stage: StagePlan) -> PlanStatus.Stage {
    guard let before = earlierStages[stage.name],
      before.json["kind"]?.string == stage.kind.rawValue
    else { return .new }
    if before.json["identity"]?.string == stage.identity { return .again }
    var changes = common + own(stage, before.path) + rows(stage)
    if changes.isEmpty {
      let causes = plan.stages.prefix { $0.name != stage.name }.filter {
        changedTraining.contains($0.name)
      }
      changes = causes.map { StageChange(subject: "`\($0.name)`", before: nil, after: nil) }
    }
    if changes.isEmpty {
      changes = [StageChange(subject: "the stages before it", before: nil, after: nil)]
    }
    return .changed(changes)
  }

  /// What holds for every stage: the version, the seed, the backend, the model.
  private static func commonChanges(
    from earlier: JSONValue, _ settings: [(path: String, value: String)], to plan: Plan
  ) -> [StageChange] {
    var changes: [StageChange] = []
    func compare(_ subject: String, _ before: String?, _ after: String?) {
      if before != after {
        changes.append(StageChange(subject: subject, before: before, after: after))
      }
    }
    let backend = earlier["backend"]
    compare("Hone", earlier["hone_version"]?.string, plan.honeVersion)
    compare("seed", earlier["pipeline"]?["seed"]?.integer.map { "\($0)" }, "\(plan.pipeline.seed)")
    compare("backend", backend?["name"]?.string, plan.backend.name)
    compare("threads", backend?["threads"]?.integer.map { "\($0)" }, "\(plan.backend.threads)")
    let isModel = { (path: String) in
      path.hasPrefix("model.") && !PlanSettings.modelPaths.contains(path)
    }
    changes += differences(
      settings.filter { isModel($0.path) },
      plan.settings.filter { isModel($0.path) }.map { ($0.path, $0.value) })
    for (key, words, now) in [
      ("header_sha256", "the model's files", plan.model.headerIdentity),
      ("tokenizer_sha256", "the tokenizer", plan.model.tokenizerIdentity),
      ("chat_template_sha256", "the chat template", plan.model.chatTemplateIdentity),
    ] where earlier["model"]?[key]?.string != now {
      changes.append(StageChange(subject: words, before: nil, after: nil))
    }
    return changes
  }

  /// The settings of the stage itself.
  private func own(_ stage: StagePlan, _ earlierPath: String) -> [StageChange] {
    Self.differences(
      earlierSettings.compactMap { setting in
        PlanSettings.relative(setting.path, to: earlierPath).map { ($0, setting.value) }
      },
      PlanSettings.own(of: stage, plan.settings).map { ($0.relative, $0.setting.value) })
  }

  /// The rows that the stage reads: the settings of their section, or what the files hold.
  private func rows(_ stage: StagePlan) -> [StageChange] {
    stage.dataNames.flatMap { name -> [StageChange] in
      let before = earlier["data"]?.array?.first { $0["name"]?.string == name }
      guard let facts = plan.data.first(where: { $0.name == name }), let before,
        before["sha256"]?.string != facts.identity
      else { return [] }
      let section = "data." + (name.split(separator: ".").first.map(String.init) ?? name) + "."
      let settings = Self.differences(
        earlierSettings.filter { $0.path.hasPrefix(section) },
        plan.settings.filter { $0.path.hasPrefix(section) }.map { ($0.path, $0.value) })
      if !settings.isEmpty { return settings }
      let rows = before["rows"]?.integer
      if let rows, rows != facts.rows {
        return [StageChange(subject: "rows of \(name)", before: "\(rows)", after: "\(facts.rows)")]
      }
      return [StageChange(subject: "the rows of \(name)", before: nil, after: nil)]
    }
  }

  /// Settings that differ, in the order of the new ones, then those that are gone.
  private static func differences(
    _ before: [(path: String, value: String)], _ after: [(path: String, value: String)]
  ) -> [StageChange] {
    let old = Dictionary(before, uniquingKeysWith: { first, _ in first })
    let new = Set(after.map(\.path))
    return after.compactMap { setting in
      old[setting.path] == setting.value
        ? nil
        : StageChange(subject: setting.path, before: old[setting.path], after: setting.value)
    }
      + before.filter { !new.contains($0.path) }.map {
        StageChange(subject: $0.path, before: $0.value, after: nil)
      }
  }
}
