import Tensors

/// What stands on a stack and answers a task: a chain of layers, the last of which makes the numbers.
///
/// Heads of language models that are one matrix are their stack's own; this is for all others.
struct TaskHead {
  /// One link of the chain, in the order of transformers' modules.
  enum Part {
    /// A module without weights.
    case function(String)
    case linear(LinearLayer, then: ActivationFunction?)
    case norm(NormLayer)
    case output
  }

  /// Modules without weights that stand before the stack's.
  var functionsBeforeStack: [String] = []
  let parts: [Part]
  /// The layer that makes the numbers, `(L, E)`.
  let output: LinearLayer
  /// What is dropped of what the last layer reads.
  var dropout: Double?
  /// Whether as much is dropped of what the first layer reads, where it is not the last.
  var dropsInput = false

  /// Declares the modules that stand before the stack's.
  func declareBeforeStack(in outline: inout ModelOutline) {
    for path in functionsBeforeStack { outline.function(path) }
  }

  /// Declares the modules that stand behind the stack's.
  ///
  /// A body that was trained for something else lacks their weights: they begin anew then.
  func declare(in outline: inout ModelOutline) {
    outline.beginsAnewWhenMissing = true
    if let bias = output.biasTiedTo, let module = bias.split(separator: ".").dropLast().nonEmpty {
      outline.parameter(
        ParameterDescription(
          name: bias, shape: Shape(output.outputs), initialisation: .zeros,
          module: module.joined(separator: ".")))
    }
    for part in parts {
      switch part {
      case .function(let path): outline.function(path)
      case .linear(let layer, _): layer.declare(in: &outline)
      case .norm(let norm): norm.declare(in: &outline)
      case .output: output.declare(in: &outline)
      }
    }
    outline.beginsAnewWhenMissing = false
  }

  /// Appends the layers before the last over `x (N, E)`.
  func features(of x: ValueID, in program: inout ForwardBuilder) throws(ProgramError) -> ValueID {
    var x = x
    if dropsInput {
      x = try program.dropping(
        dropout, of: x, at: output.path + ".head", label: output.path)
    }
    for part in parts {
      switch part {
      case .function, .output: continue
      case .norm(let norm): x = try norm.apply(to: x, in: &program)
      case .linear(let layer, let function):
        x = try layer.apply(to: x, in: &program)
        guard let function else { continue }
        x = try program.append(.activation(Activation(function)), [x], label: layer.path)
      }
    }
    return try program.dropping(
      dropout, of: x, at: output.path + ".input", label: output.path)
  }

  /// Appends the scaled sum `(1)` of the cross-entropies of `targets (N)` given `features (N, E)`.
  func crossEntropy(
    of features: ValueID, targets: ValueID, scale: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let (weight, bias) = weights(in: &program)
    return try program.append(
      .tokenLoss(TokenLoss()), [features, weight, targets, scale] + bias, label: output.path)
  }

  /// Appends the likeliest class and the target's rank, `(N, 2)`, of `features (N, E)`.
  func ranks(
    of features: ValueID, targets: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let (weight, bias) = weights(in: &program)
    return try program.append(
      .tokenRank(TokenRank()), [features, weight, targets] + bias, label: output.path)
  }

  /// The weight of the last layer, and its bias where it has one.
  private func weights(in program: inout ForwardBuilder) -> (ValueID, [ValueID]) {
    let weight = program.weight(output.storedWeight, Shape(output.outputs, output.inputs))
    return (
      weight, output.hasBias ? [program.weight(output.storedBias, Shape(output.outputs))] : []
    )
  }

  /// Appends the head's numbers `(N, L)` for `x (N, E)`.
  func numbers(of x: ValueID, in program: inout ForwardBuilder) throws(ProgramError) -> ValueID {
    try output.apply(to: features(of: x, in: &program), in: &program)
  }
}

extension Collection {
  /// The collection where it has elements.
  fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
