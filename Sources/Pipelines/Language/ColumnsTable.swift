/// The keys of `load` where two files are read side by side.
enum PairTable {
  static let source = Field(
    required: "source", DataTable.path, "The file of what is given.", example: "data/rna.txt",
    otherNames: ["input", "inputs", "x"])
  static let target = Field(
    required: "target", DataTable.path, "The file of what is learned.",
    example: "data/protein.txt", otherNames: ["output", "outputs", "labels", "y"])

  static let table = SectionTable(
    "load", identifier: "pair", "Two files side by side.", [source.entry, target.entry])
}

/// The keys of `max_length` where sources and targets have limits of their own.
enum MaxLengthTable {
  static let source = Field(
    optional: "source", DataTable.length, "The most tokens of a source.", example: "512",
    defaultNote: "the model's own limit", unit: "tokens",
    otherNames: ["max_source_length", "encoder", "input"])
  static let target = Field(
    optional: "target", DataTable.length, "The most tokens of a target.", example: "256",
    defaultNote: "the model's own limit", unit: "tokens",
    otherNames: ["max_target_length", "decoder", "output"])

  static let table = SectionTable(
    "max_length", "The most tokens of sources and targets.", [source.entry, target.entry])
}

/// The keys of `transform`.
enum TransformTable {
  static let kind = ValueKind<DataSection.Transform>.choice(DataSection.Transform.none) { kind in
    switch kind {
    case .none: "as they are written"
    case .log1p: "the logarithm of one more than each, as for counts"
    }
  }
  static let source = Field(
    "source", kind, default: DataSection.Transform.none, "The numbers that are given.",
    otherNames: ["input", "inputs", "x"])
  static let target = Field(
    "target", kind, default: DataSection.Transform.none, "The numbers that are learned.",
    otherNames: ["output", "outputs", "label", "labels", "y"])

  static let table = SectionTable(
    "transform", "What becomes of numbers before a model sees them.",
    [source.entry, target.entry])
}

/// The keys of `columns`.
enum ColumnsTable {
  static let text = Field(
    optional: "text", .text("a column's name"), "A column of plain text.", example: "text",
    otherNames: ["content", "text_column"])
  static let prompt = Field(
    optional: "prompt", .text("a column's name"), "The column that holds what is given.",
    example: "question", otherNames: ["instruction", "input", "question"])
  static let completion = Field(
    optional: "completion", .text("a column's name"), "The column that holds what is learnt.",
    example: "answer", otherNames: ["response", "output", "answer"])
  static let messages = Field(
    optional: "messages", .text("a column's name"),
    "The column that holds a conversation: a list of `{role, content}`.", example: "messages",
    otherNames: ["conversations", "chat"])

  static let source = Field(
    optional: "source", .text("a column's name"),
    "The column that holds what an encoder reads.", example: "rna",
    otherNames: ["source_column", "article", "src"])
  static let target = Field(
    optional: "target", .text("a column's name"), "The column that holds what a decoder learns.",
    example: "protein", otherNames: ["target_column", "summary", "translation", "tgt"])
  static let textPair = Field(
    optional: "text_pair", .text("a column's name"),
    "A column of a second text, which stands behind the first in the same row.",
    example: "hypothesis", otherNames: ["text2", "sentence2", "second"])
  static let labelColumn = ValueKind<String>.text("a column's name")
  static let labelColumns = ValueKind<[String]>.list(of: labelColumn, count: 1...65_536)
  static let tokens = Field(
    optional: "tokens", .text("a column's name"),
    "The column that holds a list of words, each with a tag.", example: "tokens",
    otherNames: ["words"])
  static let tags = Field(
    optional: "tags", .text("a column's name"),
    "The column that holds a list with a label for each word.", example: "ner_tags",
    otherNames: ["ner_tags", "pos_tags", "tag"])

  static let table = SectionTable(
    "columns", "Which columns of a row are used, and as what.",
    rules: [
      .exactlyOne([
        ["text"], ["prompt", "completion"], ["messages"], ["source", "target"],
        ["tokens", "tags"],
      ]),
      .needs(key: "label", other: "text"), .needs(key: "text_pair", other: "label"),
    ],
    [
      text.entry, textPair.entry,
      FieldEntry(
        section: "label", .either([labelColumn.form, labelColumns.form]),
        "The column that holds a text's label, its labels, or a number; several columns hold "
          + "a number each, or say each whether the label of its name applies.",
        example: "topic", otherNames: ["labels", "class", "label_column", "score"]),
      prompt.entry, completion.entry, messages.entry, source.entry, target.entry, tokens.entry,
      tags.entry,
    ])
}
