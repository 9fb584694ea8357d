import Diagnostics
import YAMLSyntax

extension PipelineDecoder {
  /// The stages in their order, each with a name of its own; one whose kind is not known is left out.
  func stages(_ reader: SectionReader) -> [Stage] {
    let place = reader.place("stages")
    guard let entry = reader.entry("stages") else {
      findings.markBroken("stages")
      return []
    }
    guard let nodes = entry.value.elements else {
      findings.wrongType(
        entry.value, "a list of stages", place,
        help: entry.value.entries == nil
          ? "write `- train:` or another stage under `stages:`"
          : "put `- ` before each stage, as `- train:`")
      findings.markBroken("stages")
      return []
    }
    guard !nodes.isEmpty, nodes.count <= 1000 else {
      findings.report(
        .valueOutOfRange, "`stages` must have between 1 and 1000 elements; found \(nodes.count)",
        at: entry.value.span, "stages")
      return []
    }
    let drafts = nodes.enumerated().map { index, node in
      draft(node, path: place.element(index).path)
    }
    return named(drafts.compactMap { $0 })
  }

  /// A stage before the names of others are known.
  private struct Draft {
    let name: Setting<String>?
    let work: Stage.Work
    let span: SourceSpan?
    let path: String
  }

  private func draft(_ node: SyntaxNode, path: String) -> Draft? {
    let stage = SectionReader(
      StageTable.table.named(path), node, path: path, keySpan: nil, findings: findings)
    let kinds = Stage.Kind.allCases.filter { stage.entry($0.rawValue) != nil }
    // Of two kinds, which has been reported, both are read, so that all that is wrong shows.
    let drafts = kinds.compactMap { kind -> Draft? in
      let (work, section) = work(kind, stage)
      return Draft(
        name: section.optional(StageTable.name), work: work, span: section.span, path: path)
    }
    if drafts.count != 1 { findings.markBroken("stages") }
    return drafts.first
  }

  private func work(_ kind: Stage.Kind, _ stage: SectionReader) -> (Stage.Work, SectionReader) {
    switch kind {
    case .train:
      let section = stage.sectionOrDefault("train", TrainTable.table)
      return (.train(train(section)), section)
    case .evaluate:
      let section = stage.sectionOrDefault("evaluate", EvaluateTable.table)
      return (.evaluate(evaluate(section)), section)
    case .generate:
      let section = stage.sectionOrDefault("generate", GenerateTable.table)
      return (.generate(generate(section)), section)
    case .export:
      let section = stage.sectionOrDefault("export", ExportTable.table)
      return (.export(export(section)), section)
    }
  }

  /// Gives each stage its name: the written one, else its kind with a number where that is taken.
  private func named(_ drafts: [Draft]) -> [Stage] {
    var taken = Set(drafts.compactMap { $0.name?.value })
    return drafts.map { draft in
      let kind = draft.work.kind.rawValue
      var name = kind
      var number = 1
      while draft.name == nil, !taken.insert(name).inserted {
        number += 1
        name = "\(kind)-\(number)"
      }
      return Stage(
        name: draft.name ?? Setting(name, path: "\(draft.path).\(kind).name", origin: .default),
        work: draft.work, span: draft.span, path: draft.path)
    }
  }

  // MARK: The small stages

  private func evaluate(_ section: SectionReader) -> EvaluateStage {
    EvaluateStage(
      data: section.value(EvaluateTable.data),
      measurement: measurement(section),
      batchSize: section.value(EvaluateTable.batchSize))
  }

  /// What an evaluation reports; by the task where nothing is said.
  func measurement(_ section: SectionReader) -> MeasurementSection {
    let metrics =
      section.entry("metrics") == nil
      ? task.standardMetrics.enumerated().map { index, metric in
        Setting(metric, path: section.path(of: "metrics") + "[\(index)]", origin: .default)
      } : section.elements(MeasurementTable.metrics)
    let generation = section.sectionOrDefault("generation", MeasurementTable.table)
    return MeasurementSection(
      metrics: metrics,
      tokenValues: section.map("token_values", MeasurementTable.tokenValue).map { name, _, value in
        MeasurementSection.TokenValue(token: name, value: value)
      },
      generation: EvaluationGeneration(
        maxNewTokens: generation.optional(MeasurementTable.maxNewTokens),
        beams: generation.value(GenerateTable.beams),
        lengthPenalty: generation.value(GenerateTable.lengthPenalty)))
  }

  private func generate(_ section: SectionReader) -> GenerateStage {
    GenerateStage(
      prompts: section.elements(GenerateTable.prompts),
      maxNewTokens: section.value(GenerateTable.maxNewTokens),
      temperature: section.value(GenerateTable.temperature),
      topK: section.optional(GenerateTable.topK),
      topP: section.optional(GenerateTable.topP),
      beams: section.value(GenerateTable.beams),
      lengthPenalty: section.value(GenerateTable.lengthPenalty),
      chat: section.value(GenerateTable.chat))
  }

  private func export(_ section: SectionReader) -> ExportStage {
    let adapter = section.optional(ExportTable.adapter)
    let merged = section.optional(ExportTable.merged)
    if let adapter { return .adapter(adapter) }
    let format = section.value(ExportTable.format)
    if let merged { return .merged(merged, format: format) }
    let path = section.path(of: "merged")
    findings.markBroken(path)
    return .merged(Setting("", path: path, origin: .default), format: format)
  }
}

extension SectionReader {
  /// The elements of a list, each a setting with its own place; of a default, elements without.
  func elements<Element>(_ field: Field<[Element]>) -> [Setting<Element>] {
    let list = value(field)
    let nodes = entry(field.entry.key)?.value.elements ?? []
    return list.value.enumerated().map { index, value in
      Setting(
        value, path: "\(list.path)[\(index)]",
        origin: index < nodes.count ? nodes[index].origin : .default)
    }
  }
}
