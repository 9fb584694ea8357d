import Diagnostics
import YAMLSyntax

/// Other trainers' names whose meaning is that of a key here, so that one may stand for the other.
///
/// Names that only resemble a key, or whose values mean something else, are in the field table as
/// `otherNames`, for advice, and not here.
enum Renaming {
  /// What becomes of the value.
  enum Conversion: Hashable {
    /// It stays.
    case none
    /// A fraction becomes a percentage: `0.1` is `10%`.
    case share
    /// A number gets its unit: `100` is `100 steps`.
    case steps
  }

  /// The names by the section's identifier.
  static let names: [String: [String: Conversion]] = [
    "pipeline": [
      "run_name": .none, "random_seed": .none, "output_dir": .none, "out_dir": .none,
      "save_dir": .none,
    ],
    "cpu": ["num_threads": .none, "n_threads": .none],
    "model": [
      "path": .none, "name_or_path": .none, "task_type": .none, "torch_dtype": .none,
      "tokenizer_path": .none,
    ],
    "create": [
      "model_type": .none, "d_model": .none, "n_embd": .none, "ffn_dim": .none, "n_inner": .none,
      "n_layer": .none, "n_layers": .none, "num_layers": .none, "n_head": .none, "n_heads": .none,
      "num_heads": .none, "n_kv_heads": .none, "num_kv_heads": .none, "n_positions": .none,
      "n_ctx": .none, "context_length": .none, "tie_embeddings": .none, "init_std": .none,
    ],
    "data_section": [
      "path": .none, "file": .none, "files": .none, "data_files": .none, "max_seq_length": .none,
      "max_seq_len": .none, "sequence_len": .none, "cutoff_len": .none, "add_eos_token": .none,
      "append_eos": .none,
    ],
    "mix_part": ["dataset": .none],
    "columns": ["text_column": .none],
    "train": [
      "dataset": .none, "train_dataset": .none, "num_train_epochs": .none, "num_epochs": .none,
      "n_epochs": .none, "num_steps": .none, "total_steps": .none, "max_grad_norm": .none,
      "lr_scheduler_type": .none,
    ],
    "batch": [
      "per_device_train_batch_size": .none, "micro_batch_size": .none,
      "gradient_accumulation_steps": .none, "grad_accumulation_steps": .none,
      "dataloader_drop_last": .none, "sample_packing": .none,
    ],
    "lora": [
      "rank": .none, "lora_r": .none, "lora_rank": .none, "lora_dim": .none, "lora_alpha": .none,
      "lora_dropout": .none, "lora_bias": .none, "lora_target_modules": .none, "rslora": .none,
    ],
    "optimizer": ["adamw_torch": .none, "adamw_torch_fused": .none, "adamw_hf": .none],
    "sgd": ["lr": .none, "wd": .none],
    "adam": ["lr": .none, "wd": .none, "epsilon": .none, "adam_epsilon": .none],
    "adamw": ["lr": .none, "wd": .none, "epsilon": .none, "adam_epsilon": .none],
    "schedule": [
      "warmup_steps": .none, "num_warmup_steps": .none, "lr_warmup_steps": .none,
      "warmup_ratio": .share,
    ],
    "checkpoint": ["save_steps": .steps, "save_total_limit": .none],
    "train_evaluate": ["eval_steps": .steps, "dataset": .none, "eval_dataset": .none],
    "evaluate": [
      "dataset": .none, "eval_dataset": .none, "per_device_eval_batch_size": .none,
      "eval_batch_size": .none,
    ],
    "generate": [
      "max_tokens": .none, "temp": .none, "apply_chat_template": .none,
    ],
  ]

  /// The fix that writes `key` for the key of `entry`; nil where its value has no counterpart.
  static func fix(
    _ entry: SyntaxEntry, to key: String, _ conversion: Conversion = .none
  ) -> Diagnostic.Fix? {
    let rename = Diagnostic.Edit(entry.keySpan, key, insteadOf: entry.key)
    if conversion == .none {
      return Diagnostic.Fix("replace `\(Findings.excerpt(entry.key))` by `\(key)`", [rename])
    }
    guard let text = converted(entry.value, conversion) else { return nil }
    let change = Diagnostic.Edit(entry.value.span, text, insteadOf: entry.value.scalar?.text)
    return Diagnostic.Fix(
      "replace `\(Findings.excerpt(entry.key))` by `\(key): \(text)`", [rename, change])
  }

  /// The value's new text; nil where it cannot be converted.
  private static func converted(_ node: SyntaxNode, _ conversion: Conversion) -> String? {
    let number = node.scalar.flatMap { $0.style == .plain ? NumberText($0.text) : nil }
    switch conversion {
    case .none: return node.scalar?.text
    case .share:
      guard case .decimal(let digits)? = number, let share = Double(digits), share > 0, share < 1
      else { return nil }
      return Percentage.text(share)
    case .steps:
      guard case .integer(let digits)? = number, let count = Int(digits), count > 0 else {
        return nil
      }
      return Cadence(count: count, unit: .step).words
    }
  }
}

/// Shares as they are written.
enum Percentage {
  /// `0.1` as `10%`, to a thousandth of a percent.
  static func text(_ fraction: Double) -> String {
    let percent = (fraction * 100_000).rounded() / 1000
    return "\(Int(exactly: percent).map(String.init) ?? "\(percent)")%"
  }
}

extension SyntaxNode {
  /// The fix that writes `text` in the place of this scalar; nil for a block and for a collection.
  func fix(writing text: String) -> Diagnostic.Fix? {
    guard let scalar, scalar.style != .block else { return nil }
    return Diagnostic.Fix(
      "write `\(text)`", [Diagnostic.Edit(span, text, insteadOf: scalar.text)])
  }
}
