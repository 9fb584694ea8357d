import Diagnostics
import YAMLSyntax

/// Turns a tree into a pipeline; what cannot be read is reported and stands in as a placeholder.
struct PipelineDecoder {
  let findings: Findings
  let overrides: [PipelineOverride]
  /// What the model is for; stages have defaults by it.
  private(set) var task = ModelSection.Task.causalLM

  init(findings: Findings, overrides: [PipelineOverride]) {
    self.findings = findings
    self.overrides = overrides
  }

  mutating func pipeline(_ root: SyntaxNode) -> Pipeline {
    let reader = SectionReader(
      PipelineTable.table, root, path: "", keySpan: nil, findings: findings)
    checkVersion(reader)
    let name = reader.value(PipelineTable.name)
    let model = model(reader)
    task = model.task.value
    return Pipeline(
      file: findings.file,
      name: name,
      seed: reader.value(PipelineTable.seed),
      backend: backend(reader),
      model: model,
      data: data(reader),
      stages: stages(reader),
      output: reader.optional(PipelineTable.output)
        ?? Setting("runs/\(name.value)", path: "output", origin: .default))
  }

  private func checkVersion(_ reader: SectionReader) {
    let version = reader.value(PipelineTable.hone)
    guard findings.isSound(version), version.value != PipelineTable.version else { return }
    findings.report(
      .unsupportedVersion, "version \(version.value) of the language is not known",
      at: version.span, version.path,
      help:
        "this Hone reads version \(PipelineTable.version): write `hone: \(PipelineTable.version)`"
    )
  }

  // MARK: Backend

  private func backend(_ reader: SectionReader) -> BackendSection {
    var (name, threads) = writtenBackend(reader)
    for override in overrides {
      switch override {
      case .backend(let text):
        if let chosen = BackendSection.Name(rawValue: text) {
          name = Setting(chosen, path: "backend", origin: .option("--backend"))
          if chosen == .reference { threads = nil }
        } else {
          let names = BackendSection.Name.allCases.map(\.rawValue)
          let near = Suggestion.nearest(to: text, among: names)
          findings.report(
            .unknownChoice, "unknown value `\(Findings.excerpt(text))` for `--backend`", at: nil,
            nil,
            help: (near.map { "did you mean `\($0)`? " } ?? "") + "it takes one of "
              + names.map { "`\($0)`" }.joined(separator: ", "))
        }
      case .threads(let count):
        guard (1...4096).contains(count) else {
          findings.report(
            .valueOutOfRange, "`--threads` must be between 1 and 4096; found `\(count)`", at: nil,
            nil)
          continue
        }
        threads = Setting(count, path: "backend.cpu.threads", origin: .option("--threads"))
      case .set: continue
      }
    }
    if name.value == .reference, let threads, case .option = threads.origin {
      findings.report(
        .conflictingKeys, "`--threads` has no place beside the `reference` backend", at: nil, nil,
        help: "leave `--threads` out, or choose the `cpu` backend")
    }
    return BackendSection(name: name, threads: threads)
  }

  private func writtenBackend(
    _ reader: SectionReader
  ) -> (Setting<BackendSection.Name>, Setting<Int>?) {
    let standard = Setting(BackendSection.Name.cpu, path: "backend", origin: .default)
    guard let entry = reader.entry("backend") else { return (standard, nil) }
    let origin = entry.value.origin
    if entry.value.entries != nil, let section = reader.section("backend", BackendTable.table) {
      let cpu = section.section("cpu", BackendTable.cpu)
      _ = section.section("reference", BackendTable.reference)
      let isReference = cpu == nil && section.entry("reference") != nil
      return (
        Setting(isReference ? .reference : .cpu, path: "backend", origin: origin),
        cpu?.optional(BackendTable.threads)
      )
    }
    let place = reader.place("backend")
    guard let name = BackendTable.name.decode(entry.value, place, findings) else {
      return (standard, nil)
    }
    return (Setting(name, path: "backend", origin: origin), nil)
  }

  // MARK: Model

  private func model(_ reader: SectionReader) -> ModelSection {
    let section = reader.sectionOrDefault("model", ModelTable.table)
    var source = ModelSection.Source.load(section.value(ModelTable.load))
    let created = section.section("create", CreateTable.table).map(self.created)
    if section.entry("load") == nil, let created { source = .create(created) }
    let isMade = section.entry("tokenizer")?.value.entries != nil
    return ModelSection(
      source: source,
      config: section.optional(ModelTable.config),
      task: section.value(ModelTable.task),
      labels: section.elements(ModelTable.labels),
      problemType: section.value(ModelTable.problemType),
      dtype: section.value(ModelTable.dtype),
      dropout: section.optional(ModelTable.dropout),
      tokenizer: isMade ? nil : section.optional(ModelTable.tokenizer),
      tokenizerTraining: isMade ? tokenizerTraining(section) : nil,
      span: section.span)
  }

  private func tokenizerTraining(_ section: SectionReader) -> TokenizerTraining? {
    section.section("tokenizer", TokenizerTable.table).map { section in
      TokenizerTraining(
        kind: section.value(TokenizerTable.train),
        size: section.optional(TokenizerTable.size),
        specialTokens: section.optional(TokenizerTable.specialTokens),
        data: section.elements(TokenizerTable.data),
        span: section.span)
    }
  }

  private func created(_ section: SectionReader) -> CreatedModel {
    let architecture = section.value(CreateTable.architecture)
    let standardTie = Setting(
      architecture.value == .bart || architecture.value == .bert,
      path: section.path(of: "tie_word_embeddings"), origin: .default)
    return CreatedModel(
      architecture: architecture,
      hiddenSize: section.value(CreateTable.hiddenSize),
      intermediateSize: section.value(CreateTable.intermediateSize),
      hiddenLayers: section.value(CreateTable.hiddenLayers),
      decoderLayers: section.optional(CreateTable.decoderLayers),
      attentionHeads: section.value(CreateTable.attentionHeads),
      keyValueHeads: section.optional(CreateTable.keyValueHeads),
      headDimension: section.optional(CreateTable.headDimension),
      maxPositionEmbeddings: section.value(CreateTable.maxPositionEmbeddings),
      ropeTheta: section.value(CreateTable.ropeTheta),
      rmsNormEpsilon: section.value(CreateTable.rmsNormEpsilon),
      tieWordEmbeddings: section.optional(CreateTable.tieWordEmbeddings) ?? standardTie,
      initializerRange: section.value(CreateTable.initializerRange))
  }
}
