/// The keys of one stage.
enum StageTable {
  static let name = Field(
    optional: "name", .name(dots: true), "What the plan and the metrics call the stage.",
    example: "warm-start", defaultNote: "its kind")

  static let table = SectionTable(
    "stage", "One stage: one of these keys.",
    rules: [.oneOf("train", "evaluate", "generate", "export")],
    [
      FieldEntry(
        section: "train", .section(TrainTable.table), "Trains weights on rows.",
        example: "{data: support.train, …}"),
      FieldEntry(
        section: "evaluate", .section(EvaluateTable.table), "Measures the model on rows.",
        example: "{data: support.eval}", otherNames: ["eval", "test"]),
      FieldEntry(
        section: "generate", .section(GenerateTable.table), "Lets the model write.",
        example: "{prompts: [\"Hello\"]}", otherNames: ["sample", "predict"]),
      FieldEntry(
        section: "export", .section(ExportTable.table), "Writes the adapter or the model.",
        example: "{adapter: out/adapter}", otherNames: ["save"]),
    ])
}

/// The keys of an `evaluate` stage.
enum EvaluateTable {
  static let data = Field(
    required: "data", .text("a name under `data`"),
    "The rows: an entry of `data`, or a part of one.",
    example: "support.eval", otherNames: ["dataset", "eval_dataset"])
  static let metrics = Field(
    "metrics",
    .list(
      of: .choice(.loss) { metric in
        switch metric {
        case .loss: "mean cross-entropy over the supervised tokens"
        case .perplexity: "e to the power of the loss"
        }
      }, count: 1...16, isSet: true), default: EvaluateStage.Metric.allCases,
    "What is measured.")
  static let batchSize = Field(
    "batch_size", .integer(1...1_048_576), default: 8, "Rows that are computed at once.",
    unit: "rows", otherNames: ["per_device_eval_batch_size", "eval_batch_size", "size"])

  static let table = SectionTable(
    "evaluate", "Measures the model on rows.",
    [data.entry, metrics.entry, batchSize.entry, StageTable.name.entry])
}

/// The keys of a `generate` stage.
enum GenerateTable {
  static let prompts = Field(
    required: "prompts", .list(of: .text(), count: 1...10_000),
    "Texts to go on from, one sample each.", example: "[\"How do I reset my password?\"]",
    otherNames: ["prompt", "inputs"])
  static let maxNewTokens = Field(
    "max_new_tokens", .integer(1...16_777_216), default: 64, "The most tokens that are written.",
    unit: "tokens", otherNames: ["max_tokens", "max_length", "num_tokens"])
  static let temperature = Field(
    "temperature", .number(.atLeast(0)), default: 0,
    "How freely tokens are drawn; at 0 the likeliest is taken.", otherNames: ["temp"])
  static let topK = Field(
    optional: "top_k", .integer(1...16_777_216), "Draw among this many likeliest tokens.",
    example: "50", defaultNote: "all tokens", unit: "tokens")
  static let topP = Field(
    optional: "top_p", .number(NumberRange(lower: .excluding(0), upper: .including(1))),
    "Draw among the likeliest tokens that reach this probability together.", example: "0.9",
    defaultNote: "all tokens")
  static let chat = Field(
    "chat", .boolean, default: false,
    "Whether each prompt is a user's turn in the model's chat template.",
    otherNames: ["apply_chat_template"])

  static let table = SectionTable(
    "generate", "Lets the model write.",
    [
      prompts.entry, maxNewTokens.entry, temperature.entry, topK.entry, topP.entry, chat.entry,
      StageTable.name.entry,
    ])
}

/// The keys of an `export` stage.
enum ExportTable {
  static let adapter = Field(
    optional: "adapter", .text("a path"),
    "Writes the adapter in PEFT's layout to this directory, relative to the working directory.",
    example: "out/adapter", otherNames: ["lora", "peft"])
  static let merged = Field(
    optional: "merged", .text("a path"),
    "Writes the model in Hugging Face layout, adapter merged, to this directory.",
    example: "out/model", otherNames: ["model", "merge", "full"])

  static let table = SectionTable(
    "export", "Writes the adapter or the model.", rules: [.oneOf("adapter", "merged")],
    [adapter.entry, merged.entry, StageTable.name.entry])
}
