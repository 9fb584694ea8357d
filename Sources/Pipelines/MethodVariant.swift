/// Another method than a pipeline's own, to compare it with.
package enum MethodVariant: Hashable, Sendable {
  /// All weights.
  case full
  /// LoRA as the pipeline has it, or as ``LoRAChanges/assumed`` says, with some settings changed.
  case lora(LoRAChanges)

  /// What is another than in the pipeline; nil stays as it is.
  package struct LoRAChanges: Hashable, Sendable {
    package var rank: Int?
    package var alpha: Double?
    package var targetModules: [String]?
    package var useRSLoRA: Bool?

    package init() {}

    /// What stands for a pipeline without a `lora` section: PEFT's rank, and an alpha of twice that.
    package static let assumed = (rank: 8, alpha: 16.0)
  }
}

extension Pipeline {
  /// The pipeline with `variant` as the method of every training stage.
  package func replacing(_ variant: MethodVariant, origin: Origin) -> Pipeline {
    replacingStages { stage in
      guard case .train(let train) = stage.work else { return stage }
      return stage.replacing(
        .train(train.replacing(train.method.replaced(variant, stage: stage, origin))))
    }
  }

  /// Whether a training stage has a `lora` section.
  package var hasLoRA: Bool {
    stages.contains { stage in
      if case .train(let train) = stage.work, case .lora = train.method { true } else { false }
    }
  }
}

extension TrainStage.Method {
  fileprivate func replaced(
    _ variant: MethodVariant, stage: Stage, _ origin: Origin
  ) -> TrainStage.Method {
    switch (variant, self) {
    case (.full, .full(let section)): .full(section)
    case (.full, .lora): .full(FullSection())
    case (.lora(let changes), .lora(let section)): .lora(section.changed(changes, origin))
    case (.lora(let changes), .full):
      .lora(
        LoRASection(assumedAt: "\(stage.path).train.method.lora", origin).changed(changes, origin))
    }
  }
}

extension LoRASection {
  /// A section with what is assumed where a pipeline says nothing of LoRA.
  fileprivate init(assumedAt path: String, _ origin: Origin) {
    func setting<Value>(_ value: Value, _ key: String) -> Setting<Value> {
      Setting(value, path: "\(path).\(key)", origin: origin)
    }
    self.init(
      rank: setting(MethodVariant.LoRAChanges.assumed.rank, "r"),
      alpha: setting(MethodVariant.LoRAChanges.assumed.alpha, "alpha"),
      dropout: setting(0, "dropout"), bias: setting(.none, "bias"), targetModules: .familyDefault,
      excludeModules: nil, layersToTransform: nil, rankPattern: [], alphaPattern: [],
      modulesToSave: [], useRSLoRA: setting(false, "use_rslora"),
      useDoRA: setting(false, "use_dora"), loraBias: setting(false, "lora_bias"), loraPlus: nil,
      start: setting(.kaimingUniform, "init_lora_weights"), trainableTokens: [],
      initialAdapter: nil, span: nil)
  }

  /// The section with `changes`; an adapter to go on from is left out where they do not fit it.
  fileprivate func changed(
    _ changes: MethodVariant.LoRAChanges, _ origin: Origin
  ) -> LoRASection {
    func setting<Value>(_ value: Value?, _ old: Setting<Value>) -> Setting<Value> {
      value.map { Setting($0, path: old.path, origin: origin) } ?? old
    }
    let targets = changes.targetModules.map { entries -> Targets in
      let base = String(rank.path.dropLast(rank.path.hasSuffix(".r") ? 2 : 0))
      if entries == ["all-linear"] {
        return .allLinear(
          Setting("all-linear", path: "\(base).target_modules", origin: origin))
      }
      return .list(
        entries.enumerated().map {
          Setting($1, path: "\(base).target_modules[\($0)]", origin: origin)
        })
    }
    return LoRASection(
      rank: setting(changes.rank, rank), alpha: setting(changes.alpha, alpha), dropout: dropout,
      bias: bias, targetModules: targets ?? targetModules, excludeModules: excludeModules,
      layersToTransform: layersToTransform,
      rankPattern: changes.rank == nil ? rankPattern : [], alphaPattern: alphaPattern,
      modulesToSave: modulesToSave, useRSLoRA: setting(changes.useRSLoRA, useRSLoRA),
      useDoRA: useDoRA, loraBias: loraBias, loraPlus: loraPlus, start: start,
      trainableTokens: trainableTokens,
      initialAdapter: changes == MethodVariant.LoRAChanges() ? initialAdapter : nil, span: span)
  }
}
