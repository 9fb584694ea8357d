/// The keys of a `train` stage.
enum TrainTable {
  static let data = Field(
    required: "data", .text("a name under `data`"),
    "The rows: an entry of `data`, or a part of one.",
    example: "support.train", otherNames: ["dataset", "train_dataset"])
  static let epochs = Field(
    optional: "epochs", .number(.above(0)), "How many times all rows are seen; `0.5` sees half.",
    example: "3", unit: "epochs", otherNames: ["num_train_epochs", "num_epochs", "n_epochs"])
  static let maxSteps = Field(
    optional: "max_steps", .integer(), "How many optimizer steps are made.", example: "1000",
    unit: "optimizer steps",
    otherNames: ["iters", "num_steps", "max_iters", "steps", "total_steps"])
  static let startEpoch = Field(
    "start_epoch", .integer(0...1_000_000), default: 0,
    "The epoch that training begins with, from 0: the rows come as they would have come in it; "
      + "`epochs` counts those before, the learning rate begins anew.",
    unit: "epochs", otherNames: ["initial_epoch", "first_epoch"])
  static let clipNorm = Field(
    "clip_norm", .numberOrNone, default: 1.0,
    "Gradients longer than this, all weights together, are shortened to it; `none` leaves them.",
    otherNames: ["max_grad_norm", "gradient_clip_val", "grad_clip", "gradient_clipping"])

  static let recompute = Field(
    "recompute",
    .choice(.none) { recomputation in
      switch recomputation {
      case .none: "keep everything that the backward pass reads"
      case .attention: "compute queries, keys, values and attention again"
      case .block:
        "keep only what goes from block to block: the least memory, about a third more time"
      }
    }, default: TrainStage.Recomputation.none,
    "What the backward pass computes again so that it need not be kept; the numbers stay the same.",
    otherNames: ["gradient_checkpointing", "activation_checkpointing", "recomputation"])

  static let table = SectionTable(
    "train", "Trains weights on rows.", rules: [.oneOf("epochs", "max_steps")],
    [
      data.entry,
      FieldEntry(
        section: "method", .section(MethodTable.table), isRequired: true,
        "Which weights are trained.", example: "{lora: {r: 8, alpha: 16}}",
        otherNames: ["peft", "adapter", "finetuning_type", "peft_config"]),
      epochs.entry, maxSteps.entry, startEpoch.entry,
      FieldEntry(
        section: "batch", .section(BatchTable.table), "How rows are put together.",
        example: "{size: 8}", otherNames: ["batching"]),
      FieldEntry(
        section: "optimizer", .section(OptimizerTable.table), isRequired: true,
        "How weights follow gradients.", example: "{adamw: {learning_rate: 1e-4}}",
        otherNames: ["optim"]),
      FieldEntry(
        key: "schedule", form: .either([ScheduleTable.shorthand, .section(ScheduleTable.table)]),
        isRequired: false, defaultValue: "linear", defaultNote: nil,
        summary: "How the learning rate goes over the steps.", example: "cosine",
        otherNames: ["lr_scheduler_type", "lr_scheduler", "scheduler", "lr_schedule"]),
      clipNorm.entry, recompute.entry,
      FieldEntry(
        section: "checkpoint", .section(CheckpointTable.table),
        defaultNote: "none are written before the end",
        "When the state is saved, so that a run can be resumed.", example: "{every: 100 steps}",
        otherNames: ["save", "checkpoints", "checkpointing"]),
      FieldEntry(
        section: "evaluate", .section(TrainingEvaluationTable.table), defaultNote: "no evaluation",
        "When and on what the model is measured while it trains.",
        example: "{data: support.eval, every: 1 epoch}",
        otherNames: ["eval", "evaluation", "validation"]),
      StageTable.name.entry,
    ])
}

/// The keys of `method`.
enum MethodTable {
  static let trainLast = Field(
    optional: "train_last", .integer(1...100_000),
    "Only the last blocks are trained, and the head where its weights are its own; of an "
      + "encoder–decoder, blocks of the decoder.",
    example: "2", defaultNote: "every block", unit: "blocks",
    otherNames: ["unfreeze_last", "num_layers_to_train", "num_layers"])

  static let full = SectionTable(
    "full", "The model's own weights are trained.",
    [
      trainLast.entry,
      FieldEntry(
        section: "freeze", .either([LoRATable.moduleNames.form, LoRATable.expression.form]),
        defaultNote: "nothing",
        "What stays as it is: modules by name, with all inside of them; or one regular expression that "
          + "matches whole names of weights. An entry that names nothing is an error.",
        example: "[embed_tokens]",
        otherNames: ["frozen", "freeze_layers", "freeze_modules", "frozen_parameters"]),
    ])

  static let table = SectionTable(
    "method", "Which weights are trained.", rules: [.oneOf("lora", "full")],
    [
      FieldEntry(
        section: "lora", .section(LoRATable.table), "Low-rank adapters beside frozen weights.",
        example: "{r: 8, alpha: 16}", otherNames: ["qlora", "dora"]),
      FieldEntry(
        section: "full", .section(full), "All weights.", example: "{}",
        otherNames: ["full_finetune"]),
    ])
}

/// The keys of `batch`.
enum BatchTable {
  static let size = Field(
    "size", .integer(1...1_048_576), default: 8, "Rows that are computed at once.",
    unit: "rows",
    otherNames: [
      "per_device_train_batch_size", "batch_size", "micro_batch_size", "train_batch_size",
    ])
  static let accumulate = Field(
    "accumulate", .integer(1...1_048_576), default: 1,
    "Batches of `size` rows that make one optimizer step.",
    unit: "batches",
    otherNames: ["gradient_accumulation_steps", "grad_accumulation_steps", "accumulation"])
  static let shuffle = Field(
    "shuffle", .boolean, default: true, "Whether every epoch has an order of its own, by the seed.")
  static let dropLast = Field(
    "drop_last", .boolean, default: false,
    "Whether rows that fill no whole batch at the end of an epoch are left out.",
    otherNames: ["dataloader_drop_last"])
  static let packing = Field(
    "packing", .boolean, default: false,
    "Whether short rows share one sequence, without seeing each other.",
    otherNames: ["sample_packing", "pack"])

  static let table = SectionTable(
    "batch", "How rows are put together.", rules: [.atMostOne(["shuffle", "sampler"])],
    [
      size.entry, accumulate.entry, shuffle.entry,
      FieldEntry(
        key: "sampler", form: .either([SamplerTable.word.form, .section(SamplerTable.table)]),
        isRequired: false, defaultValue: nil,
        defaultNote: "`random`, or `sequential` where `shuffle` is false",
        summary: "Which rows an epoch has, and in which order; `random` and `sequential` are what "
          + "`shuffle` says too.",
        example: "length_grouped",
        otherNames: ["train_sampler", "sampling_strategy", "train_sampling_strategy"]),
      dropLast.entry, packing.entry,
    ])
}

/// The keys of `checkpoint`.
enum CheckpointTable {
  static let every = Field(
    required: "every", .cadence, "How often.", example: "100 steps",
    otherNames: ["save_steps", "interval", "steps"])
  static let keep = Field(
    "keep", .integer(1...1_000_000), default: 2, "How many are kept, the newest.",
    unit: "checkpoints", otherNames: ["save_total_limit", "keep_last"])

  static let table = SectionTable(
    "checkpoint", "When the state is saved, so that a run can be resumed.",
    [every.entry, keep.entry])
}
