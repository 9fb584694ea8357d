import Artifacts
import Datasets
import Diagnostics
import Models
import Pipelines
import Tensors
import Tokenizers
import Training

/// Works through the stages in order, each on the model that the one before left.
struct StagePreparation {
  let planner: Planner
  let model: PreparedModel
  let data: PreparedData
  private(set) var prepared: [PreparedStage] = []
  private(set) var plans: [StagePlan] = []
  /// The base weights in memory: all of them, and those that are mapped from the file.
  private(set) var baseBytes: (all: Int, mapped: Int)

  /// What the stages so far left of the model.
  var adaptation: AdaptationPlan?
  /// What the backward pass of the training stage at hand computes again.
  var recomputation = Recomputation.none
  /// What each training stage adapts, by the stage's path: known before its rows are.
  private(set) var adaptations: [String: AdaptationPlan] = [:]
  /// Whether the base weights are still those of the file.
  var baseIsOriginal = true
  /// Whether a training stage could not be prepared, so that what it would have left is not known.
  private var isModelUnknown = false

  init(_ planner: Planner, model: PreparedModel, data: PreparedData) {
    self.planner = planner
    self.model = model
    self.data = data
    baseBytes = BaseMemory.bytes(of: model)
  }

  /// Prepares every stage; what is wrong with one does not keep the others from being looked at.
  mutating func prepareAll(_ diagnostics: inout DiagnosticBag) {
    for (index, stage) in planner.pipeline.stages.enumerated() {
      do throws(DiagnosticError) {
        switch stage.work {
        case _ where isModelUnknown && stage.work.kind != .train: continue
        case .train(let train): try prepare(train, stage, index, &diagnostics)
        case .evaluate(let evaluate): try prepare(evaluate, stage)
        case .generate(let generate): try prepare(generate, stage)
        case .export(let export): try prepare(export, stage)
        }
      } catch {
        // Rows that are not there change nothing of what the stage would leave.
        if stage.work.kind == .train, error.diagnostics.contains(where: { $0.code != .missingFile })
        {
          isModelUnknown = true
        }
        for diagnostic in error.diagnostics {
          diagnostics.report(diagnostic.located(at: stage.span, path: stage.path))
        }
      }
    }
  }

  var seed: UInt64 { UInt64(bitPattern: Int64(planner.pipeline.seed.value)) }

  var programs: ProgramFactory {
    var programs = ProgramFactory(
      description: model.description, adaptation: adaptation, weightType: model.weightType)
    programs.recomputation = recomputation
    return programs
  }

  mutating func add(
    _ stage: Stage, _ work: PreparedStage.Work, _ plan: StagePlan.Work, _ memory: StageMemory,
    _ cost: StageCost
  ) {
    let name = stage.name.value
    prepared.append(
      PreparedStage(name: name, work: work, programs: programs, memory: memory, cost: cost))
    plans.append(StagePlan(name: name, path: stage.path, identity: "", work: plan))
  }

  /// Keeps what `stage` adapts.
  mutating func note(_ adaptation: AdaptationPlan, of stage: Stage) {
    adaptations[stage.path] = adaptation
  }

  /// Works out which weights are trained and where they begin.
  mutating func adapt(
    _ train: TrainStage, _ diagnostics: inout DiagnosticBag
  ) throws(DiagnosticError) -> TrainingStart {
    switch train.method {
    case .full(let section):
      let earlier = adaptation
      let plan = try section.plan(for: model.description)
      adaptation = plan
      baseIsOriginal = false
      if earlier?.adaptation == plan.adaptation { return .previousStage }
      try checkMerging(earlier)
      return .fresh
    case .lora(let section):
      let plan = try section.plan(for: model.description)
      for warning in section.warnings(of: plan, on: model.description) {
        diagnostics.report(warning)
      }
      let earlier = adaptation
      adaptation = plan
      if let files = try section.startingFiles(
        plan, planner.paths, task: model.description.task)
      {
        try checkMerging(earlier)
        if earlier != nil { baseIsOriginal = false }
        return .adapter(files)
      }
      if let earlier, earlier.trainable == plan.trainable, earlier.adapted == plan.adapted {
        return .previousStage
      }
      try checkMerging(earlier)
      if earlier != nil { baseIsOriginal = false }
      countSplitWeights(of: plan)
      return .fresh
    }
  }

  /// Counts the weights that lose a part to their updates, which are no longer the file's, and the
  /// updates' beginnings, which are kept to export the difference.
  private mutating func countSplitWeights(of plan: AdaptationPlan) {
    for module in plan.splitModules {
      guard let weight = model.description.parameter(module.path + ".weight") else { continue }
      let bytes = BaseMemory.bytes(of: [weight], in: model)
      baseBytes.mapped -= bytes.mapped
      baseBytes.all += 4 * module.rank * (weight.shape[0] + weight.shape[1])
    }
  }

  var padID: Int32 { model.tokenizer.padID ?? model.tokenizer.endID ?? 0 }

  func rows(_ name: Setting<String>) throws(DiagnosticError) -> TokenizedDataset {
    guard let dataset = data[name.value] else {
      // The section itself has been reported.
      throw DiagnosticError([])
    }
    return dataset
  }
}
