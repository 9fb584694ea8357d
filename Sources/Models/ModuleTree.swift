package import Tensors

/// What a module computes, as far as adapting it goes.
package enum ModuleKind: Hashable, Sendable {
  /// `y = x·wᵀ (+ b)` with `w (outputs, inputs)`, or its transpose (``Module/storesInputsFirst``).
  case linear(inputs: Int, outputs: Int, hasBias: Bool)
  /// A table of `count` rows of `dimension` numbers.
  case embedding(count: Int, dimension: Int)
  /// A normalisation over `dimension` numbers, with one weight each.
  case norm(dimension: Int)
  /// Holds other modules.
  case container
  /// Holds nothing that can be trained: an activation, rotary positions.
  case function
}

/// One module of a model under the path that transformers gives it.
package struct Module: Hashable, Sendable {
  /// As in `named_modules()`, for example `model.layers.0.self_attn.q_proj`.
  package let path: String
  package let kind: ModuleKind
  /// Whether it makes the logits; `all-linear` leaves it out.
  package let isOutputHead: Bool
  /// Whether a linear module's weight is `(inputs, outputs)`, as GPT-2's Conv1D stores it.
  package let storesInputsFirst: Bool

  package init(
    path: String, kind: ModuleKind, isOutputHead: Bool = false, storesInputsFirst: Bool = false
  ) {
    self.storesInputsFirst = storesInputsFirst
    self.path = path
    self.kind = kind
    self.isOutputHead = isOutputHead
  }

  /// The name of its weight.
  package var weight: String { path + ".weight" }
  /// The name of its bias.
  package var bias: String { path + ".bias" }
  /// The last part of the path.
  package var name: Substring { path.split(separator: ".").last ?? "" }
}

/// All modules of a model but the root, in the order of transformers' `named_modules()`.
package struct ModuleTree: Hashable, Sendable {
  package let modules: [Module]
  private let positions: [String: Int]

  /// Makes a tree; of modules with one path the first stands.
  package init(_ modules: [Module]) {
    self.modules = modules
    positions = Dictionary(
      modules.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The module at `path`.
  package subscript(path: String) -> Module? { positions[path].map { modules[$0] } }
}

/// How a weight of a new model or adapter begins.
package enum Initialisation: Hashable, Sendable {
  /// Draws of N(0, deviation²); the row `zeroRow`, the padding token's, is zero.
  case normal(deviation: Float, zeroRow: Int?)
  /// Draws of U(−bound, bound).
  case uniform(bound: Float)
  case ones
  case zeros
}

/// One weight of a model.
package struct ParameterDescription: Hashable, Sendable {
  /// What becomes of it.
  package enum Role: Hashable, Sendable {
    /// Stands in a checkpoint and can be trained.
    case weight
    /// Stands in a checkpoint, zero where it does not, and stays as it is.
    case buffer
    /// Follows from its shape; transformers counts it among the weights.
    case computed
  }

  /// Its name in checkpoints.
  package let name: String
  package let shape: Shape
  /// How it begins in a model that is created.
  package let initialisation: Initialisation
  /// The path of the module that it belongs to.
  package let module: String
  /// The weight that it is one with: it has no memory and no place in a checkpoint of its own.
  package let tiedTo: String?
  package let role: Role

  package init(
    name: String, shape: Shape, initialisation: Initialisation, module: String,
    tiedTo: String? = nil, role: Role = .weight
  ) {
    self.role = role
    self.name = name
    self.shape = shape
    self.initialisation = initialisation
    self.module = module
    self.tiedTo = tiedTo
  }
}
