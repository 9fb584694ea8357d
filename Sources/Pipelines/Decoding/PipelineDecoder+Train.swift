import Diagnostics
import YAMLSyntax

extension PipelineDecoder {
  func train(_ section: SectionReader) -> TrainStage {
    let clip = section.value(TrainTable.clipNorm)
    return TrainStage(
      data: section.value(TrainTable.data),
      method: method(section.sectionOrDefault("method", MethodTable.table)),
      length: length(section),
      startEpoch: section.value(TrainTable.startEpoch),
      batch: batch(section.sectionOrDefault("batch", BatchTable.table)),
      optimizer: optimizer(section.sectionOrDefault("optimizer", OptimizerTable.table)),
      schedule: schedule(section),
      clipNorm: clip.value.map { Setting($0, path: clip.path, origin: clip.origin) },
      recompute: section.value(TrainTable.recompute),
      checkpoint: section.section("checkpoint", CheckpointTable.table).map {
        CheckpointSection(
          every: $0.value(CheckpointTable.every), keep: $0.value(CheckpointTable.keep))
      },
      evaluate: section.section("evaluate", TrainingEvaluationTable.table).map {
        TrainingEvaluation(
          data: $0.value(EvaluateTable.data), every: $0.value(TrainingEvaluationTable.every),
          measurement: measurement($0))
      })
  }

  private func length(_ section: SectionReader) -> TrainStage.Length {
    let epochs = section.optional(TrainTable.epochs)
    let steps = section.optional(TrainTable.maxSteps)
    if let epochs { return .epochs(epochs) }
    if let steps { return .maxSteps(steps) }
    let path = section.path(of: "epochs")
    findings.markBroken(path)
    return .epochs(Setting(1, path: path, origin: .default))
  }

  private func batch(_ section: SectionReader) -> BatchSection {
    BatchSection(
      size: section.value(BatchTable.size),
      accumulate: section.value(BatchTable.accumulate),
      order: order(section),
      dropLast: section.value(BatchTable.dropLast),
      packing: section.value(BatchTable.packing))
  }

  private func order(_ section: SectionReader) -> BatchSection.Order {
    guard let entry = section.entry("sampler") else {
      return .shuffle(section.value(BatchTable.shuffle))
    }
    let place = section.place("sampler")
    if entry.value.entries != nil || entry.value.isNull {
      let share = section.section("sampler", SamplerTable.table)?
        .section("distributed", SamplerTable.distributed)
      if let share {
        return .distributed(
          BatchSection.DistributedSection(
            rank: share.value(SamplerTable.rank), worldSize: share.value(SamplerTable.worldSize),
            shuffle: share.value(SamplerTable.shuffle)))
      }
    } else if entry.value.scalar?.text == "distributed" {
      findings.report(
        .unknownChoice, "`sampler: distributed` does not say which worker's rows",
        at: entry.value.span, place.path,
        help: "write `sampler: {distributed: {rank: 0, world_size: 2}}`")
    } else if let sampler = SamplerTable.word.decode(entry.value, place, findings) {
      return .sampler(Setting(sampler, path: place.path, origin: entry.value.origin))
    }
    findings.markBroken(place.path)
    return .sampler(Setting(.random, path: place.path, origin: .default))
  }

  // MARK: Method

  private func method(_ section: SectionReader) -> TrainStage.Method {
    let lora = section.section("lora", LoRATable.table).map(self.lora)
    let full = section.section("full", MethodTable.full).map { full in
      FullSection(
        trainLast: full.optional(MethodTable.trainLast), freeze: targets("freeze", full),
        span: full.span)
    }
    if let lora { return .lora(lora) }
    if full == nil { findings.markBroken(section.path) }
    return .full(full ?? FullSection())
  }

  private func lora(_ section: SectionReader) -> LoRASection {
    LoRASection(
      rank: section.value(LoRATable.rank),
      alpha: section.value(LoRATable.alpha),
      dropout: section.value(LoRATable.dropout),
      bias: section.value(LoRATable.bias),
      targetModules: targets("target_modules", section) ?? .familyDefault,
      excludeModules: targets("exclude_modules", section),
      layersToTransform: section.optional(LoRATable.layersToTransform),
      rankPattern: section.map("rank_pattern", LoRATable.rankValue).map { name, _, setting in
        LoRASection.PatternValue(pattern: name, value: setting)
      },
      alphaPattern: section.map("alpha_pattern", LoRATable.alphaValue).map { name, _, setting in
        LoRASection.PatternValue(pattern: name, value: setting)
      },
      modulesToSave: section.elements(LoRATable.modulesToSave),
      useRSLoRA: section.value(LoRATable.useRSLoRA),
      useDoRA: section.value(LoRATable.useDoRA),
      loraBias: section.value(LoRATable.loraBias),
      loraPlus: loraPlus(section),
      start: section.value(LoRATable.start),
      trainableTokens: trainableTokens(section),
      initialAdapter: section.optional(LoRATable.initialAdapter),
      span: section.span)
  }

  /// Token ids, or token ids by module.
  private func trainableTokens(_ section: SectionReader) -> [LoRASection.TokenSelection] {
    let key = "trainable_token_indices"
    guard let entry = section.entry(key) else { return [] }
    if entry.value.entries != nil || entry.value.isNull {
      return section.map(key, LoRATable.tokenIDs).map { name, _, setting in
        LoRASection.TokenSelection(module: name, ids: setting)
      }
    }
    let place = section.place(key)
    guard let ids = LoRATable.tokenIDs.decode(entry.value, place, findings) else {
      findings.markBroken(place.path)
      return []
    }
    return [
      LoRASection.TokenSelection(
        module: nil, ids: Setting(ids, path: place.path, origin: entry.value.origin))
    ]
  }

  private func loraPlus(_ section: SectionReader) -> LoRASection.LoRAPlus? {
    let rate = section.optional(LoRATable.loraPlusEmbedding)
    let ratio = section.optional(LoRATable.loraPlusRatio)
    if ratio == nil, section.entry("loraplus_ratio") == nil, let rate {
      findings.report(
        .conflictingKeys, "`loraplus_lr_embedding` is read with `loraplus_ratio` only",
        at: rate.span, rate.path,
        help: "add `loraplus_ratio: 16`, or remove it")
    }
    return ratio.map { LoRASection.LoRAPlus(ratio: $0, embeddingRate: rate) }
  }

  /// A list of names, an expression or `all-linear`; nil where nothing is written or it is broken.
  private func targets(_ key: String, _ section: SectionReader) -> LoRASection.Targets? {
    guard let entry = section.entry(key) else { return nil }
    let place = section.place(key)
    if entry.value.elements != nil {
      let names = findings.list(
        entry.value, of: LoRATable.moduleName, count: 1...10_000, isSet: true, place)
      if names == nil { findings.markBroken(place.path) }
      return names.map { .list($0) }
    }
    guard entry.value.entries == nil, !entry.value.isNull else {
      findings.wrongType(
        entry.value, "a list of names or a regular expression", place,
        help: "write `\(key): [q_proj, v_proj]`, for example")
      findings.markBroken(place.path)
      return nil
    }
    guard let text = LoRATable.expression.decode(entry.value, place, findings) else {
      findings.markBroken(place.path)
      return nil
    }
    let setting = Setting(text, path: place.path, origin: entry.value.origin)
    let takesAllLinear = key == "target_modules" && text == LoRATable.allLinear
    return takesAllLinear ? .allLinear(setting) : .pattern(setting)
  }

  // MARK: Optimizer

  private func optimizer(_ section: SectionReader) -> OptimizerSection {
    let sgd = section.section("sgd", OptimizerTable.sgd).map(self.sgd)
    let adam = section.section("adam", OptimizerTable.adam).map { adam in
      OptimizerSection(
        kind: .adam(adamSettings(adam)), learningRate: adam.value(OptimizerTable.learningRate),
        weightDecay: adam.value(OptimizerTable.weightDecay))
    }
    let adamw = section.section("adamw", OptimizerTable.adamw).map(self.adamw)
    if let optimizer = sgd ?? adam ?? adamw { return optimizer }
    findings.markBroken(section.path)
    return self.adamw(
      SectionReader(broken: OptimizerTable.adamw, path: section.path, findings: findings))
  }

  private func sgd(_ section: SectionReader) -> OptimizerSection {
    OptimizerSection(
      kind: .sgd(
        momentum: section.value(OptimizerTable.momentum),
        nesterov: section.value(OptimizerTable.nesterov)),
      learningRate: section.value(OptimizerTable.learningRate),
      weightDecay: section.value(OptimizerTable.weightDecay))
  }

  private func adamw(_ section: SectionReader) -> OptimizerSection {
    OptimizerSection(
      kind: .adamw(adamSettings(section)),
      learningRate: section.value(OptimizerTable.learningRate),
      weightDecay: section.value(OptimizerTable.decoupledWeightDecay))
  }

  private func adamSettings(_ section: SectionReader) -> OptimizerSection.AdamSection {
    let betas = section.elements(OptimizerTable.betas)
    let fallback = OptimizerTable.betas.fallback
    func beta(_ index: Int) -> Setting<Double> {
      index < betas.count
        ? betas[index]
        : Setting(
          fallback[index], path: section.path(of: "betas") + "[\(index)]", origin: .default)
    }
    return OptimizerSection.AdamSection(
      beta1: beta(0), beta2: beta(1),
      epsilon: section.value(OptimizerTable.epsilon),
      amsgrad: section.value(OptimizerTable.amsgrad))
  }

  // MARK: Schedule

  private func schedule(_ section: SectionReader) -> ScheduleSection {
    let path = section.path(of: "schedule")
    let noWarmup = Setting(
      ScheduleSection.Warmup.steps(0), path: "\(path).warmup", origin: .default)
    guard let entry = section.entry("schedule") else {
      return ScheduleSection(kind: .linear, warmup: noWarmup)
    }
    if entry.value.entries != nil || entry.value.isNull,
      let section = section.section("schedule", ScheduleTable.table)
    {
      return ScheduleSection(
        kind: scheduleKind(section), warmup: section.value(ScheduleTable.warmup))
    }
    let place = section.place("schedule")
    let text = findings.text(entry.value, "the name of a schedule or a mapping", place)
    let kind = text.flatMap { scheduleKind($0, entry.value, place) }
    if kind == nil { findings.markBroken(path) }
    return ScheduleSection(kind: kind ?? .linear, warmup: noWarmup)
  }

  /// The shape that a word names, with its defaults.
  private func scheduleKind(
    _ text: String, _ node: SyntaxNode, _ place: ValuePlace
  ) -> ScheduleSection.Kind? {
    func defaults(_ table: SectionTable) -> SectionReader {
      SectionReader(
        table, nil, path: "\(place.path).\(table.name)", keySpan: nil, findings: findings)
    }
    switch text {
    case "constant": return .constant
    case "linear": return .linear
    case "cosine": return cosine(defaults(ScheduleTable.cosine))
    case "polynomial": return polynomial(defaults(ScheduleTable.polynomial))
    case "inverse_sqrt": return inverseSquareRoot(defaults(ScheduleTable.inverseSquareRoot))
    default:
      if let known = ScheduleTable.table.fields.first(where: {
        $0.key == text || $0.otherNames.contains(text)
      }) {
        findings.report(
          .unknownChoice, "unknown value `\(text)` for `schedule`", at: node.span, place.path,
          help: "write `schedule: {\(known.key): \(known.example)}`"
            + (text.contains("warmup") ? ", with `warmup` beside it" : ""))
      } else {
        findings.unknownChoice(text, ScheduleTable.words + ["step"], node, place)
      }
      return nil
    }
  }

  private func scheduleKind(_ section: SectionReader) -> ScheduleSection.Kind {
    _ = section.section("constant", ScheduleTable.constant)
    _ = section.section("linear", ScheduleTable.linear)
    let cosine = section.section("cosine", ScheduleTable.cosine).map(self.cosine)
    let polynomial = section.section("polynomial", ScheduleTable.polynomial).map(self.polynomial)
    let inverse = section.section("inverse_sqrt", ScheduleTable.inverseSquareRoot)
      .map(self.inverseSquareRoot)
    let step = section.section("step", ScheduleTable.step).map { section in
      ScheduleSection.Kind.step(
        every: section.value(ScheduleTable.every), gamma: section.value(ScheduleTable.gamma))
    }
    if let kind = cosine ?? polynomial ?? inverse ?? step { return kind }
    return section.entry("constant") != nil ? .constant : .linear
  }

  private func cosine(_ section: SectionReader) -> ScheduleSection.Kind {
    .cosine(cycles: section.value(ScheduleTable.cycles))
  }

  private func polynomial(_ section: SectionReader) -> ScheduleSection.Kind {
    .polynomial(
      power: section.value(ScheduleTable.power),
      endLearningRate: section.value(ScheduleTable.endLearningRate))
  }

  private func inverseSquareRoot(_ section: SectionReader) -> ScheduleSection.Kind {
    .inverseSquareRoot(timescale: section.optional(ScheduleTable.timescale))
  }
}
