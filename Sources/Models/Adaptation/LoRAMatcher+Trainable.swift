import Tensors

extension LoRAMatcher {
  /// What is trained, in module order: biases and modules trained whole, then each update's parts.
  func trainable(
    adapted: [AdaptedModule], saved: [String], biases: Set<String>, rows: [TrainedRows]
  ) -> [TrainableParameter] {
    let updates = Dictionary(
      adapted.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    let parameters = Dictionary(grouping: model.parameters, by: \.module)
    var result: [TrainableParameter] = []
    for module in model.moduleTree.modules {
      let update = updates[module.path]
      let isSaved = Self.lies(module.path, in: saved)
      for parameter in parameters[module.path] ?? []
      where isSaved || biases.contains(parameter.name) {
        let key = update == nil ? parameter.name : module.path + ".base_layer.bias"
        result.append(
          TrainableParameter(
            name: parameter.name, shape: parameter.shape, module: module.path,
            source: .base(model.storedName(of: parameter.name)), adapterKey: Self.prefix + key,
            isTransposedInFile: false))
      }
      if let update { result += parts(of: update) }
      for rows in rows where rows.path == module.path {
        guard let table = model.parameter(rows.table) else { continue }
        result.append(
          TrainableParameter(
            name: rows.name, shape: Shape(rows.ids.count, table.shape[1]), module: rows.path,
            source: .rows(of: rows.table, ids: rows.ids), adapterKey: Self.prefix + rows.name,
            isTransposedInFile: false))
      }
    }
    return result
  }

  /// What PEFT puts before a module's path.
  private static let prefix = "base_model.model."

  /// The matrices of an update, the bias of the second and the lengths of the outputs.
  private func parts(of update: AdaptedModule) -> [TrainableParameter] {
    func part(
      _ name: String, _ shape: Shape, _ source: TrainableParameter.Source,
      isTransposedInFile: Bool = false
    ) -> TrainableParameter {
      TrainableParameter(
        name: name, shape: shape, module: update.path, source: source,
        adapterKey: Self.prefix + name, isTransposedInFile: isTransposedInFile)
    }
    var result: [TrainableParameter]
    let width: Int
    switch update.kind {
    case .linear(let inputs, let outputs, _):
      width = outputs
      result = [
        part(update.nameOfA, Shape(update.rank, inputs), firstSource(of: update, inputs: inputs)),
        part(update.nameOfB, Shape(outputs, update.rank), .new(.zeros)),
      ]
    case .embedding(let count, let dimension):
      width = dimension
      result = [
        part(
          update.nameOfA, Shape(count, update.rank), .new(.zeros), isTransposedInFile: true),
        part(
          update.nameOfB, Shape(dimension, update.rank),
          .new(.normal(deviation: 1, zeroRow: nil))),
      ]
    case .norm, .container, .function: return []
    }
    if update.hasBias { result.append(part(update.nameOfBias, Shape(width), .new(.zeros))) }
    if update.isDecomposed { result.append(part(update.nameOfMagnitude, Shape(width), .norms)) }
    return result
  }

  /// How the first matrix of a linear module's update begins.
  private func firstSource(
    of update: AdaptedModule, inputs: Int
  ) -> TrainableParameter.Source {
    switch specification.start {
    case .kaimingUniform, .pissa, .olora: .new(.uniform(bound: 1 / Float(inputs).squareRoot()))
    case .gaussian: .new(.normal(deviation: 1 / Float(update.rank), zeroRow: nil))
    }
  }
}
