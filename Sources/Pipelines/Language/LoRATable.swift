/// The keys of `lora`, in PEFT's words.
enum LoRATable {
  static let moduleName = ValueKind<String>.text("a module's name")
  static let moduleNames = ValueKind<[String]>.list(of: moduleName, count: 1...10_000, isSet: true)
  static let expression = ValueKind<String>.text("a regular expression")

  static let rankValue = ValueKind<Int>.integer(1...65_536)
  static let alphaValue = ValueKind<Double>.number(.above(0))

  static let rank = Field(
    required: "r", rankValue, "The rank of the update of each adapted module.", example: "8",
    otherNames: ["rank", "lora_r", "lora_rank", "lora_dim"])
  static let alpha = Field(
    required: "alpha", alphaValue,
    "The update is scaled by `alpha / r`, or by `alpha / √r` under `use_rslora`.", example: "16",
    otherNames: ["lora_alpha", "scale"])
  static let dropout = Field(
    "dropout", .number(NumberRange(0..<1)), default: 0,
    "The chance that an input of the update is left out of a step.",
    otherNames: ["lora_dropout"])
  static let bias = Field(
    "bias",
    .choice(.none) { bias in
      switch bias {
      case .none: "no bias is trained"
      case .all: "every bias of the model is trained"
      case .loraOnly: "the biases of adapted modules are trained"
      }
    }, default: LoRASection.Bias.none, "Which biases of the base are trained too.")
  static let layersToTransform = Field(
    optional: "layers_to_transform", .layers,
    "Only modules of these layers are adapted, counted from 0; with a list of `target_modules`.",
    example: "[0, 1]", defaultNote: "all layers")
  static let modulesToSave = Field(
    "modules_to_save", moduleNames, default: [],
    "Modules that are trained in whole and saved with the adapter.", example: "[lm_head]")
  static let useRSLoRA = Field(
    "use_rslora", .boolean, default: false, "Scale by `alpha / √r` instead of `alpha / r`.",
    otherNames: ["rslora"])
  static let loraBias = Field(
    "lora_bias", .boolean, default: false,
    "Whether the second matrix of each update has a bias, scaled as the update is. Merging it needs a "
      + "module with a bias of its own.")
  static let useDoRA = Field(
    "use_dora", .boolean, default: false,
    "Updates turn the weights, and a trained vector gives their lengths: DoRA (arXiv 2402.09353).",
    otherNames: ["dora", "lora_use_dora"])
  static let loraPlusRatio = Field(
    optional: "loraplus_ratio", .number(.above(0)),
    "LoRA+ (arXiv 2402.12354): the second matrix of each update learns this many times as fast as the "
      + "first, whose rate is `learning_rate`.",
    example: "16", defaultNote: "one learning rate for all",
    otherNames: [
      "loraplus_lr_ratio", "loraplus", "lora_plus", "lora_plus_ratio", "lora_plus_lr_ratio",
    ])
  static let loraPlusEmbedding = Field(
    optional: "loraplus_lr_embedding", .number(.above(0)),
    "With `loraplus_ratio`, the learning rate of updates of embeddings.", example: "1e-6",
    defaultNote: "1e-6, as PEFT's", otherNames: ["lora_plus_lr_embedding"])
  static let start = Field(
    "init_lora_weights",
    .choice(.kaimingUniform, otherNames: ["pissa_niter_16": .pissa, "kaiming": .kaimingUniform]) {
      start in
      switch start {
      case .kaimingUniform: "A uniform as PEFT draws it, B zero"
      case .gaussian: "A normal with deviation 1 / r, B zero"
      case .pissa:
        "the largest singular vectors of the weight, which keeps the rest (arXiv 2404.02948)"
      case .olora: "the QR decomposition of the weight, which keeps the rest (arXiv 2406.01775)"
      }
    }, default: LoRASection.Start.kaimingUniform,
    "How new updates begin. An adapter that began as a part of the weights is exported as the "
      + "difference that it made, of twice the rank, which fits the original model.",
    otherNames: ["init_weights", "lora_init", "pissa_init"])
  static let initialAdapter = Field(
    optional: "init", .text("a path"),
    "The directory of an adapter to go on from, relative to the pipeline's file.",
    example: "out/adapter", defaultNote: "a new adapter",
    otherNames: ["adapter", "resume_adapter_file", "adapter_name_or_path"])

  static let tokenIDs = ValueKind<[Int]>.list(
    of: .integer(0...Int(Int32.max)), count: 1...100_000, isSet: true)

  static let allLinear = "all-linear"

  static let table = SectionTable(
    "lora", "Low-rank adapters beside frozen weights (arXiv 2106.09685).",
    [
      rank.entry, alpha.entry, dropout.entry, bias.entry,
      FieldEntry(
        section: "target_modules", .either([moduleNames.form, expression.form]),
        defaultNote: "PEFT's choice for the model's family",
        "Which modules are adapted: names, matched whole or after a dot; or one regular expression "
          + "that matches whole module paths; or `all-linear`. An entry that matches nothing is an "
          + "error.",
        example: "[q_proj, v_proj]",
        otherNames: ["lora_target", "lora_target_modules", "targets", "keys", "lora_layers"]),
      FieldEntry(
        section: "exclude_modules", .either([moduleNames.form, expression.form]),
        defaultNote: "none", "Modules that are not adapted though `target_modules` matches them.",
        example: "[lm_head]"),
      layersToTransform.entry,
      FieldEntry(
        section: "rank_pattern",
        .map(key: "a module's name or a regular expression", rankValue.form),
        defaultNote: "`r` everywhere",
        "Other ranks for some modules; the first that matches counts.",
        example: "{q_proj: 16}"),
      FieldEntry(
        section: "alpha_pattern",
        .map(key: "a module's name or a regular expression", alphaValue.form),
        defaultNote: "`alpha` everywhere",
        "Other alphas for some modules; the first that matches counts.", example: "{q_proj: 32}"),
      modulesToSave.entry, useRSLoRA.entry, useDoRA.entry, loraBias.entry, loraPlusRatio.entry,
      loraPlusEmbedding.entry, start.entry,
      FieldEntry(
        section: "trainable_token_indices",
        .either([tokenIDs.form, .map(key: "a table's module", tokenIDs.form)]),
        defaultNote: "none",
        "Tokens whose rows of the table are trained, the others staying as they are: ids, or ids by the "
          + "table's module. A head that shares the table sees them too.",
        example: "[128, 129]", otherNames: ["new_tokens", "token_indices"]),
      initialAdapter.entry,
    ])
}
