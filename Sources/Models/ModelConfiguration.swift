package import JSONSyntax
package import Tensors

/// What a family's config.json says.
package enum ModelConfiguration: Hashable, Sendable {
  /// A Llama-architecture model in numbers, which can be created too.
  case llama(LlamaConfiguration)
  /// A model of another family, with the config.json that describes it.
  case other(FamilyConfiguration)

  /// Reads a config.json by its `model_type`.
  ///
  /// - Throws: ``ModelError`` naming the key that is missing or odd.
  package init(json: JSONValue) throws(ModelError) {
    let reader = try ConfigurationReader(json)
    guard let type = try reader.optionalString("model_type") else {
      throw .missingKey("model_type")
    }
    guard let family = ModelFamily(rawValue: type) else { throw .unknownArchitecture(type) }
    try reader.refuse("quantization_config", supported: "weights in float32, float16 or bfloat16")
    switch family {
    case .llama, .mistral: self = .llama(try LlamaConfiguration(reader, family: family))
    case .qwen2, .qwen3, .gpt2, .gemma, .gemma2, .gemma3, .phi3, .gptNeoX, .bert, .roberta,
      .distilBERT, .bart, .mbart, .marian, .t5:
      let (stacks, task) = try ValueTask.apply(to: Self.stacks(of: family, reader), reader)
      self = .other(
        try FamilyConfiguration(family, stacks, task ?? family.defaultTask, reader))
    }
  }

  private static func stacks(
    of family: ModelFamily, _ reader: ConfigurationReader
  ) throws(ModelError) -> FamilyConfiguration.Stacks {
    switch family {
    case .llama, .mistral: .one(try LlamaConfiguration(reader, family: family).decoder)
    case .qwen2: .one(try .qwen2(reader))
    case .qwen3: .one(try .qwen3(reader))
    case .gpt2: .one(try .gpt2(reader))
    case .gemma: .one(try .gemma(reader))
    case .gemma2: .one(try .gemma2(reader))
    case .gemma3: .one(try .gemma3(reader))
    case .phi3: .one(try .phi3(reader))
    case .gptNeoX: .one(try .gptNeoX(reader))
    case .bert: .one(try .bert(reader))
    case .roberta: .one(try .roberta(reader))
    case .distilBERT: .one(try .distilBERT(reader))
    case .bart: .two(try .bart(reader))
    case .mbart: .two(try .mbart(reader))
    case .marian: .two(try .marian(reader))
    case .t5: .two(try .t5(reader))
    }
  }

  /// The family.
  package var family: ModelFamily {
    switch self {
    case .llama(let configuration): configuration.family
    case .other(let configuration): configuration.family
    }
  }

  /// The stack whose states carry the loss.
  package var stack: StackDescription {
    switch self {
    case .llama(let configuration): configuration.decoder
    case .other(let configuration): configuration.stack
    }
  }

  /// The stack that reads the source; nil where there is one stack.
  package var encoder: StackDescription? {
    switch self {
    case .llama: nil
    case .other(let configuration): configuration.encoder
    }
  }

  /// The tokens that end a sequence.
  package var endTokenIDs: [Int] {
    switch self {
    case .llama(let configuration): configuration.endTokenIDs
    case .other(let configuration): configuration.endTokenIDs
    }
  }

  /// What the model is trained to do where nothing else is said.
  package var defaultTask: ModelTask {
    switch self {
    case .llama(let configuration): configuration.family.defaultTask
    case .other(let configuration): configuration.defaultTask
    }
  }

  /// How the decoder's inputs follow from the labels; nil where there is one stack.
  package var labelShift: LabelShift? {
    switch self {
    case .llama: nil
    case .other(let configuration): configuration.labelShift
    }
  }

  /// A config.json as transformers writes it, for weights in `weightType`.
  package func json(weightType: DType) -> JSONValue {
    switch self {
    case .llama(let configuration): configuration.json(weightType: weightType)
    case .other(let configuration): configuration.json(weightType: weightType)
    }
  }
}

/// The description of a model's stacks with the config.json that it was read from.
package struct FamilyConfiguration: Hashable, Sendable {
  /// What a family's config.json describes.
  enum Stacks {
    case one(StackDescription)
    case two(EncoderDecoder)
  }

  package let family: ModelFamily
  package let stack: StackDescription
  package let encoder: StackDescription?
  package let labelShift: LabelShift?
  package let defaultTask: ModelTask
  package let endTokenIDs: [Int]
  /// The file's keys but those of the weights' dtype.
  private let source: JSONObject

  /// - Throws: ``ModelError`` for sizes that no program can have.
  init(
    _ family: ModelFamily, _ stacks: Stacks, _ task: ModelTask, _ reader: ConfigurationReader
  ) throws(ModelError) {
    self.family = family
    defaultTask = task
    switch stacks {
    case .one(let only): (stack, encoder, labelShift) = (only, nil, nil)
    case .two(let both): (stack, encoder, labelShift) = (both.decoder, both.encoder, both.shift)
    }
    try encoder?.validate()
    try stack.validate()
    let ends = try reader.integers("eos_token_id", in: StackLimits.token)
    endTokenIDs = reader.isPresent("eos_token_id") ? ends : family.defaultEndTokenIDs
    var source = reader.object
    for key in ["architectures", "dtype", "torch_dtype"] { source[key] = nil }
    self.source = source
  }

  /// The config.json again, for weights in `weightType`.
  package func json(weightType: DType) -> JSONValue {
    var object = source
    object["architectures"] = [.string(family.architecture)]
    object["torch_dtype"] = .string(weightType.rawValue)
    return .object(object)
  }
}

extension ModelFamily {
  /// transformers' `eos_token_id` where config.json has none.
  fileprivate var defaultEndTokenIDs: [Int] {
    switch self {
    case .gpt2: [50_256]
    case .gemma, .gemma2, .gemma3, .t5: [1]
    case .phi3: [32_000]
    case .gptNeoX, .bart, .mbart, .roberta: [2]
    case .marian: [0]
    case .llama, .mistral, .qwen2, .qwen3, .bert, .distilBERT: []
    }
  }
}
