package import JSONSyntax
package import Tensors

/// The families of models that can be trained, by transformers' `model_type`.
package enum ModelFamily: String, CaseIterable, Hashable, Sendable {
  case llama
  case mistral

  /// PEFT's `target_modules` where the user names none.
  package var defaultTargets: [String] {
    switch self {
    case .llama, .mistral: ["q_proj", "v_proj"]
    }
  }

  /// The class of transformers that holds such a model with its head.
  package var architecture: String {
    switch self {
    case .llama: "LlamaForCausalLM"
    case .mistral: "MistralForCausalLM"
    }
  }
}

/// What a family's config.json says.
package enum ModelConfiguration: Hashable, Sendable {
  case llama(LlamaConfiguration)

  /// Reads a config.json by its `model_type`.
  ///
  /// - Throws: ``ModelError`` naming the key that is missing or odd.
  package init(json: JSONValue) throws(ModelError) {
    let reader = try ConfigurationReader(json)
    guard let type = try reader.optionalString("model_type") else {
      throw .missingKey("model_type")
    }
    guard let family = ModelFamily(rawValue: type) else { throw .unknownArchitecture(type) }
    switch family {
    case .llama, .mistral: self = .llama(try LlamaConfiguration(reader, family: family))
    }
  }

  /// The family.
  package var family: ModelFamily {
    switch self {
    case .llama(let configuration): configuration.family
    }
  }

  /// A config.json as transformers writes it, for weights in `weightType`.
  package func json(weightType: DType) -> JSONValue {
    switch self {
    case .llama(let configuration): configuration.json(weightType: weightType)
    }
  }
}

/// Everything about a model that can be known without its weights.
package struct ModelDescription: Hashable, Sendable {
  package let configuration: ModelConfiguration
  package let moduleTree: ModuleTree
  /// All weights in the order of transformers' `named_parameters()`, tied ones included.
  package let parameters: [ParameterDescription]
  /// The longest sequence that the model was made for.
  package let contextLength: Int
  /// The number of layers that hold keys and values.
  package let layerCount: Int
  /// The rows of the token table.
  package let vocabularySize: Int
  /// How many positions back a query sees; nil sees all.
  package let slidingWindow: Int?
  private let positions: [String: Int]

  /// Describes the model that `configuration` configures.
  package init(_ configuration: ModelConfiguration) {
    self.configuration = configuration
    let outline: ModelOutline
    switch configuration {
    case .llama(let llama):
      outline = LlamaModel(llama).outline
      layerCount = llama.layerCount
      contextLength = llama.contextLength
      vocabularySize = llama.vocabularySize
      slidingWindow = llama.slidingWindow
    }
    moduleTree = ModuleTree(outline.modules)
    parameters = outline.parameters
    positions = Dictionary(
      parameters.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The family.
  package var family: ModelFamily { configuration.family }

  /// The weights that have memory of their own and stand in a checkpoint.
  package var storedParameters: [ParameterDescription] { parameters.filter { $0.tiedTo == nil } }

  /// The number of weights, tied ones counted once.
  package var parameterCount: Int { storedParameters.reduce(0) { $0 + $1.shape.count } }

  /// The weight called `name`.
  package func parameter(_ name: String) -> ParameterDescription? {
    positions[name].map { parameters[$0] }
  }

  /// The name under which the weight `name` is stored: that of the weight it is tied to.
  package func storedName(of name: String) -> String { parameter(name)?.tiedTo ?? name }
}
