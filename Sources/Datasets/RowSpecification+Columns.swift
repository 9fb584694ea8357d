extension RowSpecification {
  /// Where a row's parts come from: names of columns.
  package enum Columns: Hashable, Sendable {
    case text(String)
    case promptCompletion(prompt: String, completion: String)
    case messages(String)
    case sourceTarget(source: String, target: String)
    /// A text, or two, with a label: a column of names, or columns of numbers.
    case labelled(text: String, pair: String?, label: [String])
    /// A list of words and a list with a label for each.
    case words(tokens: String, tags: String)

    /// Which parts there are.
    package enum Kind: String, CaseIterable, Sendable {
      case text
      case promptCompletion
      case messages
      case sourceTarget
      case labelled
      case words
    }

    package var kind: Kind {
      switch self {
      case .text: .text
      case .promptCompletion: .promptCompletion
      case .messages: .messages
      case .sourceTarget: .sourceTarget
      case .labelled: .labelled
      case .words: .words
      }
    }
  }

  /// Which of a section's settings names a column.
  package enum Part: String, CaseIterable, Sendable {
    case text, prompt, completion, messages, source, target, label, tokens, tags, template
    case textPair = "text_pair"
  }

  /// The columns that every row must have, and what names each.
  ///
  /// A template that cannot be read names none; rows of matrices have none.
  package var neededColumns: [(column: String, part: Part)] {
    if case .matrices = task { return [] }
    switch columns {
    case .text(let column): return parts(of: column, .text)
    case .promptCompletion(let prompt, let completion):
      return parts(of: prompt, .prompt) + [(completion, .completion)]
    case .messages(let column): return [(column, .messages)]
    case .sourceTarget(let source, let target):
      return parts(of: source, .source) + [(target, .target)]
    case .labelled(let text, let pair, let labels):
      return parts(of: text, .text) + (pair.map { [($0, .textPair)] } ?? [])
        + labels.map { ($0, .label) }
    case .words(let tokens, let tags): return [(tokens, .tokens), (tags, .tags)]
    }
  }

  /// The columns that make one part of a row: the template's where there is one.
  private func parts(of column: String, _ part: Part) -> [(column: String, part: Part)] {
    guard let template else { return [(column, part)] }
    guard let variables = try? RowTemplate(template).variables else { return [] }
    return variables.map { $0 == part.rawValue ? (column, part) : ($0, .template) }
  }
}

extension RowSpecification.Columns.Kind {
  /// The kinds of loss that speak of parts which these rows have.
  package var losses: [RowSpecification.LossOn] {
    switch self {
    case .text, .sourceTarget, .labelled, .words: [.all]
    case .promptCompletion: [.all, .completion]
    case .messages: [.all, .assistant]
    }
  }

  /// The kind in a sentence.
  package var description: String {
    switch self {
    case .text: "`text`"
    case .promptCompletion: "`prompt` and `completion`"
    case .messages: "`messages`"
    case .sourceTarget: "`source` and `target`"
    case .labelled: "`text` and `label`"
    case .words: "`tokens` and `tags`"
    }
  }
}

extension RowTask {
  /// The kinds of columns that rows for this may have; none where they are matrices.
  package var columns: [RowSpecification.Columns.Kind] {
    switch self {
    case .causalLM: [.text, .promptCompletion, .messages]
    case .seq2seqLM: [.sourceTarget]
    case .maskedLM: [.text]
    case .sequenceClassification, .regression: [.labelled]
    case .tokenClassification: [.words]
    case .matrices: []
    }
  }
}
