import JSONSyntax

/// The keys of a pipeline.
enum PipelineTable {
  static let version = 1

  /// Any number is read, so that another version can be named in what is said about it.
  private static let versionKind = ValueKind<Int>(
    form: .integer(version...version), placeholder: version, json: { .integer(Int64($0)) },
    decode: ValueKind<Int>.integer(0...Int(Int32.max)).decode)

  static let hone = Field(
    required: "hone", versionKind, "The version of the language.", example: "1",
    otherNames: ["version"])
  static let name = Field(
    required: "name", .name(dots: true),
    "What the run is called; the directory of its output is named after it.",
    example: "my-first-run", otherNames: ["run_name", "project", "experiment"])
  static let seed = Field(
    "seed", .integer(0...Int.max), default: 42,
    "Where chance starts from: the order of rows, dropout, initial weights, splits.",
    otherNames: ["data_seed", "random_seed"])
  static let output = Field(
    optional: "output", .text("a path"),
    "The directory that the run writes to, relative to the working directory.",
    example: "runs/my-first-run", defaultNote: "`runs/<name>`",
    otherNames: ["output_dir", "out_dir", "save_dir"])

  static let table = SectionTable(
    "pipeline", "A whole pipeline: one YAML file.",
    [
      hone.entry, name.entry, seed.entry, BackendTable.field,
      FieldEntry(
        section: "model", .section(ModelTable.table), isRequired: true,
        "Which model is worked on.", example: "{load: models/smollm2}",
        otherNames: ["base_model", "model_name_or_path"]),
      FieldEntry(
        section: "data", .map(key: "a name of yours", .section(DataTable.table)),
        "Sources of rows, each under a name that stages refer to.",
        example: "{support: {load: data/support.jsonl}}",
        otherNames: ["dataset", "datasets", "train_data"]),
      FieldEntry(
        section: "stages", .list(.section(StageTable.table), count: 1...1000), isRequired: true,
        "What is done, in this order, each stage on the model that the one before left.",
        example: "[{generate: {prompts: [\"Hello\"]}}]", otherNames: ["steps", "pipeline"]),
      output.entry,
    ] + CompositionTable.fields)
}

/// The keys that are worked in before a pipeline is read: they leave no setting of their own.
enum CompositionTable {
  static let fields = [
    FieldEntry(
      section: "extends", .text(kind: "a path", pattern: nil),
      "Another file that this one is laid over, relative to this file: mappings are merged, lists "
        + "and single values replaced.",
      example: "base.yaml", otherNames: ["base", "inherits", "_base_"]),
    FieldEntry(
      section: "vars", .map(key: "a name of yours", .anything),
      "Values that `${name}` stands for anywhere else.", example: "{rank: 8, rows: data/a.jsonl}",
      otherNames: ["variables", "params", "parameters"]),
    FieldEntry(
      section: "matrix",
      .either([
        .map(key: "a variable", .list(.anything, count: 1...256)),
        .list(.map(key: "a variable", .anything), count: 1...256),
      ]),
      "Makes one pipeline of each case: every combination of lists of values, or a list of cases, "
        + "each a mapping of variables to values and, under `name`, what it is called.",
      example: "{rank: [4, 8, 16]}", otherNames: ["sweep", "grid", "search"]),
  ]

  static let keys: Set<String> = ["extends", "vars", "matrix"]
}

/// The keys of `backend`.
enum BackendTable {
  static let name = ValueKind<BackendSection.Name>.choice(.cpu) { name in
    switch name {
    case .cpu: "fast, on all processors"
    case .reference: "slow and obvious, for comparison"
    }
  }
  static let threads = Field(
    optional: "threads", .integer(1...4096), "How many threads compute.", example: "2",
    defaultNote: "one a processor", unit: "threads", otherNames: ["num_threads", "n_threads"])

  static let cpu = SectionTable("cpu", "Settings of the cpu backend.", [threads.entry])
  static let reference = SectionTable("reference", "The reference backend has no settings.", [])

  static let table = SectionTable(
    "backend", "A backend with its settings.", rules: [.oneOf("cpu", "reference")],
    [
      FieldEntry(
        section: "cpu", .section(cpu), "The fast backend, with settings.",
        example: "{threads: 2}"),
      FieldEntry(
        section: "reference", .section(reference), "The slow and obvious backend.", example: "{}"),
    ])

  static let field = FieldEntry(
    key: "backend", form: .either([name.form, .section(table)]), isRequired: false,
    defaultValue: "cpu", defaultNote: nil, summary: "What computes.", example: "cpu",
    otherNames: ["device", "accelerator"])
}
