/// Everything about a model that can be known without its weights.
package struct ModelDescription: Hashable, Sendable {
  package let configuration: ModelConfiguration
  /// What the model is trained to do.
  package let task: ModelTask
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
  /// The stack that reads the source; nil where there is one stack.
  package let encoder: StackDescription?
  /// The stack whose states carry the loss.
  package let stack: StackDescription
  private let positions: [String: Int]

  /// Describes the model that `configuration` configures, for `task` or else the family's own.
  ///
  /// `dropout` takes the place of every rate of dropout that the family has.
  package init(
    _ configuration: ModelConfiguration, task: ModelTask? = nil, dropout: Double? = nil
  ) {
    self.configuration = configuration
    self.task = task ?? configuration.defaultTask
    encoder = configuration.encoder?.replacingDropout(by: dropout)
    let stack = configuration.stack.replacingDropout(by: dropout)
    self.stack = stack
    layerCount = stack.layers.count
    contextLength = stack.contextLength
    vocabularySize = stack.vocabularySize
    slidingWindow = stack.commonWindow
    let head = TaskHead(configuration.family, self.task, on: stack)
    let outline = ModelOutline(encoder: encoder, stack, task: self.task, head: head)
    moduleTree = ModuleTree(outline.modules)
    parameters = outline.parameters
    positions = Dictionary(
      parameters.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The layers of the encoder; 0 where there is none.
  package var encoderLayerCount: Int { encoder?.layers.count ?? 0 }

  /// The kinds of tokens that have a vector of their own; 0 where programs read no `token_types`.
  package var tokenTypeCount: Int { stack.tokenTypeCount }

  /// Whether programs read `source.values`, a number beside each token of the source (or the only) stack.
  package var readsValues: Bool { (encoder ?? stack).readsValues }

  /// The head of the task; nil where it is the stack's own.
  var head: TaskHead? { TaskHead(family, task, on: stack) }

  /// The family.
  package var family: ModelFamily { configuration.family }

  /// How the decoder's inputs follow from the labels; nil where there is no encoder.
  package var labelShift: LabelShift? { configuration.labelShift }

  /// The token that generation starts with: `decoder_start_token_id`.
  package var decoderStartTokenID: Int? {
    guard case .token(let id) = labelShift?.first else { return nil }
    return id
  }

  /// The longest source sequence that the model was made for; 0 where there is no encoder.
  package var sourceContextLength: Int { encoder?.contextLength ?? 0 }

  /// The weights that have memory of their own and stand in a checkpoint.
  package var storedParameters: [ParameterDescription] {
    parameters.filter { $0.tiedTo == nil && $0.role != .computed }
  }

  /// The weights that can be trained, tied ones once.
  package var trainableParameters: [ParameterDescription] {
    parameters.filter { $0.tiedTo == nil && $0.role == .weight }
  }

  /// The number of weights as PEFT counts them: tied ones once, buffers not at all.
  package var parameterCount: Int {
    parameters.reduce(0) {
      $0 + ($1.tiedTo == nil && $1.role != .buffer ? $1.shape.count : 0)
    }
  }

  /// The weight called `name`.
  package func parameter(_ name: String) -> ParameterDescription? {
    positions[name].map { parameters[$0] }
  }

  /// The name under which the weight `name` is stored: that of the weight it is tied to.
  package func storedName(of name: String) -> String { parameter(name)?.tiedTo ?? name }
}
