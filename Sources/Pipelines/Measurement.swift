/// What an evaluation reports, and what it needs for that.
package struct MeasurementSection: Hashable, Sendable {
  package let metrics: [Setting<Metric>]
  /// The number that a token stands for where metrics compare numbers; in the order of the text.
  package let tokenValues: [TokenValue]
  /// How texts are written for the metrics that compare texts.
  package let generation: EvaluationGeneration

  /// A token's text and its number.
  package struct TokenValue: Hashable, Sendable {
    package let token: String
    package let value: Setting<Double>
  }
}

/// How an evaluation writes texts.
package struct EvaluationGeneration: Hashable, Sendable {
  /// Nil: as long as the longest target of the rows.
  package let maxNewTokens: Setting<Int>?
  /// 1 is greedy.
  package let beams: Setting<Int>
  package let lengthPenalty: Setting<Double>
}

/// What is reported of held-out rows, over all of them at once.
package enum Metric: String, CaseIterable, Sendable {
  case loss, perplexity
  case accuracy
  case top5 = "top_5"
  case precision, recall, f1
  case precisionMicro = "precision_micro"
  case recallMicro = "recall_micro"
  case f1Micro = "f1_micro"
  case matthews
  case exactMatch = "exact_match"
  case bleu, chrf
  case rougeL = "rouge_l"
  case mse, mae, r2, pearson, spearman, ccc

  /// What a metric compares.
  package enum Kind: Hashable, Sendable {
    /// The loss itself.
    case loss
    /// Predicted classes.
    case labels
    /// Texts that the model writes.
    case texts
    /// Numbers.
    case values
  }

  package var kind: Kind {
    switch self {
    case .loss, .perplexity: .loss
    case .accuracy, .top5, .precision, .recall, .f1, .precisionMicro, .recallMicro, .f1Micro,
      .matthews:
      .labels
    case .exactMatch, .bleu, .chrf, .rougeL: .texts
    case .mse, .mae, .r2, .pearson, .spearman, .ccc: .values
    }
  }
}

extension Metric {
  /// Whether it supposes that each row, or each token, has one label.
  var isOfOneLabel: Bool { self == .top5 || self == .matthews }
}

extension ModelSection {
  /// Whether rows may have several labels.
  var hasSeveralLabels: Bool {
    task.value == .sequenceClassification && problemType.value == .multiLabel
  }

  /// Whether a metric has a meaning for what the model is for and the labels that its rows have.
  func has(_ metric: Metric) -> Bool {
    task.value.has(metric) && !(hasSeveralLabels && metric.isOfOneLabel)
  }
}

extension ModelSection.Task {
  /// What is reported where the pipeline does not say.
  package var standardMetrics: [Metric] {
    switch self {
    case .causalLM, .seq2seqLM, .maskedLM: [.loss, .perplexity]
    case .sequenceClassification, .tokenClassification: [.loss, .accuracy, .f1]
    case .regression, .seq2seqRegression: [.loss, .r2, .ccc]
    }
  }

  /// Whether a metric has a meaning for the task; of language models, numbers need `token_values`.
  package func has(_ metric: Metric) -> Bool {
    switch (self, metric.kind) {
    case (_, .loss): metric == .loss || isLanguageModel
    case (.causalLM, .labels), (.seq2seqLM, .labels), (.maskedLM, .labels):
      metric == .accuracy || metric == .top5
    case (.sequenceClassification, .labels), (.tokenClassification, .labels): true
    case (.seq2seqLM, .texts): true
    case (.regression, .values), (.seq2seqRegression, .values): true
    case (.causalLM, .values), (.seq2seqLM, .values), (.maskedLM, .values): true
    case (.regression, .labels), (.seq2seqRegression, .labels): false
    case (.sequenceClassification, .values), (.tokenClassification, .values): false
    case (_, .texts): false
    }
  }

  /// Whether the model predicts tokens of its vocabulary.
  package var isLanguageModel: Bool {
    switch self {
    case .causalLM, .seq2seqLM, .maskedLM: true
    case .sequenceClassification, .tokenClassification, .regression, .seq2seqRegression: false
    }
  }

  /// Whether the model writes texts.
  package var writes: Bool { self == .causalLM || self == .seq2seqLM }
}
