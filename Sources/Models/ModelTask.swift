/// What a model is trained to do: which head it has, and what its programs read and write.
package enum ModelTask: Hashable, Sendable {
  /// The next token of a sequence.
  case causalLM
  /// A target sequence given a source sequence.
  case seq2seqLM
  /// Tokens that are hidden in a sequence.
  case maskedLM
  /// One of `labels` classes a row, or any of them where `multiLabel`.
  case sequenceClassification(labels: Int, multiLabel: Bool)
  /// One of `labels` classes a token.
  case tokenClassification(labels: Int)
  /// `outputs` numbers a row.
  case regression(outputs: Int)
  /// Numbers in, one number for each output position.
  case seq2seqRegression

  /// PEFT's `task_type`; nil where PEFT has none.
  package var adapterTaskType: String? {
    switch self {
    case .causalLM: "CAUSAL_LM"
    case .seq2seqLM: "SEQ_2_SEQ_LM"
    case .sequenceClassification, .regression: "SEQ_CLS"
    case .tokenClassification: "TOKEN_CLS"
    case .maskedLM, .seq2seqRegression: nil
    }
  }

  /// The word of the language, as in `task: seq2seq_lm`.
  package var name: String {
    switch self {
    case .causalLM: "causal_lm"
    case .seq2seqLM: "seq2seq_lm"
    case .maskedLM: "masked_lm"
    case .sequenceClassification: "sequence_classification"
    case .tokenClassification: "token_classification"
    case .regression: "regression"
    case .seq2seqRegression: "seq2seq_regression"
    }
  }
}
