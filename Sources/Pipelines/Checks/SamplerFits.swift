import Diagnostics

/// A sampler finds in the rows what it goes by.
enum SamplerFits {
  static func check(_ pipeline: Pipeline, _ findings: Findings) {
    for (_, train) in pipeline.trainStages {
      switch train.batch.order {
      case .shuffle: continue
      case .sampler(let sampler):
        guard findings.isSound(sampler) else { continue }
        check(sampler, train.batch.packing, findings)
        if sampler.value == .weighted { checkLabels(sampler, pipeline.model, findings) }
      case .distributed(let section): check(section, findings)
      }
    }
  }

  private static func check(
    _ sampler: Setting<BatchSection.NamedSampler>, _ packing: Setting<Bool>, _ findings: Findings
  ) {
    let reason: String
    switch sampler.value {
    case .random, .sequential: return
    case .lengthGrouped:
      reason = "puts rows of like length together, and packed sequences are equal"
    case .weighted: reason = "draws single rows, and `packing` joins them for good"
    }
    guard findings.isSound(packing), packing.value else { return }
    findings.report(
      .conflictingKeys, "`sampler: \(sampler.value.rawValue)` \(reason)", at: sampler.span,
      sampler.path, help: "keep one of the two",
      notes: packing.span.map { [Diagnostic.Note("`packing` stands here", at: $0)] } ?? [])
  }

  private static func checkLabels(
    _ sampler: Setting<BatchSection.NamedSampler>, _ model: ModelSection, _ findings: Findings
  ) {
    guard findings.isSound(model.task), findings.isSound(model.problemType) else { return }
    let isClassification = model.task.value == .sequenceClassification
    if isClassification, model.problemType.value == .singleLabel { return }
    let rows =
      isClassification
      ? "rows with `problem_type: \(model.problemType.value.rawValue)` have several"
      : "rows for `task: \(model.task.value.rawValue)` have none"
    findings.report(
      .conflictingKeys, "`sampler: weighted` goes by the one label of a row; \(rows)",
      at: sampler.span, sampler.path, help: "remove it, or classify rows by one label")
  }

  private static func check(_ section: BatchSection.DistributedSection, _ findings: Findings) {
    guard findings.isSound(section.rank), findings.isSound(section.worldSize),
      section.rank.value >= section.worldSize.value
    else { return }
    let workers = section.worldSize.value
    findings.report(
      .valueOutOfRange, "`rank` must be below `world_size`; found `\(section.rank.value)`",
      at: section.rank.span, section.rank.path,
      help: "ranks count from 0: the last of \(workers) has \(workers - 1)",
      notes: section.worldSize.span.map { [Diagnostic.Note("`world_size` is \(workers)", at: $0)] }
        ?? [])
  }
}
