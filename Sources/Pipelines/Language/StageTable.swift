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
  static let beams = Field(
    "num_beams", .integer(1...1024), default: 1,
    "How many texts are written beside each other, the likeliest kept; 1 is greedy.",
    unit: "texts", otherNames: ["beams", "beam_size", "beam_width"])
  static let lengthPenalty = Field(
    "length_penalty", .number(NumberRange(lower: .including(-10), upper: .including(10))),
    default: 1,
    "The power of a text's length that its score is divided by; above 0 longer texts win.")
  static let chat = Field(
    "chat", .boolean, default: false,
    "Whether each prompt is a user's turn in the model's chat template.",
    otherNames: ["apply_chat_template"])

  static let table = SectionTable(
    "generate", "Lets the model write.",
    [
      prompts.entry, maxNewTokens.entry, temperature.entry, topK.entry, topP.entry, beams.entry,
      lengthPenalty.entry, chat.entry, StageTable.name.entry,
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
  static let format = Field(
    "format",
    .choice(.safetensors, otherNames: ["pytorch": .torch, "bin": .torch, "pt": .torch]) { format in
      switch format {
      case .safetensors: "`model.safetensors`"
      case .torch: "`pytorch_model.bin`, as `torch.save` writes a state dict"
      }
    }, default: ExportStage.Format.safetensors, "How the weights of the merged model are written.",
    otherNames: ["safe_serialization", "save_format"])

  static let table = SectionTable(
    "export", "Writes the adapter or the model.",
    rules: [
      .oneOf("adapter", "merged"), .alone(key: "adapter", allowed: ["merged", "name"]),
    ],
    [adapter.entry, merged.entry, format.entry, StageTable.name.entry])
}
