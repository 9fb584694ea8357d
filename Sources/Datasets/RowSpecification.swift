/// What a data section says about its rows, in plain values.
package struct RowSpecification: Hashable, Sendable {
  /// Where a row's parts come from: names of columns.
  package enum Columns: Hashable, Sendable {
    case text(String)
    case promptCompletion(prompt: String, completion: String)
    case messages(String)

    /// Which parts there are.
    package enum Kind: String, CaseIterable, Sendable {
      case text
      case promptCompletion
      case messages
    }

    package var kind: Kind {
      switch self {
      case .text: .text
      case .promptCompletion: .promptCompletion
      case .messages: .messages
      }
    }
  }

  /// Which tokens are learned.
  package enum LossOn: String, CaseIterable, Sendable { case all, completion, assistant }

  /// What happens to a row with more than `maxLength` tokens.
  package enum Overlong: String, CaseIterable, Sendable { case truncate, drop, error }

  /// The section's name, for messages.
  package let name: String
  /// Paths and globs.
  package let files: [String]
  /// Where relative paths start; empty is the working directory.
  package let directory: String
  /// Nil goes by each file's suffix.
  package let format: DataFormat?
  package let columns: Columns
  /// Forms the prompt, or the whole of a text row, from columns: `Q: {{question}}\nA: `.
  package let template: String?
  package let lossOn: LossOn
  /// The most tokens of a row; nil sets no limit.
  package let maxLength: Int?
  package let overlong: Overlong
  /// Whether text and completions end with the end-of-sequence token.
  package let endToken: Bool

  package init(
    name: String, files: [String], directory: String = "", format: DataFormat? = nil,
    columns: Columns, template: String? = nil, lossOn: LossOn = .all, maxLength: Int? = nil,
    overlong: Overlong = .truncate, endToken: Bool = true
  ) {
    self.name = name
    self.files = files
    self.directory = directory
    self.format = format
    self.columns = columns
    self.template = template
    self.lossOn = lossOn
    self.maxLength = maxLength
    self.overlong = overlong
    self.endToken = endToken
  }
}

extension RowSpecification.Columns.Kind {
  /// The kinds of loss that speak of parts which these rows have.
  package var losses: [RowSpecification.LossOn] {
    switch self {
    case .text: [.all]
    case .promptCompletion: [.all, .completion]
    case .messages: [.all, .assistant]
    }
  }

  /// The kind in a sentence.
  var description: String {
    switch self {
    case .text: "`text`"
    case .promptCompletion: "`prompt` and `completion`"
    case .messages: "`messages`"
    }
  }
}
