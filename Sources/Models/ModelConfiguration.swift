package import JSONSyntax
package import Tensors

/// What a family's config.json says.
package enum ModelConfiguration: Hashable, Sendable {
  /// A Llama-architecture model in numbers, which can be created too.
  case llama(LlamaConfiguration)
  /// A decoder of another family, with the config.json that describes it.
  case decoder(DecoderConfiguration)

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
    let decoder: DecoderDescription
    switch family {
    case .llama, .mistral:
      self = .llama(try LlamaConfiguration(reader, family: family))
      return
    case .qwen2: decoder = try .qwen2(reader)
    case .qwen3: decoder = try .qwen3(reader)
    case .gpt2: decoder = try .gpt2(reader)
    case .gemma: decoder = try .gemma(reader)
    case .gemma2: decoder = try .gemma2(reader)
    case .gemma3: decoder = try .gemma3(reader)
    case .phi3: decoder = try .phi3(reader)
    case .gptNeoX: decoder = try .gptNeoX(reader)
    }
    self = .decoder(try DecoderConfiguration(family, decoder, reader))
  }

  /// The family.
  package var family: ModelFamily {
    switch self {
    case .llama(let configuration): configuration.family
    case .decoder(let configuration): configuration.family
    }
  }

  /// What the model is made of.
  package var decoder: DecoderDescription {
    switch self {
    case .llama(let configuration): configuration.decoder
    case .decoder(let configuration): configuration.decoder
    }
  }

  /// The tokens that end a sequence.
  package var endTokenIDs: [Int] {
    switch self {
    case .llama(let configuration): configuration.endTokenIDs
    case .decoder(let configuration): configuration.endTokenIDs
    }
  }

  /// A config.json as transformers writes it, for weights in `weightType`.
  package func json(weightType: DType) -> JSONValue {
    switch self {
    case .llama(let configuration): configuration.json(weightType: weightType)
    case .decoder(let configuration): configuration.json(weightType: weightType)
    }
  }
}

/// A decoder's description with the config.json that it was read from.
package struct DecoderConfiguration: Hashable, Sendable {
  package let family: ModelFamily
  package let decoder: DecoderDescription
  package let endTokenIDs: [Int]
  /// The file's keys but those of the weights' dtype.
  private let source: JSONObject

  /// - Throws: ``ModelError`` for sizes that no program can have.
  init(_ family: ModelFamily, _ decoder: DecoderDescription, _ reader: ConfigurationReader)
    throws(ModelError)
  {
    try decoder.validate()
    self.family = family
    self.decoder = decoder
    let ends = try reader.integers("eos_token_id", in: DecoderLimits.token)
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
    case .gemma, .gemma2, .gemma3: [1]
    case .phi3: [32_000]
    case .gptNeoX: [2]
    case .llama, .mistral, .qwen2, .qwen3: []
    }
  }
}
