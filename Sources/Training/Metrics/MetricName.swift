/// A measure of how good a model's outputs are, as a report names it.
///
/// Every measure is taken over a whole set of rows; none is an average of batches' measures.
package enum MetricName: String, CaseIterable, Hashable, Sendable {
  /// The mean loss of what is supervised.
  case loss
  /// The exponential of the mean loss.
  case perplexity
  /// The share of labels that are right; of rows whose labels are all right where a row has several.
  case accuracy
  /// The share of rows whose label is among the five that score highest.
  case topFive = "top_5"
  /// The mean of the labels' precisions.
  case precision
  /// The mean of the labels' recalls.
  case recall
  /// The mean of the labels' F1 scores.
  case f1
  /// The precision over all decisions together.
  case precisionMicro = "precision_micro"
  /// The recall over all decisions together.
  case recallMicro = "recall_micro"
  /// The F1 score over all decisions together.
  case f1Micro = "f1_micro"
  /// Matthews' correlation of the predicted and the expected labels.
  case matthews
  /// The share of texts that equal their reference.
  case exactMatch = "exact_match"
  /// BLEU of all texts together, 0 to 100.
  case bleu
  /// The character n-gram F score chrF2 of all texts together, 0 to 100.
  case chrf
  /// The mean F1 score of the texts' longest common subsequences, 0 to 1.
  case rougeL = "rouge_l"
  /// The mean squared error.
  case mse
  /// The mean absolute error.
  case mae
  /// The coefficient of determination.
  case r2
  /// Pearson's correlation.
  case pearson
  /// Spearman's rank correlation.
  case spearman
  /// Lin's concordance correlation.
  case ccc
}

/// What a measure is taken from.
package enum MetricNeed: String, CaseIterable, Hashable, Sendable {
  /// The summed loss: ``LossAverage``.
  case loss
  /// One label a row or a token: ``LabelMetrics``.
  case labels
  /// Several labels a row, each there or not: ``MultiLabelMetrics``.
  case multiLabels
  /// Numbers: ``ValueMetrics``.
  case values
  /// Texts and their references: ``TextMetrics``.
  case texts
}

extension MetricName {
  /// What this measure can be taken from; one of them is enough.
  package var needs: [MetricNeed] {
    switch self {
    case .loss, .perplexity: [.loss]
    case .accuracy, .precision, .recall, .f1, .precisionMicro, .recallMicro, .f1Micro:
      [.labels, .multiLabels]
    case .topFive, .matthews: [.labels]
    case .exactMatch, .bleu, .chrf, .rougeL: [.texts]
    case .mse, .mae, .r2, .pearson, .spearman, .ccc: [.values]
    }
  }

  /// The measures that can be taken from `need`, in the order of the cases.
  package static func names(from need: MetricNeed) -> [MetricName] {
    allCases.filter { $0.needs.contains(need) }
  }
}

extension LossAverage {
  /// The loss or its perplexity; nil for every other measure, and where nothing was supervised.
  package func value(of metric: MetricName) -> Double? {
    switch metric {
    case .loss: mean
    case .perplexity: perplexity
    case .accuracy, .topFive, .precision, .recall, .f1, .precisionMicro, .recallMicro, .f1Micro,
      .matthews, .exactMatch, .bleu, .chrf, .rougeL, .mse, .mae, .r2, .pearson, .spearman, .ccc:
      nil
    }
  }
}
