import Diagnostics
import JSONSyntax
import Pipelines
import Planning
import Testing

/// No key is accepted and then not read: another value of any key is another plan, or is refused.
///
/// The keys are those of the field table, so a key that is added there without a case here fails.
@Suite struct FieldEffectTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.write(
      "pairs.jsonl",
      (0..<12).map { #"{"q": "the cat \#($0)", "a": "on the mat", "b": "on the log"}"# }
        .joined(separator: "\n") + "\n")
    try place.write("rows.txt", Workplace.sentences.joined(separator: "\n\n") + "\n")
    try place.write("more.jsonl", #"{"text": "the sun", "prose": "a log and a dog"}"# + "\n")
  }

  /// One key's other value: `new` stands in the place of `old`, which the pipeline holds once.
  struct Change: CustomTestStringConvertible, Sendable {
    let path: String
    let base: Base
    let old: String
    let new: String
    /// What becomes of it.
    let effect: Effect

    var testDescription: String { path }
  }

  enum Effect: Sendable {
    /// The plan has another identity.
    case anotherRun
    /// The same run, told otherwise: only the plan's text differs.
    case sameRun
    /// It does not fit what is there, and a finding says so.
    case refused
  }

  /// The pipelines that are changed, each with its train stage.
  enum Base: CaseIterable, Sendable {
    case lora, sgd, adam, full, cosine, polynomial, inverseSquareRoot, step

    var train: String {
      switch self {
      case .lora:
        """
              method: {lora: {r: 4, alpha: 16, target_modules: [q_proj, v_proj]}}
              epochs: 3
              batch: {size: 2}
              optimizer: {adamw: {learning_rate: 1e-2}}
              checkpoint: {every: 2 steps}
              evaluate: {data: rows.eval, every: 3 steps}
        """
      case .sgd:
        Self.method("{lora: {r: 4, alpha: 16}}", "{sgd: {learning_rate: 1e-2, momentum: 0.5}}")
      case .adam: Self.method("{lora: {r: 4, alpha: 16}}", "{adam: {learning_rate: 1e-2}}")
      case .full: Self.method("{full: {}}", "{adamw: {learning_rate: 1e-2}}")
      case .cosine: Self.schedule("{cosine: {num_cycles: 0.5}, warmup: 1}")
      case .polynomial: Self.schedule("{polynomial: {power: 2, lr_end: 1e-6}}")
      case .inverseSquareRoot: Self.schedule("{inverse_sqrt: {timescale: 7}}")
      case .step: Self.schedule("{step: {every: 2 steps, gamma: 0.5}}")
      }
    }

    private static func method(_ method: String, _ optimizer: String) -> String {
      """
            method: \(method)
            epochs: 3
            batch: {size: 2}
            optimizer: \(optimizer)
      """
    }

    private static func schedule(_ schedule: String) -> String {
      method("{lora: {r: 4, alpha: 16}}", "{adamw: {learning_rate: 1e-2}}")
        + "\n      schedule: \(schedule)"
    }
  }

  /// The pipeline, with everything that a key may be changed in.
  private func text(_ base: Base) -> String {
    """
    hone: 1
    name: test
    seed: 5
    output: \(place.path("run"))
    backend: {cpu: {threads: 1}}
    vars: {longest: 32}
    model:
      create: {architecture: llama, hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2,
        num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 128}
      tokenizer: tokenizer
    data:
      rows: {load: rows.jsonl, max_length: 16, split: {train: 0.8, eval: 0.2}}
      pairs: {load: pairs.jsonl, columns: {prompt: q, completion: a}, template: "Q {{q}}"}
      prose: {load: more.jsonl, columns: {text: text}, max_length: "${longest}"}
      both: {mix: [{data: rows.train}, {data: pairs, weight: 0.5}]}
    stages:
      - train:
          data: rows.train
    \(base.train)
      - evaluate: {name: first-look, data: pairs}
      - evaluate: {name: second-look, data: prose}
      - evaluate: {name: third-look, data: both}
      - generate: {prompts: ["the cat"], max_new_tokens: 8, temperature: 0.5}
      - export: {merged: \(place.path("merged"))}

    """
  }

  static let changes: [Change] =
    top + model + data + taskData + training + methods + optimizers + schedules + others

  static func change(
    _ path: String, _ old: String, _ new: String, _ base: Base = .lora,
    _ effect: Effect = .anotherRun
  ) -> Change {
    Change(path: path, base: base, old: old, new: new, effect: effect)
  }

  /// A key that stands in a list of keys beside `anchor`.
  private static func added(
    _ path: String, _ key: String, beside anchor: String, _ base: Base = .lora,
    _ effect: Effect = .anotherRun
  ) -> Change {
    change(path, anchor, "\(anchor), \(key)", base, effect)
  }

  private static let top: [Change] = [
    change("hone", "hone: 1", "hone: 2", .lora, .refused),
    change("name", "name: test", "name: other"),
    change("seed", "seed: 5", "seed: 6"),
    change("output", "/run\n", "/other-run\n"),
    change("backend", "{cpu: {threads: 1}}", "reference"),
    change("backend.cpu", "{cpu: {threads: 1}}", "{cpu: {}}", .lora, .anotherRun),
    change("backend.cpu.threads", "threads: 1", "threads: 2"),
    change("backend.reference", "{cpu: {threads: 1}}", "{reference: {}}"),
    change("model", "model:\n", "model: {load: none}\nx-model:\n", .lora, .refused),
    change("data", "prose: {load", "renamed: {load", .lora, .refused),
    change("vars", "longest: 32", "longest: 12"),
    change("matrix", "seed: 5\n", "seed: 5\nmatrix: {longest: [12]}\n"),
    change("extends", "seed: 5\n", "seed: 5\nextends: base.yaml\n", .lora, .refused),
    change("stages", "- evaluate: {name: first-look, data: pairs}", "# less"),
  ]

  private static let model: [Change] = [
    change("model.load", "create: {", "load: none\n  x-create: {", .lora, .refused),
    change(
      "model.config", "tokenizer: tokenizer", "tokenizer: tokenizer\n  config: config.json", .lora,
      .refused),
    change("model.create", "max_position_embeddings: 128", "max_position_embeddings: 64"),
    change(
      "model.task", "tokenizer: tokenizer", "tokenizer: tokenizer\n  task: seq2seq_lm", .lora,
      .refused),
    change(
      "model.labels", "tokenizer: tokenizer", "tokenizer: tokenizer\n  labels: [a, b]", .lora,
      .refused),
    change(
      "model.problem_type", "tokenizer: tokenizer",
      "tokenizer: tokenizer\n  problem_type: multi_label_classification", .lora, .refused),
    change("model.dtype", "tokenizer: tokenizer", "tokenizer: tokenizer\n  dtype: bfloat16"),
    change("model.dropout", "tokenizer: tokenizer", "tokenizer: tokenizer\n  dropout: 0.1"),
    change("model.tokenizer", "tokenizer: tokenizer", "tokenizer: none", .lora, .refused),
    change("model.tokenizer.train", "tokenizer: tokenizer", "tokenizer: {train: character}"),
    change("model.tokenizer.size", "tokenizer: tokenizer", "tokenizer: {train: bpe, size: 280}"),
    change(
      "model.tokenizer.special_tokens", "tokenizer: tokenizer",
      "tokenizer: {train: character, special_tokens: bart}"),
    change(
      "model.tokenizer.data", "tokenizer: tokenizer",
      "tokenizer: {train: character, data: [prose]}"),
    change(
      "model.create.architecture", "architecture: llama", "architecture: gpt9", .lora, .refused),
    change("model.create.hidden_size", "hidden_size: 32", "hidden_size: 48"),
    change("model.create.intermediate_size", "intermediate_size: 48", "intermediate_size: 64"),
    change("model.create.num_hidden_layers", "num_hidden_layers: 2", "num_hidden_layers: 3"),
    change("model.create.num_attention_heads", "num_attention_heads: 4", "num_attention_heads: 2"),
    change("model.create.num_key_value_heads", "num_key_value_heads: 2", "num_key_value_heads: 1"),
    added(
      "model.create.num_decoder_layers", "num_decoder_layers: 1",
      beside: "num_key_value_heads: 2", .lora, .refused),
    added("model.create.head_dim", "head_dim: 16", beside: "num_key_value_heads: 2"),
    change(
      "model.create.max_position_embeddings", "max_position_embeddings: 128",
      "max_position_embeddings: 64"),
    added("model.create.rope_theta", "rope_theta: 5000", beside: "num_key_value_heads: 2"),
    added("model.create.rms_norm_eps", "rms_norm_eps: 1e-5", beside: "num_key_value_heads: 2"),
    added(
      "model.create.tie_word_embeddings", "tie_word_embeddings: true",
      beside: "num_key_value_heads: 2"),
    added(
      "model.create.initializer_range", "initializer_range: 0.01", beside: "num_key_value_heads: 2"),
  ]

  private static let data: [Change] = [
    change("data.<name>.load", "load: rows.jsonl", "load: [rows.jsonl, more.jsonl]"),
    change("data.<name>.mix", "{data: pairs, weight: 0.5}", "{data: prose}"),
    change("data.<name>.mix[].data", "{data: rows.train}", "{data: rows.eval}"),
    change("data.<name>.mix[].weight", "weight: 0.5", "weight: 0.25"),
    change("data.<name>.format", "{load: rows.jsonl", "{load: rows.txt, format: text"),
    change("data.<name>.columns", "columns: {text: text}", "columns: {text: prose}"),
    change("data.<name>.columns.text", "{text: text}", "{text: prose}"),
    change("data.<name>.columns.prompt", "{prompt: q", "{prompt: b"),
    change("data.<name>.columns.completion", "completion: a", "completion: b"),
    change("data.<name>.columns.messages", "{text: text}", "{messages: text}", .lora, .refused),
    change("data.<name>.template", "Q {{q}}", "Question {{q}}"),
    added("data.<name>.loss_on", "loss_on: all", beside: "{load: pairs.jsonl"),
    change("data.<name>.max_length", "max_length: 16", "max_length: 8"),
    added("data.<name>.overlong", "overlong: drop", beside: "{load: rows.jsonl"),
    added("data.<name>.end_token", "end_token: false", beside: "{load: rows.jsonl"),
    change("data.<name>.split", "{train: 0.8, eval: 0.2}", "{train: 0.6, eval: 0.4}"),
  ]

  private static let training: [Change] = [
    change("stages[].train", "epochs: 3", "epochs: 2"),
    change("stages[].train.data", "data: rows.train\n", "data: pairs\n"),
    change("stages[].train.epochs", "epochs: 3", "epochs: 4"),
    change("stages[].train.max_steps", "epochs: 3", "max_steps: 5"),
    change("stages[].train.start_epoch", "epochs: 3", "epochs: 3\n      start_epoch: 1"),
    change("stages[].train.clip_norm", "epochs: 3", "epochs: 3\n      clip_norm: 0.5"),
    change("stages[].train.recompute", "epochs: 3", "epochs: 3\n      recompute: block"),
    change("stages[].train.name", "epochs: 3", "epochs: 3\n      name: learn"),
    change("stages[].train.batch", "batch: {size: 2}", "batch: {size: 4}"),
    change("stages[].train.batch.size", "batch: {size: 2}", "batch: {size: 1}"),
    added("stages[].train.batch.accumulate", "accumulate: 2", beside: "{size: 2"),
    added("stages[].train.batch.shuffle", "shuffle: false", beside: "{size: 2"),
    added("stages[].train.batch.sampler", "sampler: length_grouped", beside: "{size: 2"),
    added(
      "stages[].train.batch.sampler.distributed",
      "sampler: {distributed: {rank: 0, world_size: 2}}", beside: "{size: 2"),
    added(
      "stages[].train.batch.sampler.distributed.rank",
      "sampler: {distributed: {rank: 1, world_size: 2}}", beside: "{size: 2"),
    added(
      "stages[].train.batch.sampler.distributed.world_size",
      "sampler: {distributed: {rank: 0, world_size: 3}}", beside: "{size: 2"),
    added(
      "stages[].train.batch.sampler.distributed.shuffle",
      "sampler: {distributed: {rank: 0, world_size: 1, shuffle: false}}", beside: "{size: 2"),
    added("stages[].train.batch.drop_last", "drop_last: true", beside: "{size: 2"),
    added("stages[].train.batch.packing", "packing: true", beside: "{size: 2"),
    change("stages[].train.checkpoint", "checkpoint: {every: 2 steps}", "x-checkpoint: 1"),
    change("stages[].train.checkpoint.every", "{every: 2 steps}", "{every: 4 steps}"),
    added("stages[].train.checkpoint.keep", "keep: 3", beside: "{every: 2 steps"),
    change(
      "stages[].train.evaluate", "evaluate: {data: rows.eval, every: 3 steps}", "x-evaluate: 1"),
    change("stages[].train.evaluate.data", "{data: rows.eval, every", "{data: prose, every"),
    added("stages[].train.evaluate.metrics", "metrics: [loss, accuracy]", beside: "every: 3 steps"),
    added(
      "stages[].train.evaluate.token_values", "metrics: [ccc], token_values: {a: 1}",
      beside: "every: 3 steps"),
    added(
      "stages[].train.evaluate.generation", "generation: {num_beams: 3}", beside: "every: 3 steps",
      .lora, .refused),
    added(
      "stages[].train.evaluate.generation.num_beams", "generation: {num_beams: 2}",
      beside: "every: 3 steps", .lora, .refused),
    added(
      "stages[].train.evaluate.generation.max_new_tokens", "generation: {max_new_tokens: 2}",
      beside: "every: 3 steps", .lora, .refused),
    added(
      "stages[].train.evaluate.generation.length_penalty", "generation: {length_penalty: 2}",
      beside: "every: 3 steps", .lora, .refused),
    change("stages[].train.evaluate.every", "every: 3 steps", "every: 4 steps"),
  ]

  private static let methods: [Change] = [
    change("stages[].train.method", "{full: {}}", "{lora: {r: 4, alpha: 16}}", .full),
    change("stages[].train.method.full", "{lora: {r: 4, alpha: 16}}", "{full: {}}", .adam),
    change(
      "stages[].train.method.full.train_last", "{full: {}}", "{full: {train_last: 1}}", .full),
    change(
      "stages[].train.method.full.freeze", "{full: {}}", "{full: {freeze: [embed_tokens]}}", .full),
    change("stages[].train.method.lora", "{full: {}}", "{lora: {r: 2, alpha: 16}}", .full),
    change("stages[].train.method.lora.r", "r: 4", "r: 5"),
    change("stages[].train.method.lora.alpha", "alpha: 16", "alpha: 17"),
    added("stages[].train.method.lora.dropout", "dropout: 0.1", beside: "alpha: 16"),
    added("stages[].train.method.lora.bias", "bias: all", beside: "alpha: 16"),
    change(
      "stages[].train.method.lora.target_modules", "[q_proj, v_proj]", "[q_proj, k_proj]"),
    added(
      "stages[].train.method.lora.exclude_modules", "exclude_modules: 'model\\.layers\\.0\\..*'",
      beside: "alpha: 16"),
    added(
      "stages[].train.method.lora.layers_to_transform", "layers_to_transform: 1",
      beside: "alpha: 16"),
    added(
      "stages[].train.method.lora.rank_pattern", "rank_pattern: {q_proj: 2}", beside: "alpha: 16"),
    added(
      "stages[].train.method.lora.alpha_pattern", "alpha_pattern: {q_proj: 2}",
      beside: "alpha: 16"),
    added(
      "stages[].train.method.lora.modules_to_save", "modules_to_save: [lm_head]",
      beside: "alpha: 16"),
    added("stages[].train.method.lora.use_rslora", "use_rslora: true", beside: "alpha: 16"),
    added("stages[].train.method.lora.use_dora", "use_dora: true", beside: "alpha: 16"),
    added(
      "stages[].train.method.lora.lora_bias", "lora_bias: true", beside: "alpha: 16", .lora,
      .refused),
    added("stages[].train.method.lora.loraplus_ratio", "loraplus_ratio: 4", beside: "alpha: 16"),
    added(
      "stages[].train.method.lora.loraplus_lr_embedding", "loraplus_lr_embedding: 1e-5",
      beside: "alpha: 16", .lora, .refused),
    added(
      "stages[].train.method.lora.init_lora_weights", "init_lora_weights: pissa",
      beside: "alpha: 16"),
    added(
      "stages[].train.method.lora.trainable_token_indices", "trainable_token_indices: [3, 5]",
      beside: "alpha: 16"),
    added("stages[].train.method.lora.init", "init: none", beside: "alpha: 16", .lora, .refused),
  ]

  private static let optimizers: [Change] =
    [
      change(
        "stages[].train.optimizer", "{adam: {learning_rate: 1e-2}}",
        "{adamw: {learning_rate: 1e-2}}", .adam),
      change("stages[].train.optimizer.sgd", "momentum: 0.5", "momentum: 0.25", .sgd),
      change(
        "stages[].train.optimizer.sgd.learning_rate", "learning_rate: 1e-2", "learning_rate: 2e-2",
        .sgd),
      change("stages[].train.optimizer.sgd.momentum", "momentum: 0.5", "momentum: 0.75", .sgd),
      added(
        "stages[].train.optimizer.sgd.nesterov", "nesterov: true", beside: "momentum: 0.5", .sgd),
      added(
        "stages[].train.optimizer.sgd.weight_decay", "weight_decay: 0.5", beside: "momentum: 0.5",
        .sgd),
      change("stages[].train.optimizer.adam", "{adam: {", "{adamw: {", .adam),
      change("stages[].train.optimizer.adamw", "{adamw: {", "{adam: {"),
    ]
    + [("adam", Base.adam), ("adamw", .lora)].flatMap { name, base in
      [
        ("betas", "betas: [0.8, 0.9]"), ("eps", "eps: 1e-6"), ("weight_decay", "weight_decay: 0.5"),
        ("amsgrad", "amsgrad: true"),
      ].map { key, text in
        added(
          "stages[].train.optimizer.\(name).\(key)", text, beside: "learning_rate: 1e-2", base)
      } + [
        change(
          "stages[].train.optimizer.\(name).learning_rate", "learning_rate: 1e-2",
          "learning_rate: 2e-2", base)
      ]
    }

  private static let schedules: [Change] = [
    change("stages[].train.schedule", "{cosine: {num_cycles: 0.5}, warmup: 1}", "linear", .cosine),
    change(
      "stages[].train.schedule.constant", "{cosine: {num_cycles: 0.5}", "{constant: {}", .cosine),
    change("stages[].train.schedule.linear", "{cosine: {num_cycles: 0.5}", "{linear: {}", .cosine),
    change(
      "stages[].train.schedule.cosine", "{cosine: {num_cycles: 0.5}", "{cosine: {num_cycles: 1}",
      .cosine),
    change(
      "stages[].train.schedule.cosine.num_cycles", "num_cycles: 0.5", "num_cycles: 1.5", .cosine),
    change("stages[].train.schedule.warmup", "warmup: 1}", "warmup: 2}", .cosine),
    change(
      "stages[].train.schedule.polynomial", "{polynomial: {power: 2, lr_end: 1e-6}}",
      "{polynomial: {}}", .polynomial),
    change("stages[].train.schedule.polynomial.power", "power: 2", "power: 3", .polynomial),
    change(
      "stages[].train.schedule.polynomial.lr_end", "lr_end: 1e-6", "lr_end: 1e-5", .polynomial),
    change("stages[].train.schedule.inverse_sqrt", "{timescale: 7}", "{}", .inverseSquareRoot),
    change(
      "stages[].train.schedule.inverse_sqrt.timescale", "timescale: 7", "timescale: 9",
      .inverseSquareRoot),
    change(
      "stages[].train.schedule.step", "{step: {every: 2 steps, gamma: 0.5}}", "constant", .step),
    change("stages[].train.schedule.step.every", "every: 2 steps", "every: 3 steps", .step),
    change("stages[].train.schedule.step.gamma", "gamma: 0.5", "gamma: 0.25", .step),
  ]

  private static let others: [Change] = [
    change(
      "stages[].evaluate", "{name: first-look, data: pairs}", "{name: first-look, data: prose}"),
    change("stages[].evaluate.data", "data: pairs}\n", "data: rows.eval}\n"),
    added("stages[].evaluate.metrics", "metrics: [loss]", beside: "{name: first-look"),
    change(
      "stages[].evaluate.token_values", "{name: first-look",
      "{name: first-look, metrics: [ccc], token_values: {a: 1}"),
    change(
      "stages[].evaluate.generation", "{name: first-look",
      "{name: first-look, generation: {num_beams: 3}",
      .lora, .refused),
    change(
      "stages[].evaluate.generation.max_new_tokens", "{name: first-look",
      "{name: first-look, generation: {max_new_tokens: 5}", .lora, .refused),
    change(
      "stages[].evaluate.generation.num_beams", "{name: first-look",
      "{name: first-look, generation: {num_beams: 2}", .lora, .refused),
    change(
      "stages[].evaluate.generation.length_penalty", "{name: first-look",
      "{name: first-look, generation: {length_penalty: 2}", .lora, .refused),
    added("stages[].evaluate.batch_size", "batch_size: 3", beside: "{name: first-look"),
    change("stages[].evaluate.name", "name: first-look", "name: glance"),
    change("stages[].generate", "[\"the cat\"]", "[\"a cat\"]"),
    change("stages[].generate.prompts", "[\"the cat\"]", "[\"the cat\", \"the dog\"]"),
    change("stages[].generate.max_new_tokens", "max_new_tokens: 8", "max_new_tokens: 9"),
    change("stages[].generate.temperature", "temperature: 0.5", "temperature: 0.25"),
    added("stages[].generate.top_k", "top_k: 5", beside: "temperature: 0.5"),
    added("stages[].generate.top_p", "top_p: 0.5", beside: "temperature: 0.5"),
    change("stages[].generate.num_beams", "temperature: 0.5", "num_beams: 2"),
    change(
      "stages[].generate.length_penalty", "temperature: 0.5", "num_beams: 2, length_penalty: 2"),
    added("stages[].generate.chat", "chat: true", beside: "temperature: 0.5", .lora, .refused),
    added("stages[].generate.name", "name: sample", beside: "temperature: 0.5"),
    change("stages[].export", "{merged: ", "{adapter: "),
    change("stages[].export.adapter", "{merged: ", "{adapter: "),
    change("stages[].export.merged", "/merged}", "/elsewhere}"),
    change("stages[].export.format", "/merged}", "/merged, format: torch}"),
    change("stages[].export.name", "{merged: ", "{name: save, merged: "),
  ]

  // MARK: Tests

  @Test func everyKeyOfTheFieldTableHasACase() {
    let keys = PipelineReference.fields().map(\.path)
    #expect(keys.count > 100)
    let cases = Set(Self.changes.map(\.path))
    let missing = keys.filter { !cases.contains($0) }
    #expect(missing == [], "these keys of the field table have no case here")
    #expect(cases.subtracting(keys) == [], "these cases are of no key")
  }

  @Test(arguments: changes)
  func anotherValueOfAKeyIsAnotherPlanOrRefused(change: Change) throws {
    let before = text(change.base)
    #expect(before.ranges(of: change.old).count == 1, "`\(change.old)` is not there once")
    let after = before.replacing(change.old, with: change.new)
    let first = try place.plan(before).plan
    let (run, diagnostics) = place.prepare(after)
    switch change.effect {
    case .refused:
      #expect(run == nil)
      let errors = diagnostics.filter { $0.severity == .error }
      #expect(!errors.isEmpty && errors.allSatisfy { $0.help != nil })
    case .anotherRun, .sameRun:
      let second = try #require(run, "\(diagnostics.map(\.message))").plan
      #expect(second.json != first.json)
      #expect((second.identity == first.identity) == (change.effect == .sameRun))
    }
  }
}
