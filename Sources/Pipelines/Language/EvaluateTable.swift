/// The keys of an `evaluate` stage.
enum EvaluateTable {
  static let data = Field(
    required: "data", .text("a name under `data`"),
    "The rows: an entry of `data`, or a part of one.",
    example: "support.eval", otherNames: ["dataset", "eval_dataset"])
  static let batchSize = Field(
    "batch_size", .integer(1...1_048_576), default: 8, "Rows that are computed at once.",
    unit: "rows", otherNames: ["per_device_eval_batch_size", "eval_batch_size", "size"])

  static let table = SectionTable(
    "evaluate", "Measures the model on rows.",
    [data.entry] + MeasurementTable.entries + [batchSize.entry, StageTable.name.entry])
}

/// The keys of `evaluate` inside `train`.
enum TrainingEvaluationTable {
  static let every = Field(
    required: "every", .cadence, "How often.", example: "1 epoch",
    otherNames: ["eval_steps", "interval", "steps"])

  static let table = SectionTable(
    "evaluate", identifier: "train_evaluate",
    "When and on what the model is measured while it trains.",
    [EvaluateTable.data.entry, every.entry] + MeasurementTable.entries)
}

/// The keys that say what an evaluation reports.
enum MeasurementTable {
  static let metric = ValueKind<Metric>.choice(
    .loss,
    otherNames: [
      "acc": Metric.accuracy, "mcc": .matthews, "rouge": .rougeL, "rougel": .rougeL,
      "sacrebleu": .bleu, "r_squared": .r2, "concordance": .ccc, "f1_macro": .f1,
      "pearsonr": .pearson, "spearmanr": .spearman, "ppl": .perplexity,
    ]
  ) { (metric: Metric) in metric.summary }
  static let metrics = Field<[Metric]>(
    optional: "metrics", ValueKind<[Metric]>.list(of: metric, count: 1...32, isSet: true),
    "What is measured, over all rows at once.", example: "[loss, accuracy]",
    defaultNote: standardNote, otherNames: ["metric", "compute_metrics"])
  private static let standardNote =
    "`[loss, perplexity]` for language models, `[loss, accuracy, f1]` for classification, "
    + "`[loss, r2, ccc]` for numbers"
  static let tokenValue = ValueKind<Double>.number(
    NumberRange(lower: .including(-1e9), upper: .including(1e9)))

  static let entries = [
    metrics.entry,
    FieldEntry(
      section: "token_values", .map(key: "a token's text", tokenValue.form),
      defaultNote: "none",
      "The number that a token stands for, so that metrics of numbers compare the likeliest token "
        + "with the target's; tokens without one are left out.",
      example: "{A: 1.8, R: -4.5}"),
    FieldEntry(
      section: "generation", .section(table),
      "How texts are written for `exact_match`, `bleu`, `chrf` and `rouge_l`.",
      example: "{num_beams: 4}", otherNames: ["generation_config", "predict_with_generate"]),
  ]

  static let maxNewTokens = Field(
    optional: "max_new_tokens", .integer(1...16_777_216), "The most tokens that are written.",
    example: "64", defaultNote: "as many as the longest target has", unit: "tokens",
    otherNames: ["max_length", "generation_max_length"])

  static let table = SectionTable(
    "generation", "How an evaluation writes texts.",
    [maxNewTokens.entry, GenerateTable.beams.entry, GenerateTable.lengthPenalty.entry])
}

extension Metric {
  /// What it is, in a few words.
  var summary: String {
    switch self {
    case .loss: "the mean of what training makes small"
    case .perplexity: "e to the power of the loss"
    case .accuracy: "the share of predictions that are right"
    case .top5: "the share of targets among the five likeliest"
    case .precision: "of what is predicted, the right share; mean over classes"
    case .recall: "of what is there, the found share; mean over classes"
    case .f1: "the harmonic mean of both; mean over classes"
    case .precisionMicro: "precision over all classes at once"
    case .recallMicro: "recall over all classes at once"
    case .f1Micro: "F1 over all classes at once"
    case .matthews: "Matthews' correlation of predicted and true classes"
    case .exactMatch: "the share of texts that equal their target"
    case .bleu: "BLEU of all texts, as sacrebleu counts it"
    case .chrf: "chrF of all texts, as sacrebleu counts it"
    case .rougeL: "the F-measure of ROUGE-L, as rouge-score counts it"
    case .mse: "mean squared error"
    case .mae: "mean absolute error"
    case .r2: "the share of the variance that is explained"
    case .pearson: "Pearson's correlation"
    case .spearman: "Spearman's rank correlation"
    case .ccc: "Lin's concordance correlation coefficient"
    }
  }
}
