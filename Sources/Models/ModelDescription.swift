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
  /// How many positions back every layer's queries see; nil where some layer's see all.
  ///
  /// Programs keep to the windows of their layers by themselves.
  package let slidingWindow: Int?
  /// What the model is made of.
  package let decoder: DecoderDescription
  private let positions: [String: Int]

  /// Describes the model that `configuration` configures.
  package init(_ configuration: ModelConfiguration) {
    self.configuration = configuration
    let decoder = configuration.decoder
    self.decoder = decoder
    layerCount = decoder.layers.count
    contextLength = decoder.contextLength
    vocabularySize = decoder.vocabularySize
    slidingWindow = decoder.commonWindow
    let outline = Decoder(decoder).outline
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
