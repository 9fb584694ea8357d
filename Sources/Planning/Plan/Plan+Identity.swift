import Artifacts
import JSONSyntax

extension Plan {
  /// The plan with the hash of everything that decides the run, and each stage with its own.
  ///
  /// Where a setting was said and how the files were reached does not count: a comment more or
  /// another folder is the same plan. The model counts by its headers, not its path.
  func identified() -> Plan {
    let identifiedStages = stageIdentities()
    let draft = copy(stages: identifiedStages, identity: "")
    guard case .object(var object) = draft.content else { return self }
    object["settings"] = .array(
      settings.map { ["path": .string($0.path), "value": .string($0.value)] })
    if case .object(var facts)? = object["pipeline"] {
      facts["file"] = nil
      object["pipeline"] = .object(facts)
    }
    object["model"] = model.pathlessJSON
    return copy(stages: identifiedStages, identity: Self.digest(.object(object)))
  }

  /// The stages, each with a hash over what decides it: its own facts and settings, its rows, the
  /// model before it, and the training stages that made the model what it is then.
  private func stageIdentities() -> [StagePlan] {
    let base: JSONValue = [
      "hone_version": .string(honeVersion), "seed": .int(pipeline.seed),
      "backend": ["name": .string(backend.name), "threads": .int(backend.threads)],
      "model": model.pathlessJSON,
      "settings": settingsJSON(
        settings.filter {
          $0.path.hasPrefix("model.") && !PlanSettings.modelPaths.contains($0.path)
        }),
    ]
    var trained: [JSONValue] = []
    return stages.map { stage in
      let own: JSONValue = [
        "base": base, "trained": .array(trained), "stage": stage.json,
        "data": .array(
          stage.dataNames.map { name in
            data.first { $0.name == name }.map { .string($0.identity) } ?? .null
          }),
        "settings": settingsJSON(
          PlanSettings.own(of: stage, settings).map {
            ResolvedSetting(path: $0.relative, value: $0.setting.value, origin: "")
          }),
      ]
      let identity = Self.digest(own)
      if case .train = stage.work { trained.append(.string(identity)) }
      return StagePlan(
        name: stage.name, path: stage.path, identity: identity, work: stage.work)
    }
  }

  private func settingsJSON(_ settings: [ResolvedSetting]) -> JSONValue {
    .array(settings.map { ["path": .string($0.path), "value": .string($0.value)] })
  }

  private func copy(stages: [StagePlan], identity: String) -> Plan {
    Plan(
      honeVersion: honeVersion, pipeline: pipeline, backend: backend, model: model, data: data,
      stages: stages, memory: memory, settings: settings, outputs: outputs, identity: identity)
  }

  private static func digest(_ value: JSONValue) -> String {
    SHA256Digest(hashing: value.text(sortedKeys: true)).hex
  }
}

/// Which settings of a plan belong to what.
enum PlanSettings {
  /// Where the model's files are; what they hold counts instead.
  static let modelPaths: Set<String> = ["model.load", "model.config", "model.tokenizer"]

  /// The settings of `stage`, with their paths inside of it.
  static func own(
    of stage: StagePlan, _ settings: [ResolvedSetting]
  ) -> [(relative: String, setting: ResolvedSetting)] {
    settings.compactMap { setting in
      relative(setting.path, to: stage.path).map { ($0, setting) }
    }
  }

  /// `stages[0].train.data` as `train.data` for the stage `stages[0]`; nil for another's.
  static func relative(_ path: String, to stage: String) -> String? {
    guard path.hasPrefix(stage + ".") else { return nil }
    return String(path.dropFirst(stage.count + 1))
  }
}

extension ModelFacts {
  /// Everything but where it is.
  fileprivate var pathlessJSON: JSONValue {
    guard case .object(var facts) = json else { return json }
    facts["path"] = nil
    return .object(facts)
  }
}

extension StagePlan {
  /// The rows that the stage reads, by name.
  package var dataNames: [String] {
    switch work {
    case .train(let plan): [plan.data] + [plan.evaluationData].compactMap { $0 }
    case .evaluate(let plan): [plan.data]
    case .generate, .export: []
    }
  }
}
