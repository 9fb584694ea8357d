/// Keys of other trainers that have no counterpart here, and what to do instead.
enum AbsentKeys {
  /// The advice for such a key.
  static func help(_ key: String) -> String? { advice[key] }

  private static let advice: [String: String] = {
    var advice: [String: String] = [:]
    for (keys, help) in groups {
      for key in keys { advice[key] = help }
    }
    return advice
  }()

  private static let groups: [(keys: [String], help: String)] = [
    (
      [
        "early_stopping", "early_stopping_patience", "early_stopping_threshold",
        "early_stopping_rounds",
      ],
      "a run is as long as its plan says; measure it with `evaluate: {data: …, every: 1 epoch}` and "
        + "keep its states with `checkpoint`"
    ),
    (
      ["load_best_model_at_end", "metric_for_best_model", "greater_is_better", "save_best_model"],
      "the last state is what later stages go on from; `evaluate` and `checkpoint` with the same "
        + "`every` keep each measured state"
    ),
    (
      ["eval_strategy", "evaluation_strategy"],
      "write `evaluate: {data: …, every: 1 epoch}`, or `every: 100 steps`"
    ),
    (["save_strategy"], "write `checkpoint: {every: 1 epoch}`, or `every: 100 steps`"),
    (
      ["gradient_checkpointing", "use_gradient_checkpointing", "gradient_checkpointing_kwargs"],
      "it does not exist here; `hone plan` shows the memory, which a smaller `batch.size` with a "
        + "larger `accumulate` lowers"
    ),
    (
      ["report_to", "logging_steps", "logging_dir", "logging_strategy", "wandb_project"],
      "every step is written to `metrics.jsonl` in the run's directory"
    ),
    (
      ["push_to_hub", "hub_model_id", "hub_strategy"],
      "nothing is uploaded; write the result with an `export` stage"
    ),
    (
      ["resume_from_checkpoint", "overwrite_output_dir"],
      "it is said when a run is started: `hone run --resume` or `--overwrite`"
    ),
  ]
}
