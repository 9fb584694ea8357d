/// What rows are for: what a model is given of them and what it is asked.
package enum RowTask: Hashable, Sendable {
  /// Each token is predicted from those before it.
  case causalLM
  /// A target is predicted token by token from a source.
  case seq2seqLM(DecoderStart)
  /// Tokens that are hidden are predicted from all others.
  case maskedLM(MaskingRule)
  /// One label a row, or any number of them; the labels in the order of their numbers.
  case sequenceClassification(labels: [String], multiLabel: Bool)
  /// A label for each word; the labels in the order of their numbers.
  case tokenClassification(labels: [String])
  /// Numbers for each row: one for each column of the label.
  case regression
  /// Numbers in, numbers out, by the columns of two matrices; the names fix which column has which number,
  /// nil takes the files'.
  case matrices(SeriesNames?, answers: SeriesAnswers)
}

/// Where a model of numbers gives its answers.
package enum SeriesAnswers: Hashable, Sendable {
  /// At positions of their own, one a column that is learned.
  case positions
  /// All at once for the row.
  case rows
}

/// How the labels of a decoder become its inputs, as transformers' `shift_tokens_right` has it.
package enum DecoderStart: Hashable, Sendable {
  /// This token first, then the labels without their last: bart, t5, marian.
  case token(Int32)
  /// The labels' last token first, then those before it: mbart, whose last is the language.
  case lastLabel

  /// The decoder's inputs for `labels`, of the same length.
  package func inputs(for labels: [Int32]) -> [Int32] {
    guard let last = labels.last else { return [] }
    switch self {
    case .token(let start): return [start] + labels.dropLast()
    case .lastLabel: return [last] + labels.dropLast()
    }
  }
}

/// The names of the columns of two matrices in the order of their numbers.
package struct SeriesNames: Hashable, Sendable {
  /// The columns that are given.
  package let inputs: [String]
  /// The columns that are learned.
  package let outputs: [String]

  package init(inputs: [String], outputs: [String]) {
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// What a batch holds of each row; follows from ``RowTask`` and the rows.
package enum RowLayout: Hashable, Sendable {
  /// Tokens; each one's target is the next.
  case nextToken
  /// A source, a decoder's inputs, and a target at each of these.
  case sourceAndTarget
  /// Tokens of which some are hidden anew in each epoch.
  case masked(MaskingRule)
  /// A label at some of the tokens, below `count`.
  case tokenLabels(count: Int)
  /// One label a row, below `count`.
  case rowLabel(count: Int)
  /// Any number of labels a row: 0 or 1 for each of `count`.
  case rowLabels(count: Int)
  /// So many numbers a row.
  case rowValues(count: Int)
  /// Numbers in and numbers out, each in a column of its own.
  case series(inputs: Int, outputs: Int, answers: SeriesAnswers)
}

extension RowTask {
  /// The task in a sentence, as pipelines name it.
  var name: String {
    switch self {
    case .causalLM: "causal_lm"
    case .seq2seqLM: "seq2seq_lm"
    case .maskedLM: "masked_lm"
    case .sequenceClassification: "sequence_classification"
    case .tokenClassification: "token_classification"
    case .regression, .matrices(_, answers: .rows): "regression"
    case .matrices(_, answers: .positions): "seq2seq_regression"
    }
  }
}
