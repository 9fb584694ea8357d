import Tensors

extension ConformanceCase {
  /// Sums, products, scales, biases and dropout, also over their operands.
  static func elementwiseCases(_ operation: OperationName) -> [ConformanceCase] {
    let shapes = [
      Shape(1, 1), Shape(3, 7), Shape(1, 33), Shape(33, 129), Shape(129, 1), Shape(257, 65),
    ]
    switch operation {
    case .add: return shapes.flatMap { binary(operation, .add(Add()), $0) }
    case .multiply: return shapes.flatMap { binary(operation, .multiply(Multiply()), $0) }
    case .scale: return shapes.flatMap { unary(operation, .scale(Scale(-1.7)), $0, "") }
    case .accumulate:
      return shapes.map { shape in
        ConformanceCase(operation, "\(shape)", .rounding) { builder throws(ProgramError) in
          try builder.accumulated(.accumulate(Accumulate()), [builder.input(shape)], shape)
        }
      }
    case .addBias: return shapes.flatMap(biases)
    case .columnSum: return shapes.flatMap(columnSums)
    case .dropout: return shapes.flatMap(dropouts)
    case .embedding, .embeddingGradient, .product, .rmsNorm, .rmsNormGradient,
      .rmsNormWeightGradient, .rotaryTable, .rotary, .attention, .attentionGradient, .activation,
      .activationGradient, .gatedActivation, .gatedActivationGradient, .tokenLoss, .gatherRows,
      .scatterRows, .writeRows:
      return []
    }
  }

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
