import Tensors

extension ConformanceCase {
  private static let matrices = [
    Shape(1, 1), Shape(3, 7), Shape(1, 33), Shape(33, 129), Shape(129, 1), Shape(257, 65),
  ]

  /// Apart and in place.
  static var scaleCases: [ConformanceCase] {
    matrices.flatMap { unary(.scale, .scale(Scale(-1.7)), $0, "") }
  }

  /// Into a gradient.
  static var accumulateCases: [ConformanceCase] {
    matrices.map { shape in
      ConformanceCase(.accumulate, "\(shape)", .rounding) { builder throws(ProgramError) in
        try builder.accumulated(.accumulate(Accumulate()), [builder.input(shape)], shape)
      }
    }
  }

  /// Two operands apart, the same, and the result over either.
  static func binaryCases(_ operation: OperationName, _ kind: OperationKind) -> [ConformanceCase] {
    matrices.flatMap { binary(operation, kind, $0) }
  }

  /// Biases of both dtypes.
  static var addBiasCases: [ConformanceCase] { matrices.flatMap(biases) }

  /// Alone and into a gradient.
  static var columnSumCases: [ConformanceCase] { matrices.flatMap(columnSums) }

  /// From a rate of zero, at steps of more than 32 bits too.
  static var dropoutCases: [ConformanceCase] { matrices.flatMap(dropouts) }

  private static func unary(
    _ operation: OperationName, _ kind: OperationKind, _ shape: Shape, _ detail: String,
    randomStep: UInt64 = 3
  ) -> [ConformanceCase] {
    [
      ConformanceCase(operation, "\(shape)\(detail)", .rounding, randomStep: randomStep) {
        builder throws(ProgramError) in
        try builder.results(kind, [builder.input(shape)])
      },
      ConformanceCase(operation, "\(shape)\(detail) in place", .rounding, randomStep: randomStep) {
        builder throws(ProgramError) in
        let x = try builder.dying(shape)
        builder.expectShared(x, try builder.results(kind, [x])[0])
      },
    ]
  }

  private static func binary(
    _ operation: OperationName, _ kind: OperationKind, _ shape: Shape
  ) -> [ConformanceCase] {
    [
      ConformanceCase(operation, "\(shape)", .rounding) { builder throws(ProgramError) in
        try builder.results(kind, [builder.input(shape), builder.input(shape)])
      },
      ConformanceCase(operation, "\(shape) of a value with itself", .rounding) {
        builder throws(ProgramError) in
        let x = builder.input(shape)
        try builder.results(kind, [x, x])
      },
      ConformanceCase(operation, "\(shape) over the first", .rounding) {
        builder throws(ProgramError) in
        let x = try builder.dying(shape)
        builder.expectShared(x, try builder.results(kind, [x, builder.input(shape)])[0])
      },
      ConformanceCase(operation, "\(shape) over the second", .rounding) {
        builder throws(ProgramError) in
        let x = try builder.dying(shape)
        builder.expectShared(x, try builder.results(kind, [builder.input(shape), x])[0])
      },
    ]
  }

  private static func biases(_ shape: Shape) -> [ConformanceCase] {
    [DType.float32, .bfloat16].flatMap { dtype in
      [
        ConformanceCase(.addBias, "\(shape) \(dtype)", .rounding) { builder throws(ProgramError) in
          let inputs = [builder.input(shape), builder.weight(Shape(shape[1]), dtype)]
          try builder.results(.addBias(AddBias()), inputs)
        },
        ConformanceCase(.addBias, "\(shape) \(dtype) in place", .rounding) {
          builder throws(ProgramError) in
          let x = try builder.dying(shape)
          let inputs = [x, builder.weight(Shape(shape[1]), dtype)]
          builder.expectShared(x, try builder.results(.addBias(AddBias()), inputs)[0])
        },
      ]
    }
  }

  private static func columnSums(_ shape: Shape) -> [ConformanceCase] {
    [
      ConformanceCase(.columnSum, "\(shape)", .sum) { builder throws(ProgramError) in
        try builder.results(.columnSum(ColumnSum()), [builder.input(shape)])
      },
      ConformanceCase(.columnSum, "\(shape) into a gradient", .sum) {
        builder throws(ProgramError) in
        try builder.accumulated(
          .columnSum(ColumnSum()), [builder.input(shape)], Shape(shape[1]))
      },
    ]
  }

  private static func dropouts(_ shape: Shape) -> [ConformanceCase] {
    // A rate of zero keeps everything; a step beyond 32 bits uses the counter's last word.
    [(Float(0), UInt64(0)), (0.1, 1), (0.5, 2), (0.9, 1 << 40 + 5)].flatMap { rate, step in
      unary(
        .dropout, .dropout(Dropout(rate: rate, stream: "dropout/layer.\(step)")), shape,
        " at \(rate), step \(step)", randomStep: step)
    }
  }
}
