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
    }, default: LoRASection.Bias.none, "Which biases are trained too.",
    otherNames: ["lora_bias"])
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
  static let initialAdapter = Field(
    optional: "init", .text("a path"),
    "The directory of an adapter to go on from, relative to the pipeline's file.",
    example: "out/adapter", defaultNote: "a new adapter",
    otherNames: ["adapter", "resume_adapter_file", "adapter_name_or_path", "init_lora_weights"])

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
      modulesToSave.entry, useRSLoRA.entry, initialAdapter.entry,
    ])
}
