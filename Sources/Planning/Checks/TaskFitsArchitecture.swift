import Artifacts
import Diagnostics
import JSONSyntax
import Models
import Pipelines

/// The model and an adapter to go on from were made for the task.
enum TaskFitsArchitecture {
  /// What is wrong with training the model of `configuration` for `section`'s task, on rows that are
  /// matrices where `readsNumbers`.
  static func finding(
    _ section: ModelSection, readsNumbers: Bool, _ configuration: JSONValue
  ) -> Diagnostic? {
    let task = section.task.value
    let modelReadsNumbers = ValueTask.outputCount(in: configuration) != nil
    let isEncoderDecoder = configuration["is_encoder_decoder"]?.bool == true
    let what: String
    if task == .regression, modelReadsNumbers != readsNumbers {
      return Diagnostic(
        .error, .taskMismatch,
        modelReadsNumbers
          ? "the model reads numbers, a matrix's columns; the rows are texts"
          : "the model reads texts; the rows are two matrices",
        at: section.task.span, path: section.task.path,
        help: modelReadsNumbers
          ? "name two matrices: `load: {source: rna.csv, target: protein.csv}`"
          : "create the model from the matrices: `create: {architecture: bert, …}`")
    }
    if isEncoderDecoder != task.wantsEncoderAndDecoder {
      what =
        isEncoderDecoder
        ? "has an encoder and a decoder (`is_encoder_decoder`)"
        : "has no encoder and decoder (`is_encoder_decoder` is not set)"
    } else if let head = configuration["architectures"]?.array?.lazy.compactMap(\.string)
      .first(where: { isForAnotherTask($0, than: task) })
    {
      what = "is a `\(head)`"
    } else {
      return nil
    }
    return Diagnostic(
      .error, .taskMismatch, "the model \(what), which `task: \(task.rawValue)` does not train",
      at: section.task.span, path: section.task.path, help: task.modelAdvice)
  }

  /// Whether a class of transformers' names a head that the task has no use for.
  ///
  /// A head that is made anew goes on any body; one of the same kind goes on as it is.
  private static func isForAnotherTask(_ name: String, than task: ModelSection.Task) -> Bool {
    guard let range = name.firstRange(of: "For") else { return false }
    let head = name[range.upperBound...]
    guard head.first?.isUppercase == true else { return false }
    return !task.heads.contains(String(head))
  }

  /// What is wrong with going on, for `task`, from an adapter of that configuration.
  static func finding(
    ofAdapter configuration: AdapterConfiguration, in directory: String, task: ModelTask
  ) -> Diagnostic? {
    guard let found = configuration.taskType, found != task.adapterTaskType else { return nil }
    return Diagnostic(
      .error, .taskMismatch, "the adapter in `\(directory)` was trained for `\(found)`",
      help: task.adapterTaskType.map { "go on from an adapter whose `task_type` is `\($0)`" }
        ?? "go on from an adapter without a `task_type`")
  }
}

extension ModelSection.Task {
  /// Whether the model writes one sequence for another.
  package var wantsEncoderAndDecoder: Bool { self == .seq2seqLM || self == .seq2seqRegression }

  /// The heads of transformers' classes, as they follow on `For`, that a model may have.
  fileprivate var heads: Set<String> {
    let bodies: Set<String> = ["CausalLM", "MaskedLM", "PreTraining"]
    return switch self {
    case .causalLM: ["CausalLM"]
    case .seq2seqLM: ["ConditionalGeneration"]
    case .seq2seqRegression: [ValueTask.positionHead]
    case .maskedLM: ["MaskedLM", "PreTraining"]
    case .sequenceClassification: bodies.union(["SequenceClassification"])
    case .regression: bodies.union(["SequenceClassification", ValueTask.rowHead])
    case .tokenClassification: bodies.union(["TokenClassification"])
    }
  }

  /// Which model to take.
  fileprivate var modelAdvice: String {
    switch self {
    case .causalLM: "load a `…ForCausalLM`: a model that predicts each token from those before it"
    case .seq2seqLM: "load a `…ForConditionalGeneration`, such as BART, T5 or Marian"
    case .maskedLM: "load a `…ForMaskedLM`, such as BERT"
    case .sequenceClassification, .regression:
      "load a `…ForSequenceClassification`, or an encoder or a decoder that gets a new head"
    case .tokenClassification:
      "load a `…ForTokenClassification`, or an encoder that gets a new head"
    case .seq2seqRegression: "load a model that `task: seq2seq_regression` made"
    }
  }
}
