/// What `sampler` takes: a word, or a worker's share.
enum SamplerTable {
  static let rank = Field(
    required: "rank", .integer(0...1_048_575), "Which worker this is, from 0.", example: "0",
    otherNames: ["local_rank", "process_index"])
  static let worldSize = Field(
    required: "world_size", .integer(1...1_048_576), "How many workers there are.", example: "2",
    unit: "workers", otherNames: ["num_replicas", "num_processes", "n_workers"])
  static let shuffle = Field(
    "shuffle", .boolean, default: true, "Whether the shared order is drawn anew in every epoch.")

  static let distributed = SectionTable(
    "distributed", "The rows of one of several workers, as torch's DistributedSampler.",
    [rank.entry, worldSize.entry, shuffle.entry])

  static let table = SectionTable(
    "sampler", "Which rows an epoch has, and in which order.",
    [
      FieldEntry(
        section: "distributed", .section(distributed), isRequired: true,
        "Every `world_size`-th row of an order that all workers share, from number `rank` on; "
          + "`drop_last` says whether the shares are made equal by leaving rows out or by having "
          + "some twice.",
        example: "{rank: 0, world_size: 2}", otherNames: ["DistributedSampler"])
    ])

  static let word = ValueKind.choice(BatchSection.NamedSampler.random) { sampler in
    switch sampler {
    case .random: "all rows, in an order that every epoch draws anew"
    case .sequential: "all rows as the files have them"
    case .lengthGrouped:
      "all rows by chance, those of like length together, as transformers' `group_by_length`"
    case .weighted:
      "as many draws as rows, with replacement, every label as likely as any other"
    }
  }
}
