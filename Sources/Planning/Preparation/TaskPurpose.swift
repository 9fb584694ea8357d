import Datasets
import Diagnostics
import JSONSyntax
import Models
import Pipelines

/// What the rows of a pipeline say of its model: which labels there are, how many numbers.
package struct TaskRows: Sendable {
  /// The rows that are for the model, as their sections specify them; their labels are not known.
  let sections: [RowSpecification]
  /// Whether they are numbers in and numbers out.
  let areNumbers: Bool

  package init() { (sections, areNumbers) = ([], false) }

  /// The sections of `pipeline` that read files.
  init(_ pipeline: Pipeline, _ paths: InputPaths) {
    areNumbers = pipeline.readsNumbers
    let task: RowTask
    switch pipeline.model.task.value {
    case .sequenceClassification:
      task = .sequenceClassification(
        labels: [], multiLabel: pipeline.model.problemType.value == .multiLabel)
    case .tokenClassification: task = .tokenClassification(labels: [])
    case .regression: task = .regression
    case .causalLM, .seq2seqLM, .maskedLM, .seq2seqRegression: task = .causalLM
    }
    sections = pipeline.data.compactMap { section in
      if case .mix = section.source { return nil }
      return section.rowSpecification(paths, task: task)
    }
  }

  /// The labels of all rows, each once, in order.
  ///
  /// - Throws: what is wrong with the files.
  func labels() throws(DatasetError) -> [String] {
    try RowSpecification.collectedLabels(of: sections)
  }

  /// The columns of the first two matrices; nil where there are none.
  ///
  /// - Throws: what is wrong with the files.
  func columns() throws(DatasetError) -> SeriesNames? {
    guard let matrices = sections.first(where: { $0.targetFile != nil }) else { return nil }
    return try SeriesNames(of: matrices)
  }

  /// How many numbers a row has that are learned.
  var valueCount: Int { sections.map(\.labelNames.count).max() ?? 1 }
}

/// A pipeline's task as the model's head knows it.
struct TaskPurpose {
  private let section: ModelSection
  private let rows: TaskRows

  init(_ section: ModelSection, _ rows: TaskRows) {
    self.section = section
    self.rows = rows
  }

  /// The names of the classes: the pipeline's, else those of a model that has a head for them, else
  /// those that the rows have.
  ///
  /// - Throws: what is wrong with the rows.
  func labels(_ configuration: JSONValue?) throws -> [String] {
    switch section.task.value {
    case .sequenceClassification, .tokenClassification: break
    case .causalLM, .seq2seqLM, .maskedLM, .regression, .seq2seqRegression: return []
    }
    let written = section.labels.map(\.value)
    if !written.isEmpty { return written }
    if let named = Self.labels(of: configuration) { return named }
    return try rows.labels()
  }

  /// The config.json of a created model, with the numbers of columns where it reads numbers.
  ///
  /// - Throws: what is wrong with the rows.
  func configuration(_ json: JSONValue) throws -> JSONValue {
    guard rows.areNumbers, let columns = try rows.columns() else { return json }
    let task: ModelTask =
      section.task.value == .regression
      ? .regression(outputs: columns.outputs.count) : .seq2seqRegression
    return ValueTask.configuration(
      json, task: task, inputs: columns.inputs, outputs: columns.outputs)
  }

  /// The task with the sizes of its head, for a model of that config.json.
  func task(_ labels: [String], _ configuration: JSONValue) -> ModelTask {
    switch section.task.value {
    case .causalLM: .causalLM
    case .seq2seqLM: .seq2seqLM
    case .maskedLM: .maskedLM
    case .sequenceClassification:
      .sequenceClassification(
        labels: max(1, labels.count), multiLabel: section.problemType.value == .multiLabel)
    case .tokenClassification: .tokenClassification(labels: max(1, labels.count))
    case .regression:
      .regression(
        outputs: ValueTask.outputCount(in: configuration) ?? max(1, rows.valueCount))
    case .seq2seqRegression: .seq2seqRegression
    }
  }

  /// The labels that a fine-tuned classifier's config.json names; nil for a model without such a head.
  private static func labels(of configuration: JSONValue?) -> [String]? {
    guard let configuration,
      configuration["architectures"]?.array?.contains(where: {
        $0.string?.hasSuffix("Classification") ?? false
      }) ?? false, let names = configuration["id2label"]?.object
    else { return nil }
    let pairs = names.members.compactMap { member -> (Int, String)? in
      guard let number = Int(member.key), let name = member.value.string else { return nil }
      return (number, name)
    }
    return pairs.isEmpty ? nil : pairs.sorted { $0.0 < $1.0 }.map(\.1)
  }
}

extension ModelSection.Task {
  /// Whether the model's head follows from the rows.
  var isOfRows: Bool {
    switch self {
    case .sequenceClassification, .tokenClassification, .regression, .seq2seqRegression: true
    case .causalLM, .seq2seqLM, .maskedLM: false
    }
  }
}
