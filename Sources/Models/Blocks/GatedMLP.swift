import Tensors

/// `down(f(gate(x)) · up(x))`.
struct GatedMLP {
  let path: String
  let activation: ActivationFunction
  let gate: LinearLayer
  let up: LinearLayer
  let down: LinearLayer

  func declare(in outline: inout ModelOutline) {
    outline.container(path)
    for projection in [gate, up, down] { projection.declare(in: &outline) }
    outline.function(path + ".act_fn")
  }

  /// Appends the layer over `x (N, E)` and adds it to `residual (N, E)`.
  func apply(
    to x: ValueID, addingTo residual: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let g = try gate.apply(to: x, in: &program)  // (N, F)
    let u = try up.apply(to: x, in: &program)  // (N, F)
    let middle = try program.append(
      .gatedActivation(GatedActivation(activation)), [g, u], label: path)
    return try down.apply(to: middle, addend: residual, in: &program)
  }
}
