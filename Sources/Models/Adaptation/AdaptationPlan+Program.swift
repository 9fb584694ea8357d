package import Tensors

extension AdaptationPlan {
  /// Rewrites a forward program: what is trained becomes trainable, and every adapted module gets
  /// its branch.
  ///
  /// A linear `y = x·wᵀ` (or `x·w`, where inputs come first) becomes `y + scaling · (dropout(x)·Aᵀ)·Bᵀ`, with `A (r, I)` and `B (O, r)`;
  /// an embedding adds `scaling · A[ids]·Bᵀ`, with `A (V, r)` and `B (D, r)`; DoRA brings the sum to
  /// trained lengths. Operations are found by their module's path and the weight that they read, so
  /// any family's program will do.
  ///
  /// `program` is a forward program of `model`, which this plan was made for; dropout stands before
  /// the updates where `isTraining`. A program that `isPart` of the model, as an encoder alone, need
  /// not read every adapted module.
  ///
  /// - Throws: ``ModelError/unsupportedTarget(module:reason:)`` when the program reads a module's
  ///   weight in a way that has no branch.
  package func adapting(
    _ program: Program, of model: ModelDescription, isTraining: Bool, isPart: Bool = false
  ) throws(ModelError) -> Program {
    let rewriter = AdaptationRewriter(self, model, dropout: isTraining ? dropout : 0)
    return try rewriter.rewrite(program, isPart: isPart)
  }

  /// The rate of dropout before the updates.
  package var dropout: Double {
    switch adaptation {
    case .full, .partial: 0
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
      case .partial where trained.contains(stored): replacements[reading] = stored
      case .lora where trained.contains(parameter.name): replacements[reading] = parameter.name
      case .partial, .lora: continue
      }
    }
    self.replacements = replacements
    let tied = Set(model.parameters.compactMap(\.tiedTo))
    untied = Dictionary(
      replacements.filter { !tied.contains($0.key.weight) }.map { ($0.key.weight, $0.value) },
      uniquingKeysWith: { first, _ in first })
  }

  func rewrite(_ program: Program, isPart: Bool) throws(ModelError) -> Program {
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
    var patched: [String: ValueID] = [:]
    for operation in program.operations {
      var inputs: [ValueID] = []
      for id in operation.inputs {
        let value = try patchedTable(id, operation, in: program, &patched, &builder)
        inputs.append(
          value ?? copy(of: id, in: program, for: operation.label, &copies, &builder))
      }
      var outputs: [ValueID]
      if let module = plan.adaptedModule(operation.label),
        reads(model.storedName(of: module.path + ".weight"), operation, in: program)
      {
        let branch = try AdaptedOperation(
          module, operation, inputs, dropout: dropout, in: builder)
        outputs = [try branch.append(to: &builder)]
        found.insert(module.path)
      } else {
        outputs = try buildingProgram { () throws(ProgramError) -> [ValueID] in
          try append(operation, inputs, of: program, to: &builder)
        }
      }
      if case .embedding(let rule) = operation.kind, rule.offset == 0,
        let rows = rows(of: operation.inputs[0], operation, in: program),
        let own = builder.existing(.trainable(rows.name))
      {
        outputs = try buildingProgram { () throws(ProgramError) -> [ValueID] in
          try builder.append(
            .patchRows(PatchRows(indices: rows.ids)), [outputs[0], inputs[1], own],
            label: operation.label)
        }
      }
      for (original, output) in zip(operation.outputs, outputs) { copies[original] = output }
    }
    for module in plan.adapted where !isPart && !found.contains(module.path) {
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

  /// The trained rows of the table that `operation` reads as `id`, where it reads the base's.
  private func rows(
    of id: ValueID, _ operation: Operation, in program: Program
  ) -> TrainedRows? {
    guard !plan.trainedRows.isEmpty, case .frozen(let name) = program[id].role,
      replacements[Reading(module: operation.label, weight: name)] == nil
    else { return nil }
    return plan.trainedRows.first { $0.table == name }
  }

  /// The table with its trained rows, made once, where `operation` reads it as a whole: a head that
  /// shares it.
  private func patchedTable(
    _ id: ValueID, _ operation: Operation, in program: Program,
    _ patched: inout [String: ValueID], _ builder: inout ProgramBuilder
  ) throws(ModelError) -> ValueID? {
    if case .embedding = operation.kind { return nil }
    guard let rows = rows(of: id, operation, in: program),
      let own = builder.existing(.trainable(rows.name))
    else { return nil }
    if let known = patched[rows.table] { return known }
    let whole = try buildingProgram { () throws(ProgramError) -> ValueID in
      let table = builder.value(program[id].role, program[id].type)
      return try builder.append(
        .replaceRows(ReplaceRows(indices: rows.ids)), [table, own], label: rows.path)[0]
    }
    patched[rows.table] = whole
    return whole
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
}
