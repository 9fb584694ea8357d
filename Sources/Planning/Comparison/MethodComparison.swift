package import Diagnostics
package import Pipelines

/// What a method of training costs, by the plan that it leads to.
package struct MethodCost: Hashable, Sendable {
  /// As the user named it.
  package let title: String
  /// What it stands for, as `r 8 on 42 modules`.
  package let method: String
  /// What was assumed, as the pipeline does not say it.
  package let assumption: String?
  /// Trained weights, of the stage that trains most.
  package let trainableParameters: Int
  /// All weights, an adapter's included.
  package let allParameters: Int
  /// Optimizer steps of all training stages.
  package let steps: Int
  /// The arithmetic of all training stages.
  package let trainingOperations: Int
  /// The memory of the run's largest stage, whatever it does.
  package let peakBytes: Int
  /// The memory of the training stage that takes the most.
  package let memory: MemoryFacts
  /// One state to go on from.
  package let checkpointBytes: Int
  /// What is kept in the end: the adapter, or the whole model.
  package let resultBytes: Int
  /// How long the whole run takes; nil where the backend was not measured.
  package let seconds: Double?

  /// The arithmetic of one optimizer step.
  package var operationsPerStep: Int { steps == 0 ? 0 : trainingOperations / steps }

  /// Reads off the plan of `run`; nil where it trains nothing.
  init?(title: String, assumption: String?, _ run: PreparedRun, seconds: Double?) {
    let plan = run.plan
    let stages = plan.stages.compactMap { stage -> TrainingPlan? in
      if case .train(let training) = stage.work { training } else { nil }
    }
    guard let largest = stages.max(by: { $0.trainableCount < $1.trainableCount }) else {
      return nil
    }
    self.title = title
    self.assumption = assumption
    method = largest.method.shortText
    trainableParameters = largest.trainableCount
    allParameters = largest.allCount
    steps = stages.reduce(0) { $0 &+ $1.totalSteps }
    trainingOperations = stages.reduce(0) { sum, stage in
      let (total, overflow) = sum.addingReportingOverflow(stage.floatingPointOperations)
      return overflow ? .max : total
    }
    peakBytes = plan.memory.peakBytes
    let trainings = zip(run.stages, run.memories).filter { stage, _ in
      if case .train = stage.work { true } else { false }
    }
    memory = trainings.map(\.1).max { $0.peakBytes < $1.peakBytes } ?? plan.memory
    checkpointBytes =
      stages.map { $0.memory.trainableBytes + $0.memory.optimizerBytes }.max() ?? 0
    switch largest.method {
    case .full:
      resultBytes = run.model.weightType.exported.byteCount(run.model.description.parameterCount)
    case .lora: resultBytes = 4 * largest.trainableCount
    }
    self.seconds = seconds
  }
}

extension MethodFacts {
  /// The method without its modules' names.
  fileprivate var shortText: String {
    switch self {
    case .full(let facts): return facts.words
    case .lora(let facts):
      let ranks = Set(facts.modules.map(\.rank)).sorted().map(String.init).joined(separator: "/")
      let count = facts.modules.count
      return "r \(ranks) on \(count) module\(count == 1 ? "" : "s")"
    }
  }
}

/// Methods side by side, for one model and its data.
package struct MethodComparison: Hashable, Sendable {
  /// One column to be.
  package enum Column: Hashable, Sendable {
    /// The pipeline with another method.
    case variant(title: String, MethodVariant)
    /// The pipeline as it is.
    case own
  }

  package let costs: [MethodCost]

  /// Columns that are planned already.
  package init(_ costs: [MethodCost]) { self.costs = costs }

  /// The cost of one column.
  ///
  /// - Throws: ``DiagnosticError`` where the pipeline cannot be planned that way.
  package static func cost(
    _ column: Column, of planning: Replanning
  ) throws(DiagnosticError) -> MethodCost {
    let cost: MethodCost?
    switch column {
    case .own:
      cost = MethodCost(
        title: planning.run.plan.pipeline.name, assumption: nil, planning.run,
        seconds: planning.seconds(of: planning.run))
    case .variant(let title, let variant):
      let pipeline = planning.run.pipeline
      let other = pipeline.replacing(variant, origin: .option("--compare")).replacingStages {
        if case .export = $0.work { nil } else { $0 }
      }
      let (run, problems) = planning.plan(other)
      guard let run else { throw DiagnosticError(problems) }
      cost = MethodCost(
        title: title, assumption: assumption(variant, pipeline), run,
        seconds: planning.seconds(of: run))
    }
    guard let cost else {
      throw DiagnosticError(
        Diagnostic(
          .error, .nothingTrainable, "the pipeline trains nothing, so there is nothing to compare",
          at: planning.run.pipeline.stages.first?.span, path: "stages",
          help: "add a `train` stage"))
    }
    return cost
  }

  private static func assumption(_ variant: MethodVariant, _ pipeline: Pipeline) -> String? {
    guard case .lora(let changes) = variant, !pipeline.hasLoRA else { return nil }
    let assumed = MethodVariant.LoRAChanges.assumed
    var parts: [String] = []
    if changes.rank == nil { parts.append("r \(assumed.rank)") }
    if changes.alpha == nil { parts.append("alpha \(Quantities.compact(assumed.alpha))") }
    if changes.targetModules == nil { parts.append("the family's usual target modules") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
