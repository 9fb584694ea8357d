import Tensors

/// Modules and weights as the blocks of a family declare them, in transformers' order.
///
/// The modules that only hold others are declared by the paths of those that they hold.
struct ModelOutline {
  private(set) var modules: [Module] = []
  private(set) var parameters: [ParameterDescription] = []
  private var known: Set<String> = []
  /// Whether the weights that are declared begin anew where a checkpoint lacks them.
  var beginsAnewWhenMissing = false

  mutating func function(_ path: String) { add(Module(path: path, kind: .function)) }

  mutating func module(_ module: Module, _ parameters: [ParameterDescription]) {
    add(module)
    for parameter in parameters { self.parameter(parameter) }
  }

  /// Adds a weight that belongs to no module but the root, or to one that holds others.
  mutating func parameter(_ parameter: ParameterDescription) {
    var parameter = parameter
    parameter.isNewWhenMissing = beginsAnewWhenMissing && parameter.tiedTo == nil
    parameters.append(parameter)
  }

  private mutating func add(_ module: Module) {
    var holder = ""
    for part in module.path.split(separator: ".").dropLast() {
      holder += holder.isEmpty ? part : "." + part
      if known.insert(holder).inserted { modules.append(Module(path: holder, kind: .container)) }
    }
    known.insert(module.path)
    modules.append(module)
  }
}

extension ModelOutline {
  /// The modules and weights of a model for `task`, with `head` where it is not the stack's own.
  init(
    encoder: StackDescription?, _ stack: StackDescription, task: ModelTask, head: TaskHead?
  ) {
    head?.declareBeforeStack(in: &self)
    if let encoder {
      EmbeddingLayer(shared: stack)?.declare(in: &self)
      Stack(encoder).declare(in: &self)
    }
    let decoder = Stack(stack)
    decoder.declare(in: &self)
    if let head {
      head.declare(in: &self)
      return
    }
    switch task {
    case .causalLM, .seq2seqLM, .maskedLM:
      LanguageModelHead(stack, over: decoder).declare(in: &self)
    case .sequenceClassification, .tokenClassification, .regression, .seq2seqRegression: break
    }
  }
}

/// A block that is one module.
protocol OutlineModule {
  func declare(in outline: inout ModelOutline)
}
