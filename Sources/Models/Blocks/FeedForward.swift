import Tensors

/// What stands between the attentions: `down(f(gate(x)) · up(x))`, or `down(f(up(x)))`.
struct FeedForward {
  private let path: String
  private let functions: [String]
  private let activation: ActivationFunction
  private let width: Int
  private let kind: Kind
  private let down: LinearLayer

  private enum Kind {
    case gated(gate: LinearLayer, up: LinearLayer)
    case fusedGated(LinearLayer)
    case plain(LinearLayer)
  }

  init(_ description: DecoderDescription, layer path: String) {
    let names = description.names
    let own = path + "." + names.feedForward
    let (hidden, middle) = (description.hiddenSize, description.intermediateSize)
    func linear(_ name: String, _ inputs: Int, _ outputs: Int, _ deviation: Double) -> LinearLayer {
      LinearLayer(
        path: "\(own).\(name)", inputs: inputs, outputs: outputs,
        hasBias: description.hasFeedForwardBias, deviation: Float(deviation),
        storesInputsFirst: description.storesInputsFirst)
    }
    let deviation = description.initializerRange
    kind =
      switch description.feedForward {
      case .gated:
        .gated(
          gate: linear(names.gate, hidden, middle, deviation),
          up: linear(names.up, hidden, middle, deviation))
      case .fusedGated: .fusedGated(linear(names.gateUp, hidden, 2 * middle, deviation))
      case .plain: .plain(linear(names.up, hidden, middle, deviation))
      }
    down = linear(
      names.down, middle, hidden, description.residualInitializerRange ?? deviation)
    self.path = own
    functions = names.feedForwardFunctions
    activation = description.activation
    width = middle
  }

  func declare(in outline: inout ModelOutline) {
    outline.container(path)
    switch kind {
    case .gated(let gate, let up): for layer in [gate, up] { layer.declare(in: &outline) }
    case .fusedGated(let layer), .plain(let layer): layer.declare(in: &outline)
    }
    down.declare(in: &outline)
    for function in functions { outline.function("\(path).\(function)") }
  }

  /// Appends the layer over `x (N, E)`, added to `residual (N, E)` where it is given.
  func apply(
    to x: ValueID, addingTo residual: ValueID?, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let middle: ValueID  // (N, F)
    switch kind {
    case .gated(let gate, let up):
      let g = try gate.apply(to: x, in: &program)
      middle = try self.gated(g, try up.apply(to: x, in: &program), in: &program)
    case .fusedGated(let layer):
      let both = try layer.apply(to: x, in: &program)  // (N, 2·F)
      let g = try program.append(
        .selectColumns(SelectColumns(start: 0, width: width)), [both], label: path)
      let u = try program.append(
        .selectColumns(SelectColumns(start: width, width: width)), [both], label: path)
      middle = try self.gated(g, u, in: &program)
    case .plain(let layer):
      let u = try layer.apply(to: x, in: &program)
      middle = try program.append(.activation(Activation(activation)), [u], label: path)
    }
    return try down.apply(to: middle, addend: residual, in: &program)
  }

  private func gated(
    _ gate: ValueID, _ up: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    try program.append(.gatedActivation(GatedActivation(activation)), [gate, up], label: path)
  }
}
