import Tensors

/// Modules and weights as the blocks of a family declare them, in transformers' order.
struct ModelOutline {
  private(set) var modules: [Module] = []
  private(set) var parameters: [ParameterDescription] = []

  mutating func container(_ path: String) {
    modules.append(Module(path: path, kind: .container))
  }

  mutating func function(_ path: String) {
    modules.append(Module(path: path, kind: .function))
  }

  mutating func module(_ module: Module, _ parameters: [ParameterDescription]) {
    modules.append(module)
    self.parameters += parameters
  }
}
