import Artifacts
package import JSONSyntax

/// What of a plan is still to be done, held against what its output directory holds.
///
/// Beside the plan, not in it: the same plan is the same bytes before and after its run.
package struct PlanStatus: Hashable, Sendable {
  /// How far a stage is.
  package enum Stage: Hashable, Sendable {
    /// Nothing of it has been done.
    case new
    /// The directory holds a run in which it was another.
    case changed([StageChange])
    /// It is what it was, but is done anew with what changed, or because its result was not kept.
    case again
    /// It goes on after that many optimizer steps.
    case resumes(step: Int)
    case done
  }

  /// What the output directory holds.
  package enum Directory: Hashable, Sendable {
    case free
    /// Files that are of no run.
    case foreign
    /// A run of this plan.
    case thisPlan(isFinished: Bool)
    /// A run of another plan.
    case otherPlan
  }

  /// In the order of the plan's stages.
  package let stages: [Stage]
  package let directory: Directory

  /// Whether a run would do anything.
  package var isPending: Bool { stages.contains { $0 != .done } }

  /// Holds `plan` against `record`, what its output directory holds.
  package init(_ plan: Plan, _ record: RunRecord) {
    guard let earlier = record.plan else {
      directory = record.isOccupied ? .foreign : .free
      stages = plan.stages.map { _ in .new }
      return
    }
    guard record.planIdentity == plan.identity else {
      directory = .otherPlan
      let changes = StageChanges(from: earlier, to: plan)
      stages = plan.stages.map { changes.status(of: $0) }
      return
    }
    directory = .thisPlan(isFinished: record.isFinished)
    if record.isFinished {
      stages = plan.stages.map { $0.exportIsGone ? .again : .done }
      return
    }
    let latest = record.states.last
    stages = plan.stages.indices.map { index in
      guard let latest else { return .new }
      if index < latest.stage || (index == latest.stage && latest.isFinal) { return .done }
      return index == latest.stage ? .resumes(step: latest.step) : .new
    }
  }
}

extension StagePlan {
  /// Whether the stage exports to a path where nothing is.
  fileprivate var exportIsGone: Bool {
    switch work {
    case .export(let plan): FilePaths.kind(of: plan.path) == nil
    case .train, .evaluate, .generate: false
    }
  }
}

/// One reason why a stage is another than it was.
package struct StageChange: Hashable, Sendable {
  /// What changed: a setting's path inside the stage or of its data, or a thing in words.
  package let subject: String
  /// What it was; nil where it was not set or is not said.
  package let before: String?
  /// What it is; nil where it is not set or is not said.
  package let after: String?

  /// As `train.method.lora.r 8 → 16`.
  package var text: String {
    switch (before, after) {
    case (nil, nil): subject
    case (let before?, let after?): "\(subject) \(Self.short(before)) → \(Self.short(after))"
    case (nil, let after?): "\(subject) \(Self.short(after)) is new"
    case (let before?, nil): "\(subject) \(Self.short(before)) is gone"
    }
  }

  private static func short(_ text: String) -> String {
    text.count <= 32 ? text : String(text.prefix(31)) + "…"
  }
}

extension PlanStatus {
  /// The status as JSON, one object a stage.
  package var json: JSONValue {
    [
      "pending": .bool(isPending), "output": .string(directory.word),
      "stages": .array(stages.map(\.json)),
    ]
  }
}

extension PlanStatus.Directory {
  fileprivate var word: String {
    switch self {
    case .free: "free"
    case .foreign: "other_files"
    case .thisPlan(isFinished: true): "this_plan_finished"
    case .thisPlan(isFinished: false): "this_plan_unfinished"
    case .otherPlan: "another_plan"
    }
  }
}

extension PlanStatus.Stage {
  fileprivate var json: JSONValue {
    switch self {
    case .new: ["status": "new"]
    case .changed(let changes):
      [
        "status": "changed",
        "because": .array(
          changes.map {
            [
              "what": .string($0.subject), "before": $0.before.map { .string($0) } ?? .null,
              "after": $0.after.map { .string($0) } ?? .null,
            ]
          }),
      ]
    case .again: ["status": "again"]
    case .resumes(let step): ["status": "resumes", "step": .int(step)]
    case .done: ["status": "done"]
    }
  }
}
