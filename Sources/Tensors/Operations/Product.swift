/// The matrix product `c = scale · op(a) · op(b) [+ addend]`, where `op` may transpose.
///
/// Shapes: `op(a)` is `(M, K)`, `op(b)` is `(K, N)`, `c` and the addend are `(M, N)`.
/// Operand `b` may be bfloat16 or quantised (a frozen weight); everything else is float32.
/// A linear layer is `Product(transposeB: true)` on `x (N, I)` and `w (O, I)`.
package struct Product: OperationRule {
  package let transposeA: Bool
  package let transposeB: Bool
  package let scale: Float

  package init(transposeA: Bool = false, transposeB: Bool = false, scale: Float = 1) {
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.scale = scale
  }

  package var name: String { "product" }
  package var accumulates: Bool { true }
  package var addendIndex: Int? { 2 }
  package var inPlace: [InPlacePair] { [InPlacePair(output: 0, input: 2)] }

  /// The extents of one product.
  package struct Extents: Hashable, Sendable {
    /// Rows of the result.
    package let m: Int
    /// Columns of the result.
    package let n: Int
    /// The extent that is summed over.
    package let k: Int
  }

  /// The extents for operands of these shapes.
  package func extents(_ a: Shape, _ b: Shape) -> Extents {
    Extents(
      m: transposeA ? a[1] : a[0], n: transposeB ? b[0] : b[1], k: transposeA ? a[0] : a[1])
  }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    if inputs.count != 3 { try expectCount(inputs, 2) }
    try expectRank(inputs[0], 2)
    try expectRank(inputs[1], 2)
    try expectType(inputs[0], .float32)
    try expectWeight(inputs[1])
    let sizes = extents(inputs[0].shape, inputs[1].shape)
    let inner = transposeB ? inputs[1].shape[1] : inputs[1].shape[0]
    if inner != sizes.k {
      throw .shapeMismatch(operation: name, inputs[0].shape, inputs[1].shape)
    }
    let result = Shape(sizes.m, sizes.n)
    if inputs.count == 3 {
      try expectType(inputs[2], .float32)
      try expectEqual(inputs[2].shape, result)
    }
    return [ValueType(result)]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dc = context.gradient(of: operation.outputs[0]) else { return }
    let (a, b) = (operation.inputs[0], operation.inputs[1])
    if operation.inputs.count == 3 {
      try context.contribute(dc, to: operation.inputs[2], label: operation.label)
    }
    if context.needsGradient(a) {
      // c = s·a·b: da = s·dc·bᵀ; c = s·aᵀ·b: da = s·b·dcᵀ. The products keep `b` where it is
      // a weight on the right-hand side whenever `a` is not transposed.
      if transposeA {
        try context.contribute(
          .product(Product(transposeA: transposeB, transposeB: true, scale: scale)),
          [try context.kept(b), dc], to: a, label: operation.label)
      } else {
        try context.contribute(
          .product(Product(transposeB: !transposeB, scale: scale)), [dc, try context.kept(b)],
          to: a, label: operation.label)
      }
    }
    if context.needsGradient(b) {
      let source = try context.kept(a)
      if transposeB {
        try context.contribute(
          .product(Product(transposeA: true, transposeB: transposeA, scale: scale)),
          [dc, source], to: b, label: operation.label)
      } else {
        try context.contribute(
          .product(Product(transposeA: !transposeA, scale: scale)), [source, dc], to: b,
          label: operation.label)
      }
    }
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    let sizes = extents(inputs[0].shape, inputs[1].shape)
    return 2 * sizes.m * sizes.n * sizes.k
  }
}
