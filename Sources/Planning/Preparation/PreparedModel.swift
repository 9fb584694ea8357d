package import Artifacts
package import Diagnostics
package import Models
package import Pipelines
package import Tensors
package import Tokenizers

/// The model of a pipeline as far as it is known without its weights.
package struct PreparedModel: Sendable {
  /// Nil where weights are drawn anew.
  package let checkpoint: Checkpoint?
  package let description: ModelDescription
  package let tokenizer: Tokenizer
  /// How matrices that no stage trains are kept.
  package let weightType: DType
  /// What the model is for, in the pipeline's word.
  package let task: ModelSection.Task
  /// The names of the classes in the order of their numbers.
  package let labels: [String]
  /// Whether a row may have several labels.
  package let isMultiLabel: Bool

  /// What the plan says of the model; it takes the tokenizer's whole text to know it by.
  package var facts: ModelFacts {
    ModelFacts(
      path: checkpoint?.path, family: description.family.rawValue,
      parameterCount: description.parameterCount, weightType: weightType.rawValue,
      contextLength: description.contextLength, vocabularySize: description.vocabularySize,
      layerCount: description.layerCount, encoderLayerCount: description.encoderLayerCount,
      newWeights: newHeadWeights.map(\.name), headerIdentity: checkpoint?.headerIdentity,
      tokenizerIdentity: SHA256Digest(hashing: tokenizer.encodingIdentity).hex,
      chatTemplateIdentity: tokenizer.chatTemplate.map { SHA256Digest(hashing: $0.source).hex })
  }

  /// Opens headers, configuration and tokenizer, and holds them against each other.
  ///
  /// - Throws: everything that is wrong with them.
  package init(_ pipeline: Pipeline, paths: InputPaths) throws(DiagnosticError) {
    let section = pipeline.model
    let purpose = TaskPurpose(section, TaskRows(pipeline, paths))
    task = section.task.value
    isMultiLabel = section.problemType.value == .multiLabel
    weightType = DType(section.dtype.value)
    let tokenizerPath = section.tokenizer.map { paths.resolve($0) }
    switch section.source {
    case .load(let path):
      let (checkpoint, tokenizer, description, labels) = try diagnosing(
        at: path.span, path: path.path
      ) {
        let checkpoint = try Checkpoint.open(
          paths.resolve(path), configuration: section.config.map { paths.resolve($0) })
        if let finding = TaskFitsArchitecture.finding(
          section, readsNumbers: pipeline.readsNumbers, checkpoint.configuration)
        {
          throw DiagnosticError(finding)
        }
        let tokenizer =
          try pipeline.readsNumbers
          ? Self.withoutTexts() : Self.tokenizer(at: tokenizerPath, of: checkpoint)
        let labels = try purpose.labels(checkpoint.configuration)
        let description = try checkpoint.description(
          of: purpose.task(labels, checkpoint.configuration), dropout: section.dropout?.value)
        return (checkpoint, tokenizer, description, labels)
      }
      self.labels = labels
      self.checkpoint = checkpoint
      self.tokenizer = tokenizer
      self.description = description
      let problems =
        Self.tensorProblems(description, checkpoint)
        + Self.vocabularyProblems(description, tokenizer)
      if !problems.isEmpty {
        throw DiagnosticError(problems.map { $0.located(at: path.span, path: path.path) })
      }
    case .create(let created):
      checkpoint = nil
      let tokenizer: Tokenizer
      if pipeline.readsNumbers, section.tokenizer == nil {
        tokenizer = try diagnosing { try Self.withoutTexts() }
      } else if let training = section.tokenizerTraining {
        tokenizer = try training.tokenizer(pipeline, paths: paths)
      } else {
        let span = section.tokenizer?.span ?? section.span
        tokenizer = try diagnosing(at: span, path: "model.tokenizer") {
          try Self.tokenizer(at: tokenizerPath, of: nil)
        }
      }
      self.tokenizer = tokenizer
      let labels = try diagnosing(at: section.span, path: "model.create") {
        try purpose.labels(nil)
      }
      self.labels = labels
      description = try diagnosing(at: section.span, path: "model.create") {
        let configuration = try purpose.configuration(
          created.configuration(tokenizer, dropout: section.dropout?.value ?? 0))
        if let finding = TaskFitsArchitecture.finding(
          section, readsNumbers: pipeline.readsNumbers, configuration)
        {
          throw DiagnosticError(finding)
        }
        return ModelDescription(
          try ModelConfiguration(json: configuration),
          task: purpose.task(labels, configuration), dropout: section.dropout?.value ?? 0)
      }
    }
  }

  /// Opens a model from its path alone, as `hone inspect` and `hone logits` do.
  ///
  /// - Throws: everything that is wrong with it.
  package init(path: String, weightType: DType = .float32) throws(DiagnosticError) {
    let (checkpoint, tokenizer, description) = try diagnosing {
      let checkpoint = try Checkpoint.open(path)
      let tokenizer = try Self.tokenizer(at: nil, of: checkpoint)
      return (checkpoint, tokenizer, try checkpoint.description(of: nil))
    }
    let problems = Self.tensorProblems(description, checkpoint)
    if !problems.isEmpty { throw DiagnosticError(problems) }
    self.checkpoint = checkpoint
    self.tokenizer = tokenizer
    self.description = description
    self.weightType = weightType
    task = description.encoder == nil ? .causalLM : .seq2seqLM
    labels = []
    isMultiLabel = false
  }

  /// A model that is drawn anew from numbers at hand.
  package init(
    configuration: LlamaConfiguration, tokenizer: Tokenizer, weightType: DType = .float32
  ) {
    checkpoint = nil
    description = ModelDescription(.llama(configuration))
    self.tokenizer = tokenizer
    self.weightType = weightType
    task = .causalLM
    labels = []
    isMultiLabel = false
  }

  /// A model whose configuration and tokenizer lie where its weights are still to come.
  ///
  /// - Throws: what is wrong with them, or that they are not there either.
  init(withoutWeights section: ModelSection, paths: InputPaths) throws {
    let directory =
      switch section.source {
      case .load(let setting): paths.resolve(setting)
      case .create: ""
      }
    let configuration = try JSONFile.value(
      at: section.config.map { paths.resolve($0) } ?? FilePaths.joining(directory, "config.json"))
    checkpoint = nil
    task = section.task.value
    isMultiLabel = section.problemType.value == .multiLabel
    let purpose = TaskPurpose(section, TaskRows())
    labels = try purpose.labels(configuration)
    description = ModelDescription(
      try ModelConfiguration(json: configuration), task: purpose.task(labels, configuration),
      dropout: section.dropout?.value)
    tokenizer =
      try description.readsValues
      ? Self.withoutTexts()
      : Self.tokenizer(at: section.tokenizer.map { paths.resolve($0) } ?? directory, of: nil)
    weightType = DType(section.dtype.value)
  }

  /// What stands for the tokenizer of a model that reads numbers.
  private static func withoutTexts() throws -> Tokenizer {
    try CharacterTrainer.train(texts: ["0"], vocabularySize: nil, layout: .bart)
  }

  private static func tokenizer(
    at path: String?, of checkpoint: Checkpoint?
  ) throws -> Tokenizer {
    if let path {
      let isFile = FilePaths.kind(of: path) == .file
      return try Tokenizer.load(directory: isFile ? FilePaths.directory(of: path) : path)
    }
    switch checkpoint?.tokenizerSource {
    case .directory(let directory): return try Tokenizer.load(directory: directory)
    case .gguf(let data): return try Tokenizer(data)
    case .some(.none), nil:
      throw DiagnosticError(
        Diagnostic(
          .error, .invalidTokenizer, "the model has no tokenizer beside its weights",
          help: "name in `model.tokenizer` a directory that holds `tokenizer.json`, "
            + "`vocab.txt`, or `vocab.json` and `merges.txt`"))
    }
  }

  /// Weights that the configuration needs and the file lacks, or has with another shape.
  private static func tensorProblems(
    _ description: ModelDescription, _ checkpoint: Checkpoint
  ) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for parameter in description.storedParameters {
      guard let tensor = checkpoint.tensor(of: parameter, in: description) else {
        if parameter.isNewWhenMissing || parameter.role == .buffer { continue }
        problems.append(
          Diagnostic(
            .error, .missingTensor, "`\(parameter.name)` is not in `\(checkpoint.path)`",
            help: "the weights do not belong to this config.json, or the file is incomplete"))
        continue
      }
      if tensor.shape != parameter.shape {
        problems.append(
          Diagnostic(
            .error, .tensorShapeMismatch,
            "`\(parameter.name)` has shape \(tensor.shape); the configuration needs "
              + "\(parameter.shape)",
            help: "the weights do not belong to this config.json"))
      }
    }
    return Array(problems.prefix(8))
  }

  /// Token ids that the token table has no row for.
  private static func vocabularyProblems(
    _ description: ModelDescription, _ tokenizer: Tokenizer
  ) -> [Diagnostic] {
    guard tokenizer.vocabularySize > description.vocabularySize, !description.readsValues else {
      return []
    }
    return [
      Diagnostic(
        .error, .invalidTokenizer,
        "the tokenizer has \(tokenizer.vocabularySize) ids; the model has rows for "
          + "\(description.vocabularySize)",
        help: "use the tokenizer that belongs to the model")
    ]
  }
}

extension DType {
  /// How frozen weights are kept that a pipeline wants so.
  fileprivate init(_ type: ModelSection.WeightType) {
    self =
      switch type {
      case .float32: .float32
      case .bfloat16: .bfloat16
      case .q80: .q80
      case .q40: .q40
      case .nf4: .nf4
      }
  }
}

extension Tokenizer {
  /// The tokenizer in a GGUF file's metadata.
  ///
  /// - Throws: ``TokenizerError`` where it is of a kind that is not read.
  init(_ data: GGUFTokenizerData) throws(TokenizerError) {
    try self.init(
      bytePairTokens: data.tokens, merges: data.merges, types: data.types.map { Int32($0) },
      preTokenizer: data.pre ?? "default", bosID: data.beginningID, eosID: data.endID,
      unknownID: data.unknownID, padID: data.paddingID, addBOS: data.addsBeginning ?? false,
      addEOS: data.addsEnd ?? false, chatTemplate: data.chatTemplate)
  }
}
