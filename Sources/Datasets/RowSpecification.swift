/// What a data section says about its rows, in plain values.
package struct RowSpecification: Hashable, Sendable {
  /// Which tokens are learned, where rows are for ``RowTask/causalLM``.
  package enum LossOn: String, CaseIterable, Sendable { case all, completion, assistant }

  /// What happens to a row with more than `maxLength` tokens.
  package enum Overlong: String, CaseIterable, Sendable { case truncate, drop, error }

  /// What becomes of a number of a matrix before a model sees it; each goes by itself, so that
  /// nothing of one row depends on others.
  package enum Transform: String, CaseIterable, Sendable {
    /// It stays.
    case none
    /// `log(1 + x)`, as for counts.
    case log1p
  }

  /// The section's name, for messages.
  package let name: String
  /// Paths and globs; of pair files the one path of the sources.
  package let files: [String]
  /// The file whose lines, records or samples belong to those of the one in `files`.
  package let targetFile: String?
  /// Where relative paths start; empty is the working directory.
  package let directory: String
  /// Nil goes by each file's suffix.
  package let format: DataFormat?
  package let columns: Columns
  /// What the rows are for.
  package let task: RowTask
  /// Forms the prompt, the source, or the whole of a text, from columns: `Q: {{question}}\nA: `.
  package let template: String?
  package let lossOn: LossOn
  /// The most tokens of a row, of a target where there is a source; nil sets no limit.
  package let maxLength: Int?
  /// The most tokens of a source; nil sets no limit.
  package let maxSourceLength: Int?
  package let overlong: Overlong
  /// Whether text and completions end with the end-of-sequence token.
  package let endToken: Bool
  /// What becomes of the numbers that are given.
  package let sourceTransform: Transform
  /// What becomes of the numbers that are learned.
  package let targetTransform: Transform

  package init(
    name: String, files: [String], targetFile: String? = nil, directory: String = "",
    format: DataFormat? = nil, columns: Columns, task: RowTask = .causalLM,
    template: String? = nil, lossOn: LossOn = .all, maxLength: Int? = nil,
    maxSourceLength: Int? = nil, overlong: Overlong = .truncate, endToken: Bool = true,
    sourceTransform: Transform = .none, targetTransform: Transform = .none
  ) {
    self.name = name
    self.files = files
    self.targetFile = targetFile
    self.directory = directory
    self.format = format
    self.columns = columns
    self.task = task
    self.template = template
    self.lossOn = lossOn
    self.maxLength = maxLength
    self.maxSourceLength = maxSourceLength
    self.overlong = overlong
    self.endToken = endToken
    self.sourceTransform = sourceTransform
    self.targetTransform = targetTransform
  }
}
