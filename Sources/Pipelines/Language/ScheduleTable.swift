/// The keys of `schedule`, in transformers' words; every shape begins with the warm-up.
enum ScheduleTable {
  static let cycles = Field(
    "num_cycles", .number(.above(0)), default: 0.5,
    "How many waves; a half falls from the top to 0.", unit: "waves")
  static let power = Field(
    "power", .number(.above(0)), default: 1, "The power of what is left of the steps.")
  static let endLearningRate = Field(
    "lr_end", .number(.atLeast(0)), default: 1e-7, "The learning rate at the end.")
  static let timescale = Field(
    optional: "timescale", .integer(), "The steps over which it falls.", example: "10000",
    defaultNote: "the warm-up's steps, or 10,000 without one", unit: "optimizer steps")
  static let every = Field(
    required: "every", .cadence, "How often the learning rate falls.", example: "1 epoch",
    otherNames: ["step_size", "interval"])
  static let gamma = Field(
    "gamma", .number(.above(0)), default: 0.1, "What the learning rate is multiplied by.")
  static let warmup = Field(
    "warmup", .warmup, default: .steps(0),
    "Over how many steps the learning rate rises from 0: `20`, `100 steps` or `10%` of all steps.",
    otherNames: ["warmup_steps", "warmup_ratio", "num_warmup_steps", "lr_warmup_steps"])

  static let constant = SectionTable("constant", "The learning rate stays; no settings.", [])
  static let linear = SectionTable("linear", "It falls in a line to 0; no settings.", [])
  static let cosine = SectionTable("cosine", "It falls along a cosine to 0.", [cycles.entry])
  static let polynomial = SectionTable(
    "polynomial", "It falls along a power to `lr_end`.", [power.entry, endLearningRate.entry])
  static let inverseSquareRoot = SectionTable(
    "inverse_sqrt", "It falls as one over the root of the steps.", [timescale.entry])
  static let step = SectionTable(
    "step", "It is multiplied by `gamma` every so often, as torch's StepLR.",
    [every.entry, gamma.entry])

  /// The shapes that need no settings and can be written as a word.
  static let words = ["constant", "linear", "cosine", "polynomial", "inverse_sqrt"]

  static let table = SectionTable(
    "schedule", "How the learning rate goes over the steps; `linear` where only `warmup` is said.",
    rules: [.atMostOne(words + ["step"])],
    [
      FieldEntry(
        section: "constant", .section(constant), constant.summary, example: "{}",
        otherNames: ["constant_with_warmup"]),
      FieldEntry(section: "linear", .section(linear), linear.summary, example: "{}"),
      FieldEntry(
        section: "cosine", .section(cosine), cosine.summary, example: "{}",
        otherNames: ["cosine_with_warmup"]),
      FieldEntry(
        section: "polynomial", .section(polynomial), polynomial.summary,
        example: "{power: 2}"),
      FieldEntry(
        section: "inverse_sqrt", .section(inverseSquareRoot), inverseSquareRoot.summary,
        example: "{}"),
      FieldEntry(
        section: "step", .section(step), step.summary, example: "{every: 1 epoch}",
        otherNames: ["step_lr", "StepLR"]),
      warmup.entry,
    ])

  static let shorthand = ValueForm.choice(
    table.fields.filter { words.contains($0.key) }.map {
      ValueForm.Choice(name: $0.key, summary: $0.summary)
    })
}
