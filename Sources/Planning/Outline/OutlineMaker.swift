import Artifacts
import Diagnostics
import Models
import Pipelines
import Training

/// Works out what is known of a run although some of its inputs are not there.
struct OutlineMaker {
  private let planner: Planner
  private let missing: MissingInputs

  init(_ planner: Planner, _ missing: MissingInputs) {
    self.planner = planner
    self.missing = missing
  }

  /// The outline; what is wrong apart from what is missing goes to `diagnostics`.
  func outline(_ diagnostics: inout DiagnosticBag) -> PlanOutline {
    let pipeline = planner.pipeline
    let model = model(&diagnostics)
    var data: PreparedData?
    var stages: StagePreparation?
    if let model {
      let rows = PreparedData(
        pipeline, paths: planner.paths, tokenizer: model.tokenizer, task: model.rowTask,
        refused: [],
        diagnostics: &diagnostics)
      var preparation = StagePreparation(planner, model: model, data: rows)
      preparation.prepareAll(&diagnostics)
      data = rows
      stages = preparation
    }
    return PlanOutline(
      honeVersion: planner.honeVersion,
      pipeline: PipelineFacts(
        file: pipeline.file, name: pipeline.name.value, seed: pipeline.seed.value,
        output: pipeline.output.value, caseName: planner.caseName, overrides: planner.overrides),
      backend: BackendFacts(
        name: planner.backend.capabilities.name, threads: planner.backend.capabilities.threads),
      model: model.map { .known(facts(of: $0)) } ?? .after(modelPath),
      data: pipeline.data.flatMap { parts(of: $0, data) },
      stages: pipeline.stages.map { outline(of: $0, stages) },
      memory: memory(model, data, stages), missing: missing.all,
      settings: pipeline.resolvedSettings)
  }

  /// The model's facts, with the place where its weights are to come.
  private func facts(of model: PreparedModel) -> ModelFacts {
    let facts = model.facts
    return ModelFacts(
      path: facts.path ?? missing.model, family: facts.family,
      parameterCount: facts.parameterCount, weightType: facts.weightType,
      contextLength: facts.contextLength, vocabularySize: facts.vocabularySize,
      layerCount: facts.layerCount, encoderLayerCount: facts.encoderLayerCount,
      newWeights: facts.newWeights, headerIdentity: facts.headerIdentity,
      tokenizerIdentity: facts.tokenizerIdentity,
      chatTemplateIdentity: facts.chatTemplateIdentity)
  }

  /// The peak, which takes every stage.
  private func memory(
    _ model: PreparedModel?, _ data: PreparedData?, _ stages: StagePreparation?
  ) -> PlanOutline.Known<MemoryFacts> {
    guard let model, let data, let stages,
      stages.plans.count == planner.pipeline.stages.count
    else { return .after(missing.all.joined(separator: ", ")) }
    return .known(planner.memory(model, data, stages))
  }

  /// What the model waits for.
  private var modelPath: String { missing.model ?? missing.tokenizer ?? missing.all.first ?? "" }

  /// The model, without its weights where only they are missing; nil where it is not there.
  private func model(_ diagnostics: inout DiagnosticBag) -> PreparedModel? {
    do throws(DiagnosticError) {
      return try PreparedModel(planner.pipeline, paths: planner.paths)
    } catch {
      for diagnostic in error.diagnostics { diagnostics.report(diagnostic) }
    }
    guard missing.model != nil, missing.tokenizer == nil else { return nil }
    return try? PreparedModel(withoutWeights: planner.pipeline.model, paths: planner.paths)
  }

  /// The rows of `section`, or of each of its parts.
  private func parts(of section: DataSection, _ data: PreparedData?) -> [PlanOutline.Data] {
    let names =
      section.split.isEmpty ? [section.name] : section.split.map { "\(section.name).\($0.name)" }
    return names.map { name in
      PlanOutline.Data(
        name: name,
        facts: data?[name].map { .known($0.facts) } ?? .after(missing.path(ofData: name)))
    }
  }

  private func outline(of stage: Stage, _ stages: StagePreparation?) -> PlanOutline.Stage {
    if let whole = stages?.plans.first(where: { $0.path == stage.path }) { return .whole(whole) }
    let adaptation = stages?.adaptations[stage.path]
    var loraPlus: LoRASection.LoRAPlus?
    if case .train(let train) = stage.work { loraPlus = train.method.loraPlus }
    let method = adaptation.map {
      MethodFacts($0, loraPlus, stages?.model.description)
    }
    let facts: [String]
    var totalSteps: Int?
    var waits = stages == nil ? modelPath : missing.adapters[stage.path]
    switch stage.work {
    case .train(let train):
      waits = waits ?? missing.path(ofData: train.data.value)
      if case .maxSteps(let steps) = train.length { totalSteps = steps.value }
      facts = train.knownFacts(method, adaptation?.count.line, width: PlanText.contentWidth)
    case .evaluate(let evaluate):
      waits = waits ?? missing.path(ofData: evaluate.data.value)
      let metrics = evaluate.measurement.metrics.map(\.value.rawValue).joined(separator: ", ")
      facts = ["\(metrics) on \(evaluate.data.value)"]
    case .generate(let generate):
      let count = generate.prompts.count
      facts = [
        "\(count) prompt\(count == 1 ? "" : "s"), at most \(generate.maxNewTokens.value) "
          + "new tokens each"
      ]
    case .export(.adapter(let path)): facts = ["adapter to \(path.value)"]
    case .export(.merged(let path, let format)):
      let form = format.value == .torch ? " as torch checkpoint" : ""
      facts = ["merged model to \(path.value)\(form)"]
    }
    return .partial(
      StageOutline(
        name: stage.name.value, path: stage.path, kind: stage.work.kind.rawValue, facts: facts,
        totalSteps: totalSteps, trainableLine: adaptation?.count.line,
        knownAfter: waits ?? modelPath))
  }
}

extension MissingInputs {
  /// What the rows `name` wait for: their file, or what else is missing.
  fileprivate func path(ofData name: String) -> String {
    data[DataNames.section(of: name)] ?? model ?? tokenizer ?? all.first ?? ""
  }
}

extension TrainStage {
  /// What the settings tell by themselves.
  fileprivate func knownFacts(
    _ method: MethodFacts?, _ trainableLine: String?, width: Int
  ) -> [String] {
    let words =
      switch self.method {
      case .full: "all weights"
      case .lora(let section): "lora r \(section.rank.value)"
      }
    var lines = ["\(method?.summary ?? words) on \(data.value), \(optimizer.text)"]
    lines += method?.coverage(width: width) ?? []
    if let trainableLine { lines.append(trainableLine) }
    let size = batch.size.value
    let micro = batch.accumulate.value == 1 ? "\(size)" : "\(batch.accumulate.value) × \(size)"
    let rows = batch.packing.value ? "packed sequences" : "rows"
    switch length {
    case .epochs(let epochs):
      lines.append(
        "\(Quantities.compact(epochs.value - Double(startEpoch.value))) epochs in steps of \(micro) \(rows), "
          + "learning rate \(schedule.text)")
    case .maxSteps(let steps):
      lines.append("\(Quantities.grouped(steps.value)) steps of \(micro) \(rows)")
      lines += rateLines(steps: steps.value, width: width)
    }
    return lines
  }

  /// The learning rate where it does not depend on how long an epoch is.
  private func rateLines(steps: Int, width: Int) -> [String] {
    if case .step(let every, _) = schedule.kind, every.value.unit == .epoch { return [] }
    guard steps <= StagePreparation.maximumSteps,
      let resolved = try? schedule.resolved(
        learningRate: optimizer.learningRate.value, totalSteps: steps, stepsPerEpoch: 1)
    else { return [] }
    return LearningRateText.lines(
      schedule.text, warmupSteps: resolved.warmupSteps,
      (0..<steps).map { resolved.learningRate(atStep: $0) }, width: width)
  }
}
