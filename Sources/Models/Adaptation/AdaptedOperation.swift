import Tensors

/// One operation of an adapted module, with its update.
struct AdaptedOperation {
  private let module: AdaptedModule
  private let operation: Operation
  /// The operands in the new program.
  private let inputs: [ValueID]
  private let layout: UpdatedNorms.Layout
  private let dropout: Float
  private let a: ValueID
  private let b: ValueID
  private let bias: ValueID?
  private let magnitude: ValueID?

  /// - Throws: ``ModelError/unsupportedTarget(module:reason:)`` where `builder` lacks a part.
  init(
    _ module: AdaptedModule, _ operation: Operation, _ inputs: [ValueID], dropout: Float,
    in builder: ProgramBuilder
  ) throws(ModelError) {
    guard let a = builder.existing(.trainable(module.nameOfA)),
      let b = builder.existing(.trainable(module.nameOfB))
    else {
      throw .unsupportedTarget(module: module.path, reason: "its update has no weights")
    }
    self.module = module
    self.operation = operation
    self.inputs = inputs
    self.dropout = dropout
    self.a = a
    self.b = b
    bias = builder.existing(.trainable(module.nameOfBias))
    magnitude = builder.existing(.trainable(module.nameOfMagnitude))
    layout =
      switch module.kind {
      case .embedding: .table
      case .linear, .norm, .container, .function:
        module.storesInputsFirst ? .inputsFirst : .outputsFirst
      }
  }

  /// Appends the operation and its update; returns their common result.
  ///
  /// - Throws: ``ModelError/unsupportedTarget(module:reason:)`` for an operation that has no branch.
  func append(to builder: inout ProgramBuilder) throws(ModelError) -> ValueID {
    let result = try buildingProgram { () throws(ProgramError) -> ValueID? in
      switch operation.kind {
      case .embedding(let rule): try table(rule, in: &builder)
      case .product(let rule) where !rule.transposeA && rule.scale == 1:
        try linear(rule, in: &builder)
      default: nil
      }
    }
    if let result { return result }
    throw .unsupportedTarget(
      module: module.path,
      reason: "the loss reads its weight directly; name it in `modules_to_save` to train it whole")
  }

  /// `table[ids] + scaling · A[ids]·Bᵀ`.
  private func table(
    _ rule: Embedding, in builder: inout ProgramBuilder
  ) throws(ProgramError) -> ValueID {
    let base = try add(.embedding(rule), inputs, to: &builder)
    let narrow = try add(.embedding(rule), [a, inputs[1]], to: &builder)  // (N, r)
    let sum = try updated(base, by: narrow, in: &builder)
    guard let magnitude else { return sum }
    return try scaled(sum, to: magnitude, weight: inputs[0], in: &builder)
  }

  /// `x·wᵀ + scaling · (dropout(x)·Aᵀ)·Bᵀ`, and what the product had added to it.
  private func linear(
    _ rule: Product, in builder: inout ProgramBuilder
  ) throws(ProgramError) -> ValueID {
    let x = inputs[0]
    var dropped = x
    if dropout > 0 {
      let mask = Dropout(rate: dropout, stream: "dropout/" + module.path)
      dropped = try add(.dropout(mask), [x], to: &builder)
    }
    let narrow = try add(.product(Product(transposeB: true)), [dropped, a], to: &builder)
    guard let magnitude else {
      let base = try add(.product(rule), inputs, to: &builder)
      return try updated(base, by: narrow, in: &builder)
    }
    // What the lengths scale sees the same inputs as the update; where some of them are dropped,
    // `y = x·wᵀ − dropout(x)·wᵀ + m/n ∘ (dropout(x)·wᵀ + scaling · …)`, as PEFT has it.
    let base = try add(.product(rule), [x, inputs[1]], to: &builder)
    var seen = base
    if dropout > 0 { seen = try add(.product(rule), [dropped, inputs[1]], to: &builder) }
    let sum = try updated(seen, by: narrow, in: &builder)
    var result = try scaled(sum, to: magnitude, weight: inputs[1], in: &builder)
    if dropout > 0 {
      let negative = try add(.scale(Scale(-1)), [seen], to: &builder)
      let difference = try add(.add(Add()), [base, negative], to: &builder)
      result = try add(.add(Add()), [difference, result], to: &builder)
    }
    guard inputs.count > 2 else { return result }
    return try add(.add(Add()), [result, inputs[2]], to: &builder)
  }

  /// `base + scaling · (narrow·Bᵀ + bias)`, with `narrow (N, r)`.
  private func updated(
    _ base: ValueID, by narrow: ValueID, in builder: inout ProgramBuilder
  ) throws(ProgramError) -> ValueID {
    let scale = Float(module.scaling)
    let sum = try add(
      .product(Product(transposeB: true, scale: scale)), [narrow, b, base], to: &builder)
    guard let bias else { return sum }
    let scaledBias = try add(.scale(Scale(scale)), [bias], to: &builder)  // (O)
    return try add(.addBias(AddBias()), [sum, scaledBias], to: &builder)
  }

  /// `m / n ∘ sum`, with `n` the lengths that the update leaves of the weight.
  private func scaled(
    _ sum: ValueID, to magnitude: ValueID, weight: ValueID, in builder: inout ProgramBuilder
  ) throws(ProgramError) -> ValueID {
    let rule = UpdatedNorms(layout: layout, scale: Float(module.scaling))
    let norms = try add(.updatedNorms(rule), [weight, a, b], to: &builder)  // (O)
    return try add(.scaleColumns(ScaleColumns()), [sum, magnitude, norms], to: &builder)
  }

  private func add(
    _ kind: OperationKind, _ inputs: [ValueID], to builder: inout ProgramBuilder
  ) throws(ProgramError) -> ValueID {
    try builder.append(kind, inputs, label: operation.label)[0]
  }
}
