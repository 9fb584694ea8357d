import Tensors

extension ConformanceCase {
  /// Products in all four transpositions, with addends, scales, bfloat16 and into gradients.
  static var productCases: [ConformanceCase] {
    let sizes = [
      (1, 1, 1), (1, 33, 129), (3, 7, 257), (7, 1, 3), (33, 129, 65), (129, 257, 7), (64, 64, 64),
      (257, 33, 17), (1, 257, 64), (4, 8, 32), (65, 3, 33),
    ]
    return sizes.flatMap { m, n, k in
      [(false, false), (false, true), (true, false), (true, true)].flatMap { tA, tB in
        products(m, n, k, transposeA: tA, transposeB: tB)
      }
    }
  }

  private static func products(
    _ m: Int, _ n: Int, _ k: Int, transposeA: Bool, transposeB: Bool
  ) -> [ConformanceCase] {
    let name = "(\(m), \(k))\(transposeA ? "ᵀ" : "")·(\(k), \(n))\(transposeB ? "ᵀ" : "")"
    let (aShape, bShape) = (
      transposeA ? Shape(k, m) : Shape(m, k), transposeB ? Shape(n, k) : Shape(k, n)
    )
    let plain = OperationKind.product(Product(transposeA: transposeA, transposeB: transposeB))
    let scaled = OperationKind.product(
      Product(transposeA: transposeA, transposeB: transposeB, scale: -0.37))
    var cases = [DType.float32, .bfloat16].flatMap { dtype in
      [
        ConformanceCase(.product, "\(name) \(dtype)", .sum) { builder throws(ProgramError) in
          try builder.results(plain, [builder.input(aShape), builder.weight(bShape, dtype)])
        },
        ConformanceCase(.product, "\(name) \(dtype) plus an addend, scaled", .sum) {
          builder throws(ProgramError) in
          let inputs = [
            builder.input(aShape), builder.weight(bShape, dtype), builder.input(Shape(m, n)),
          ]
          try builder.results(scaled, inputs)
        },
        ConformanceCase(.product, "\(name) \(dtype) over its addend", .sum) {
          builder throws(ProgramError) in
          let inputs = [
            builder.input(aShape), builder.weight(bShape, dtype), try builder.dying(Shape(m, n)),
          ]
          builder.expectShared(inputs[2], try builder.results(scaled, inputs)[0])
        },
      ]
    }
    cases.append(
      ConformanceCase(.product, "\(name) into a gradient", .sum) { builder throws(ProgramError) in
        try builder.accumulated(
          scaled, [builder.input(aShape), builder.input(bShape)], Shape(m, n))
      })
    cases.append(
      ConformanceCase(.product, "\(name) plus an addend into a gradient", .sum) {
        builder throws(ProgramError) in
        let inputs = [builder.input(aShape), builder.input(bShape), builder.input(Shape(m, n))]
        try builder.accumulated(plain, inputs, Shape(m, n))
      })
    return cases
  }
}
