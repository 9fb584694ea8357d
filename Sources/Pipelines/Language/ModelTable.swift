/// The keys of `model`.
enum ModelTable {
  static let load = Field(
    optional: "load", .text("a path"),
    "A directory in Hugging Face layout (config.json, safetensors or pytorch_model.bin, "
      + "tokenizer.json), a torch checkpoint (`.pt`, `.pth`, `.bin`) or a `.gguf` file, relative to "
      + "the pipeline's file.",
    example: "models/smollm2", otherNames: ["path", "name_or_path", "pretrained", "from"])
  static let config = Field(
    optional: "config", .text("a path"),
    "The `config.json` of the model, where it does not lie beside the weights.",
    example: "models/rna-bart/config.json", defaultNote: "the one beside the weights",
    otherNames: ["config_file", "config_path", "config_name"])
  static let task = Field(
    "task",
    .choice(
      .causalLM,
      otherNames: [
        "seq_2_seq_lm": .seq2seqLM, "seq2seq": .seq2seqLM, "mlm": .maskedLM,
        "seq_cls": .sequenceClassification, "text_classification": .sequenceClassification,
        "classification": .sequenceClassification, "token_cls": .tokenClassification,
        "ner": .tokenClassification, "causallm": .causalLM, "clm": .causalLM,
      ]
    ) { task in
      switch task {
      case .causalLM: "predict each token from those before it"
      case .seq2seqLM: "write a target text for a source text"
      case .maskedLM: "predict tokens that are hidden"
      case .sequenceClassification: "one of several labels for a text, or some of them"
      case .tokenClassification: "a label for each word"
      case .regression: "one number or more for a text or for a row of numbers"
      case .seq2seqRegression: "a row of numbers for a row of numbers"
      }
    }, default: ModelSection.Task.causalLM, "What the model is trained for.",
    otherNames: ["task_type"])
  static let labels = Field(
    "labels", .list(of: .text("a label"), count: 1...65_536, isSet: true), default: [],
    "The names of the classes in the order of their numbers.",
    example: "[negative, positive]", otherNames: ["id2label", "label_names", "classes"])
  static let problemType = Field(
    "problem_type",
    .choice(.singleLabel) { type in
      switch type {
      case .singleLabel: "a row has one label"
      case .multiLabel: "a row has any number of labels"
      }
    }, default: ModelSection.ProblemType.singleLabel, "How many labels a row has.")
  static let dtype = Field(
    "dtype",
    .choice(
      .float32,
      otherNames: [
        "bf16": .bfloat16, "fp32": .float32, "float": .float32, "f32": .float32, "q8": .q80,
        "int8": .q80, "q4": .q40, "int4": .q40,
      ]
    ) { type in
      switch type {
      case .float32: "four bytes a weight"
      case .bfloat16: "two bytes a weight, eight bits of precision"
      case .q80: "matrices in GGUF's blocks of 32, a little more than one byte a weight"
      case .q40: "matrices in GGUF's blocks of 32, a little more than half a byte a weight"
      case .nf4: "matrices in blocks of 64, half a byte a weight, of QLoRA's 16 levels"
      }
    }, default: ModelSection.WeightType.float32,
    "How frozen weights are kept and multiplied; what is trained is always kept in float32.",
    otherNames: ["torch_dtype", "precision", "bf16", "load_in_8bit", "load_in_4bit"])
  static let dropout = Field(
    optional: "dropout", .number(NumberRange(0..<1)),
    "The share that training drops wherever a model of the family has dropout: behind embeddings, of "
      + "attention's weights, of what each part of a layer adds, before the head of a classifier. "
      + "Evaluation and generation drop nothing.",
    example: "0.0", defaultNote: "as the model's `config.json` says; 0 with `create`",
    otherNames: [
      "dropout_rate", "hidden_dropout_prob", "attention_dropout", "resid_pdrop", "dropout_prob",
    ])
  static let tokenizer = Field(
    optional: "tokenizer", .text("a path"),
    "A `tokenizer.json`, or a directory that holds one, `vocab.txt`, or `vocab.json` and "
      + "`merges.txt`; with `create` also how to make one. Required with `create`.",
    example: "models/smollm2", defaultNote: "the one beside the weights",
    otherNames: ["tokenizer_path", "tokenizer_name"])

  static let table = SectionTable(
    "model", "Which model is worked on.",
    rules: [
      .oneOf("load", "create"),
      .alone(
        key: "create",
        allowed: ["load", "task", "labels", "problem_type", "dtype", "dropout", "tokenizer"]),
    ],
    [
      load.entry,
      FieldEntry(
        section: "create", .section(CreateTable.table),
        "A new model with random weights, instead of `load`.",
        example: "{architecture: llama, hidden_size: 256, intermediate_size: 688, "
          + "num_hidden_layers: 4, num_attention_heads: 4}",
        otherNames: ["init", "from_scratch"]),
      config.entry,
      task.entry, labels.entry, problemType.entry, dtype.entry, dropout.entry,
      FieldEntry(
        key: "tokenizer", form: .either([tokenizer.entry.form, .section(TokenizerTable.table)]),
        isRequired: false, defaultValue: nil, defaultNote: tokenizer.entry.defaultNote,
        summary: tokenizer.entry.summary, example: tokenizer.entry.example,
        otherNames: tokenizer.entry.otherNames),
    ])
}

/// The keys of `model.create`, as config.json has them; the tokenizer says `vocab_size`.
enum CreateTable {
  static let architecture = Field(
    required: "architecture",
    .choice(CreatedModel.Architecture.llama) { architecture in
      switch architecture {
      case .llama: "a decoder: RMSNorm, rotary positions, grouped-query attention, SwiGLU"
      case .bart: "an encoder and a decoder: layer norms behind each part, learned positions, GELU"
      case .t5: "an encoder and a decoder: RMSNorm, relative positions, gated GELU"
      case .bert: "an encoder: layer norms behind each part, learned positions, GELU"
      }
    }, "The family of the model.", example: "llama", otherNames: ["model_type", "family"])
  static let hiddenSize = Field(
    required: "hidden_size", .integer(1...1_048_576), "The width of the residual stream.",
    example: "256", unit: "numbers a token", otherNames: ["d_model", "n_embd", "dim"])
  static let intermediateSize = Field(
    required: "intermediate_size", .integer(1...16_777_216), "The width of the feed-forward layer.",
    example: "688", unit: "numbers a token", otherNames: ["ffn_dim", "n_inner", "hidden_dim"])
  static let hiddenLayers = Field(
    required: "num_hidden_layers", .integer(1...10_000), "How many blocks.", example: "4",
    unit: "blocks", otherNames: ["n_layer", "n_layers", "num_layers", "layers"])
  static let decoderLayers = Field(
    optional: "num_decoder_layers", .integer(1...10_000),
    "How many blocks the decoder has, of `bart` and `t5`.", example: "2",
    defaultNote: "`num_hidden_layers`", unit: "blocks", otherNames: ["decoder_layers"])
  static let attentionHeads = Field(
    required: "num_attention_heads", .integer(1...65_536), "How many query heads.", example: "4",
    unit: "heads", otherNames: ["n_head", "n_heads", "num_heads", "heads"])
  static let keyValueHeads = Field(
    optional: "num_key_value_heads", .integer(1...65_536),
    "How many key and value heads; it divides `num_attention_heads`.", example: "2",
    defaultNote: "`num_attention_heads`", unit: "heads", otherNames: ["n_kv_heads", "num_kv_heads"])
  static let headDimension = Field(
    optional: "head_dim", .integer(2...65_536), "The width of one head; even.", example: "64",
    defaultNote: "`hidden_size / num_attention_heads`", unit: "numbers a token")
  static let maxPositionEmbeddings = Field(
    "max_position_embeddings", .integer(1...16_777_216), default: 2048,
    "The longest sequence that the model is made for.",
    unit: "tokens", otherNames: ["n_positions", "n_ctx", "block_size", "context_length"])
  static let ropeTheta = Field(
    "rope_theta", .number(.above(0)), default: 10_000, "The base of the rotary positions.")
  static let rmsNormEpsilon = Field(
    "rms_norm_eps", .number(.above(0)), default: 1e-6, "What RMSNorm adds under the root.",
    otherNames: ["layer_norm_eps", "norm_eps"])
  static let tieWordEmbeddings = Field(
    optional: "tie_word_embeddings", .boolean,
    "Whether the output head is the embedding matrix.", example: "true",
    defaultNote: "`true` of `bart` and `bert`, else `false`", otherNames: ["tie_embeddings"])
  static let initializerRange = Field(
    "initializer_range", .number(.above(0)), default: 0.02,
    "The standard deviation that weights are drawn with.", otherNames: ["init_std"])

  static let table = SectionTable(
    "create", "A new model with random weights; the tokenizer says the size of its vocabulary.",
    [
      architecture.entry, hiddenSize.entry, intermediateSize.entry, hiddenLayers.entry,
      decoderLayers.entry,
      attentionHeads.entry, keyValueHeads.entry, headDimension.entry,
      maxPositionEmbeddings.entry, ropeTheta.entry, rmsNormEpsilon.entry,
      tieWordEmbeddings.entry, initializerRange.entry,
    ])
}
