package import Tensors

extension AdaptationPlan {
  /// Rewrites a forward program: what is trained becomes trainable, and every adapted module gets
  /// its branch.
  ///
  /// A linear `y = x·wᵀ` (or `x·w`, where inputs come first) becomes `y + scaling · (dropout(x)·Aᵀ)·Bᵀ`, with `A (r, I)` and `B (O, r)`;
  /// an embedding adds `scaling · A[ids]·Bᵀ`, with `A (V, r)` and `B (D, r)`. Operations are found by
  /// their module's path and the weight that they read, so any family's program will do.
  ///
  /// `program` is a forward program of `model`, which this plan was made for; dropout stands before
  /// the updates where `isTraining`.
  ///
  /// - Throws: ``ModelError/unsupportedTarget(module:reason:)`` when the program reads a module's
  ///   weight in a way that has no branch.
  package func adapting(
    _ program: Program, of model: ModelDescription, isTraining: Bool
  ) throws(ModelError) -> Program {
    let rewriter = AdaptationRewriter(self, model, dropout: isTraining ? dropout : 0)
    return try rewriter.rewrite(program)
  }

  /// The rate of dropout before the updates.
  package var dropout: Double {
    switch adaptation {
    case .full: 0
    case .lora(let specification): specification.dropout
    }
  }
}

/// Copies a forward program, weights replaced and branches added.
private struct AdaptationRewriter {
  /// A weight as one module reads it; tied weights are read by two.
  private struct Reading: Hashable {
    let module: String
    let weight: String
  }

  private let plan: AdaptationPlan
  private let model: ModelDescription
  private let dropout: Float
  private let replacements: [Reading: String]
  /// The replacements of weights that one module alone has, whichever operation reads them.
  private let untied: [String: String]

  init(_ plan: AdaptationPlan, _ model: ModelDescription, dropout: Double) {
    self.plan = plan
    self.model = model
    self.dropout = Float(dropout)
    let trained = Set(plan.trainable.map(\.name))
    var replacements: [Reading: String] = [:]
    for parameter in model.parameters where parameter.role == .weight {
      let stored = parameter.tiedTo ?? parameter.name
      let reading = Reading(module: parameter.module, weight: stored)
      switch plan.adaptation {
      case .full: replacements[reading] = stored
      case .lora where trained.contains(parameter.name): replacements[reading] = parameter.name
      case .lora: continue
      }
    }
    self.replacements = replacements
    let tied = Set(model.parameters.compactMap(\.tiedTo))
    untied = Dictionary(
      replacements.filter { !tied.contains($0.key.weight) }.map { ($0.key.weight, $0.value) },
      uniquingKeysWith: { first, _ in first })
  }

  func rewrite(_ program: Program) throws(ModelError) -> Program {
    var builder = ProgramBuilder()
    var copies: [ValueID: ValueID] = [:]
    for (index, value) in program.values.enumerated() {
      guard case .input = value.role else { continue }
      copies[ValueID(index)] = builder.value(value.role, value.type)
    }
    for parameter in plan.trainable {
      _ = builder.value(.trainable(parameter.name), ValueType(parameter.shape))
    }
    var found: Set<String> = []
    for operation in program.operations {
      let inputs = operation.inputs.map { id in
        copy(of: id, in: program, for: operation.label, &copies, &builder)
      }
      var outputs = try buildingProgram { () throws(ProgramError) -> [ValueID] in
        try append(operation, inputs, of: program, to: &builder)
      }
      if let module = plan.adaptedModule(operation.label),
        reads(model.storedName(of: module.path + ".weight"), operation, in: program)
      {
        outputs[0] = try branch(of: module, operation, inputs, base: outputs[0], in: &builder)
        found.insert(module.path)
      }
      for (original, output) in zip(operation.outputs, outputs) { copies[original] = output }
    }
    for module in plan.adapted where !found.contains(module.path) {
      throw .unsupportedTarget(module: module.path, reason: "no operation reads its weight")
    }
    for output in program.outputs {
      if let value = copies[output.value] { builder.output(output.name, value) }
    }
    return builder.program
  }

  /// The value in the new program that `id` of the old one is when module `label` reads it.
  private func copy(
    of id: ValueID, in program: Program, for label: String, _ copies: inout [ValueID: ValueID],
    _ builder: inout ProgramBuilder
  ) -> ValueID {
    let value = program[id]
    if case .frozen(let name) = value.role,
      let trained = replacements[Reading(module: label, weight: name)] ?? untied[name]
    {
      return builder.value(.trainable(trained), ValueType(value.shape))
    }
    if let known = copies[id] { return known }
    let copy = builder.value(value.role, value.type)
    copies[id] = copy
    return copy
  }

  private func append(
    _ operation: Operation, _ inputs: [ValueID], of program: Program,
    to builder: inout ProgramBuilder
  ) throws(ProgramError) -> [ValueID] {
    if let output = operation.outputs.first, case .state = program[output].role {
      let state = builder.value(program[output].role, program[output].type)
      try builder.append(operation.kind, inputs, into: state, label: operation.label)
      return [state]
    }
    return try builder.append(operation.kind, inputs, label: operation.label)
  }

  private func reads(_ weight: String, _ operation: Operation, in program: Program) -> Bool {
    operation.inputs.contains { program[$0].role == .frozen(weight) }
  }

  /// Appends the update of `module` to `base`, its plain result.
  private func branch(
    of module: AdaptedModule, _ operation: Operation, _ inputs: [ValueID], base: ValueID,
    in builder: inout ProgramBuilder
  ) throws(ModelError) -> ValueID {
    guard let a = builder.existing(.trainable(module.nameOfA)),
      let b = builder.existing(.trainable(module.nameOfB))
    else {
      throw .unsupportedTarget(module: module.path, reason: "its update has no weights")
    }
    let label = operation.label
    return try buildingBranch(module) { () throws(ProgramError) -> ValueID? in
      let narrow: ValueID  // (N, r)
      switch operation.kind {
      case .embedding(let rule):
        narrow = try builder.append(.embedding(rule), [a, inputs[1]], label: label)[0]
      case .product(let product) where !product.transposeA && product.scale == 1:
        var x = inputs[0]
        if dropout > 0 {
          let rule = Dropout(rate: dropout, stream: "dropout/" + module.path)
          x = try builder.append(.dropout(rule), [x], label: label)[0]
        }
        narrow = try builder.append(
          .product(Product(transposeB: true)), [x, a], label: label)[0]
      default: return nil
      }
      return try builder.append(
        .product(Product(transposeB: true, scale: Float(module.scaling))), [narrow, b, base],
        label: label)[0]
    }
  }

  private func buildingBranch(
    _ module: AdaptedModule, _ body: () throws(ProgramError) -> ValueID?
  ) throws(ModelError) -> ValueID {
    if let value = try buildingProgram(body) { return value }
    throw .unsupportedTarget(
      module: module.path,
      reason: "the loss reads its weight directly; name it in `modules_to_save` to train it whole")
  }
}
