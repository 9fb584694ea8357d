import Artifacts
package import Diagnostics
import Models
package import Pipelines
package import Tensors

/// Turns a pipeline and the files it names into a plan, without touching a weight.
package struct Planner: Sendable {
  let pipeline: Pipeline
  let backend: any ComputeBackend
  let honeVersion: String
  let paths: InputPaths
  /// What a plan is held against; nil holds it against no machine.
  let machine: MachineFacts?
  let caseName: String?
  let overrides: [PipelineOverride]

  /// Plans `pipeline` for `backend`; `caseName` and `overrides` say how it came to be what it is.
  package init(
    _ pipeline: Pipeline, backend: any ComputeBackend, honeVersion: String,
    machine: MachineFacts? = nil, caseName: String? = nil, overrides: [PipelineOverride] = []
  ) {
    self.machine = machine
    self.pipeline = pipeline
    self.backend = backend
    self.honeVersion = honeVersion
    self.caseName = caseName
    self.overrides = overrides
    paths = InputPaths(pipeline: pipeline.file)
  }

  /// The run, and everything that is to be said of it; nil with at least one error.
  ///
  /// What `earlier`, a run of a like pipeline, has of the same model and data is not read again.
  package func prepare(
    after earlier: PreparedRun? = nil
  ) -> (run: PreparedRun?, diagnostics: [Diagnostic]) {
    var diagnostics = DiagnosticBag()
    var refused: Set<String> = []
    for section in pipeline.data {
      for finding in FirstRows.findings(section, paths) {
        diagnostics.report(finding)
        refused.insert(section.path)
      }
    }
    let model: PreparedModel
    do throws(DiagnosticError) {
      model = try self.model(known: earlier)
    } catch {
      for diagnostic in error.diagnostics { diagnostics.report(diagnostic) }
      return (nil, diagnostics.sorted)
    }
    for finding in ModelChecks.findings(pipeline, model)
    where !refused.contains(finding.section ?? "") {
      diagnostics.report(finding.diagnostic)
      if let section = finding.section { refused.insert(section) }
    }
    let data =
      rows(of: earlier)
      ?? PreparedData(
        pipeline, paths: paths, tokenizer: model.tokenizer, task: model.rowTask,
        refused: refused,
        diagnostics: &diagnostics)
    var stages = StagePreparation(self, model: model, data: data)
    stages.prepareAll(&diagnostics)
    let checked = CheckedStages(
      pipeline: pipeline, model: model, data: data, backend: backend.capabilities,
      stages: stages.prepared)
    for finding in PlanChecks.findings(checked) { diagnostics.report(finding) }
    guard !diagnostics.hasErrors else { return (nil, diagnostics.sorted) }
    let memories = memories(model, data, stages)
    let run = PreparedRun(
      plan: plan(model, data, stages, memories), pipeline: pipeline, model: model, data: data,
      stages: stages.prepared, memories: memories)
    if let machine {
      for finding in MachineHoldsRun.findings(run.plan, pipeline, on: machine) {
        diagnostics.report(finding)
      }
    }
    return (run, diagnostics.sorted)
  }

  private func model(known earlier: PreparedRun?) throws(DiagnosticError) -> PreparedModel {
    if let earlier, earlier.pipeline.file == pipeline.file,
      earlier.pipeline.model == pipeline.model,
      !pipeline.model.task.value.isOfRows && pipeline.model.tokenizerTraining == nil
        || earlier.pipeline.data == pipeline.data
    {
      return earlier.model
    }
    return try PreparedModel(pipeline, paths: paths)
  }

  private func rows(of earlier: PreparedRun?) -> PreparedData? {
    guard let earlier, earlier.pipeline.file == pipeline.file,
      earlier.pipeline.data == pipeline.data, earlier.pipeline.seed == pipeline.seed,
      earlier.pipeline.model.source == pipeline.model.source,
      earlier.pipeline.model.tokenizer == pipeline.model.tokenizer,
      earlier.pipeline.model.tokenizerTraining == pipeline.model.tokenizerTraining
    else { return nil }
    return earlier.data
  }

  private func plan(
    _ model: PreparedModel, _ data: PreparedData, _ stages: StagePreparation,
    _ memories: [MemoryFacts]
  ) -> Plan {
    let draft = Plan(
      honeVersion: honeVersion,
      pipeline: PipelineFacts(
        file: pipeline.file, name: pipeline.name.value, seed: pipeline.seed.value,
        output: pipeline.output.value, caseName: caseName, overrides: overrides),
      backend: BackendFacts(
        name: backend.capabilities.name, threads: backend.capabilities.threads),
      model: model.facts, data: data.names.compactMap { data[$0]?.facts },
      stages: stages.plans, memory: peak(of: memories, model, data, stages),
      settings: pipeline.resolvedSettings,
      outputs: outputs(stages), identity: "")
    return draft.identified()
  }

  /// The memory of the stage that takes the most.
  func memory(
    _ model: PreparedModel, _ data: PreparedData, _ stages: StagePreparation
  ) -> MemoryFacts {
    peak(of: memories(model, data, stages), model, data, stages)
  }

  /// The largest of the stages' memories; without stages what model and rows take.
  private func peak(
    of memories: [MemoryFacts], _ model: PreparedModel, _ data: PreparedData,
    _ stages: StagePreparation
  ) -> MemoryFacts {
    let none = StageMemory(
      trainableBytes: 0, gradientBytes: 0, optimizerBytes: 0, activationBytes: 0,
      workspaceBytes: 0, cacheBytes: 0)
    return memories.max { $0.peakBytes < $1.peakBytes }
      ?? memory(none, base: stages.baseBytes, model, data)
  }

  /// The memory that the process takes in each stage.
  private func memories(
    _ model: PreparedModel, _ data: PreparedData, _ stages: StagePreparation
  ) -> [MemoryFacts] {
    stages.prepared.map { stage in
      // What a stage trains where it stands is not kept beside.
      let replaced = BaseMemory.bytes(of: stage.programs.replacedWeights, in: model)
      let base = stages.baseBytes
      return memory(
        stage.memory, base: (base.all - replaced.all, base.mapped - replaced.mapped), model, data)
    }
  }

  private func memory(
    _ stage: StageMemory, base: (all: Int, mapped: Int), _ model: PreparedModel,
    _ data: PreparedData
  ) -> MemoryFacts {
    MemoryFacts(
      frozenBytes: base.all, mappedBytes: base.mapped, trainableBytes: stage.trainableBytes,
      gradientBytes: stage.gradientBytes, optimizerBytes: stage.optimizerBytes,
      activationBytes: stage.activationBytes, workspaceBytes: stage.workspaceBytes,
      cacheBytes: stage.cacheBytes, dataBytes: data.byteCount,
      processBytes: ProcessMemory.byteCount(vocabularySize: model.tokenizer.vocabularySize))
  }

  private func outputs(_ stages: StagePreparation) -> [OutputFacts] {
    let directory = pipeline.output.value
    func inside(_ name: String) -> String { FilePaths.joining(directory, name) }
    var outputs = [
      OutputFacts(path: inside("plan.json"), content: "this plan", byteCount: nil),
      OutputFacts(path: inside("metrics.jsonl"), content: "a line a step", byteCount: nil),
      OutputFacts(path: inside("events.jsonl"), content: "the story", byteCount: nil),
    ]
    for stage in stages.prepared {
      guard case .train(let training) = stage.work else { continue }
      if let cadence = training.checkpoint {
        outputs.append(
          OutputFacts(
            path: inside("checkpoints"), content: "the newest \(cadence.keep) of \(stage.name)",
            byteCount: cadence.keep
              * (stage.memory.trainableBytes + stage.memory.optimizerBytes)))
      } else if training.keepsFinalState {
        outputs.append(
          OutputFacts(
            path: inside("checkpoints"), content: "the end of \(stage.name)",
            byteCount: stage.memory.trainableBytes))
      }
    }
    for case .export(let export) in stages.plans.map(\.work) {
      outputs.append(
        OutputFacts(path: export.path, content: export.kind, byteCount: export.byteCount))
    }
    return outputs
  }
}

extension StageMemory {
  /// All parts together.
  package var byteCount: Int {
    trainableBytes + gradientBytes + optimizerBytes + activationBytes + workspaceBytes + cacheBytes
  }
}
