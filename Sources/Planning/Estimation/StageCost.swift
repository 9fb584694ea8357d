import Tensors

/// The work of programs in the terms in which a backend is measured.
package struct StageCost: Hashable, Sendable {
  /// What is counted, each in its own unit.
  package enum Kind: String, CaseIterable, Sendable {
    /// Operations started.
    case operations
    /// Floating-point operations of products with a float32 matrix.
    case products
    /// Floating-point operations of products with a bfloat16 or quantised matrix, which becomes floats
    /// panel by panel.
    case bfloat16Products = "bfloat16_products"
    /// Bytes that products of few rows read, a matrix in any type.
    case vectorProducts = "vector_products"
    /// Bytes of a product's operands and result.
    case productBytes = "product_bytes"
    /// Floating-point operations of attention, forward and backward.
    case attention
    /// Bytes that every other operation reads and writes.
    case streams
    /// Elements of dropout.
    case dropout
    /// Elements of activations and of softmax over the vocabulary.
    case activations
    /// Weights that the optimizer updates, and as many again for each of its states.
    case updates
  }

  private var amounts: [Double]

  /// No work.
  package init() { amounts = Array(repeating: 0, count: Kind.allCases.count) }

  /// How much of `kind` there is.
  package subscript(kind: Kind) -> Double {
    get { amounts[kind.position] }
    set { amounts[kind.position] = newValue }
  }

  /// Adds `runs` times the work of `other`.
  package mutating func add(_ other: StageCost, runs: Double = 1) {
    for index in amounts.indices { amounts[index] += runs * other.amounts[index] }
  }

  /// Adds `runs` updates of `weights` weights by an optimizer with that many states.
  package mutating func addUpdates(of weights: Int, optimizerStates: Int, runs: Double = 1) {
    self[.updates] += runs * Double(weights) * Double(1 + optimizerStates)
  }
}

extension StageCost.Kind {
  fileprivate var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
