/// The keys of one entry of `data`.
enum DataTable {
  static let path = ValueKind<String>.text("a path")
  static let paths = ValueKind<[String]>.list(of: path, count: 1...10_000)

  static let format = Field(
    optional: "format",
    .choice(DataSection.Format.jsonl) { format in
      switch format {
      case .jsonl: "a JSON object a line"
      case .json: "a list of JSON objects"
      case .csv: "comma-separated, names of columns first"
      case .tsv: "tab-separated, names of columns first"
      case .text: "prose, one row a block between blank lines; in pairs one a line"
      case .fasta:
        "records of a line `>name` and a sequence; columns `id`, `description`, `sequence`"
      }
    }, "How the files are written.", example: "jsonl", defaultNote: "by each file's suffix",
    otherNames: ["type", "file_format"])
  static let template = Field(
    optional: "template", .text(),
    "A text that is made of the row: `{{column}}` stands for a column's value. It makes the prompt "
      + "where there is one, else the text.",
    example: #""Q: {{prompt}}\nA: ""#, otherNames: ["prompt_template", "chat_template"])
  static let lossOn = Field(
    optional: "loss_on",
    .choice(DataSection.LossOn.all) { part in
      switch part {
      case .all: "every token"
      case .completion: "the completion, not the prompt"
      case .assistant: "the assistant's turns"
      }
    }, "Which tokens the loss is taken over.", example: "completion",
    defaultNote: "`completion` for prompt and completion, `assistant` for messages, else `all`",
    otherNames: [
      "train_on_inputs", "mask_prompt", "completion_only_loss", "assistant_only_loss",
    ])
  static let length = ValueKind<Int>.integer(2...16_777_216)
  static let overlong = Field(
    "overlong",
    .choice(.truncate) { policy in
      switch policy {
      case .truncate: "cut at the end"
      case .drop: "left out"
      case .error: "the run does not start"
      }
    }, default: DataSection.Overlong.truncate,
    "What happens to rows longer than `max_length`.", otherNames: ["truncation"])
  static let endToken = Field(
    "end_token", .boolean, default: true,
    "Whether text and completions end with the end-of-sequence token.",
    otherNames: ["add_eos_token", "append_eos"])

  static let maskProbability = Field(
    "mask_probability",
    .number(NumberRange(lower: .excluding(0), upper: .excluding(1))), default: 0.15,
    "For `task: masked_lm`: the share of tokens that are hidden, drawn anew in each epoch.",
    otherNames: ["mlm_probability", "mlm_prob"])

  static let fraction = ValueKind<Double>.number(
    NumberRange(lower: .excluding(0), upper: .including(1)))

  static let table = SectionTable(
    "data", identifier: "data_section", "One source of rows.",
    rules: [.oneOf("load", "mix"), .alone(key: "mix", allowed: ["split"])],
    [
      FieldEntry(
        section: "load", .either([path.form, paths.form, .section(PairTable.table)]),
        "A file, a glob or a list of them, relative to the pipeline's file; or two files side by "
          + "side: text by lines, fasta by records, csv and tsv as matrices by their rows' names.",
        example: "data/support.jsonl", otherNames: ["path", "file", "files", "data_files"]),
      FieldEntry(
        section: "mix", .list(.section(MixTable.table), count: 1...1000),
        "Other entries of `data`, mixed; beside it only `split` may stand.",
        example: "[{data: support.train}, {data: chat, weight: 0.5}]",
        otherNames: ["interleave", "sources"]),
      format.entry,
      FieldEntry(
        section: "columns", .section(ColumnsTable.table),
        defaultNote: "`{text: text}`; of two files `{source: source, target: target}`",
        "Which columns of a row are used, and as what.",
        example: "{prompt: question, completion: answer}",
        otherNames: ["fields", "field_messages"]),
      template.entry, lossOn.entry,
      FieldEntry(
        key: "max_length", form: .either([length.form, .section(MaxLengthTable.table)]),
        isRequired: false, defaultValue: Optional.none, defaultNote: "the model's own limit",
        summary: "The most tokens that a row may have; of sources and targets each.",
        example: "512", unit: "tokens",
        otherNames: ["max_seq_length", "max_seq_len", "sequence_len", "cutoff_len", "block_size"]),
      overlong.entry, endToken.entry, maskProbability.entry,
      FieldEntry(
        section: "transform", .section(TransformTable.table),
        "What becomes of the numbers of matrices and labels before a model sees them; each by "
          + "itself, so that no row depends on another.",
        example: "{source: log1p}"),
      FieldEntry(
        section: "split", .map(key: "a name of yours", fraction.form),
        defaultNote: "one part, all rows",
        "Named parts and their fractions of the rows, drawn by the seed; stages refer to "
          + "`<data>.<part>`.",
        example: "{train: 0.9, eval: 0.1}",
        otherNames: ["splits", "val_set_size", "test_size", "validation_split"]),
    ])
}

/// The keys of one part of `mix`.
enum MixTable {
  static let data = Field(
    required: "data", .text("a name under `data`"), "An entry of `data`, or a part of one.",
    example: "support.train", otherNames: ["name", "dataset"])
  static let weight = Field(
    "weight", .number(.above(0)), default: 1,
    "How many times each row stands in an epoch; a fraction takes that share of the rows.",
    otherNames: ["ratio", "probability", "proportion"])

  static let table = SectionTable(
    "mix", identifier: "mix_part", "One part of a mixed source.", [data.entry, weight.entry])
}
