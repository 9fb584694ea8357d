import Tensors

/// What stands between the attentions: `down(f(gate(x)) · up(x))`, or `down(f(up(x)))`.
struct FeedForward {
  private let path: String
  private let activation: ActivationFunction
  private let width: Int
  private let kind: Kind
  private let down: LinearLayer
  private let dropout: ModelDropout

  private enum Kind {
    case gated(gate: LinearLayer, up: LinearLayer)
    case fusedGated(LinearLayer)
    case plain(LinearLayer)
  }

  /// The part of layer number `index`.
  init(_ description: StackDescription, layer index: Int) {
    let (hidden, middle) = (description.hiddenSize, description.intermediateSize)
    func linear(_ part: LayerPart, _ inputs: Int, _ outputs: Int) -> LinearLayer {
      LinearLayer(
        description, part, layer: index, inputs: inputs, outputs: outputs,
        description.hasFeedForwardBias)
    }
    kind =
      switch description.feedForward {
      case .gated: .gated(gate: linear(.gate, hidden, middle), up: linear(.up, hidden, middle))
      case .fusedGated: .fusedGated(linear(.gateUp, hidden, 2 * middle))
      case .plain: .plain(linear(.up, hidden, middle))
      }
    down = linear(.down, middle, hidden)
    path = description.names.holder(of: .down, in: index)
    activation = description.activation
    width = middle
    dropout = description.dropout
  }

  /// The modules that have weights, by the part that they are.
  var modules: [LayerPart: any OutlineModule] {
    switch kind {
    case .gated(let gate, let up): [.gate: gate, .up: up, .down: down]
    case .fusedGated(let layer): [.gateUp: layer, .down: down]
    case .plain(let layer): [.up: layer, .down: down]
    }
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
    let kept = try program.dropping(
      dropout[.activation], of: middle, at: down.path + ".input", label: path)
    return try down.apply(
      to: kept, addend: residual, dropping: dropout[.feedForward], in: &program)
  }

  private func gated(
    _ gate: ValueID, _ up: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    try program.append(.gatedActivation(GatedActivation(activation)), [gate, up], label: path)
  }
}
