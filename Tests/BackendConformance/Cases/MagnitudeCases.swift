import Tensors

extension ConformanceCase {
  private static let matrices = [Shape(1, 1), Shape(3, 7), Shape(33, 129), Shape(257, 65)]

  /// Outputs, inputs and rank, one beyond every block of the kernels.
  private static let extents = [(1, 1, 1), (5, 9, 3), (65, 257, 4), (130, 40, 8)]

  /// Weights of both dtypes as linears and tables store them.
  static var updatedNormsCases: [ConformanceCase] {
    extents.flatMap { outputs, inputs, rank in
      [UpdatedNorms.Layout.outputsFirst, .inputsFirst, .table].flatMap { layout in
        [DType.float32, .bfloat16].map { dtype in
          ConformanceCase(
            .updatedNorms, "\(outputs)·\(inputs)·\(rank) \(layout) \(dtype)", .sum
          ) { builder throws(ProgramError) in
            let isOutputsFirst = layout == .outputsFirst
            let weight = isOutputsFirst ? Shape(outputs, inputs) : Shape(inputs, outputs)
            let a = layout == .table ? Shape(inputs, rank) : Shape(rank, inputs)
            let operands = [
              builder.weight(weight, dtype), builder.trainable(a),
              builder.trainable(Shape(outputs, rank)),
            ]
            try builder.results(
              .updatedNorms(UpdatedNorms(layout: layout, scale: 0.7)), operands)
          }
        }
      }
    }
  }

  /// Apart and in place.
  static var scaleColumnsCases: [ConformanceCase] {
    matrices.flatMap { shape in
      [
        ConformanceCase(.scaleColumns, "\(shape)", .rounding) { builder throws(ProgramError) in
          let inputs = [builder.input(shape), builder.trainable(Shape(shape[1]))]
          try builder.results(.scaleColumns(ScaleColumns()), inputs + [lengths(shape, &builder)])
        },
        ConformanceCase(.scaleColumns, "\(shape) in place", .rounding) {
          builder throws(ProgramError) in
          let x = try builder.dying(shape)
          let inputs = [x, builder.trainable(Shape(shape[1])), lengths(shape, &builder)]
          let results = try builder.results(.scaleColumns(ScaleColumns()), inputs)
          builder.expectShared(x, results[0])
        },
      ]
    }
  }

  /// Alone and into a gradient.
  static var scaleColumnsGradientCases: [ConformanceCase] {
    let kind = OperationKind.scaleColumnsGradient(ScaleColumnsGradient())
    return matrices.flatMap { shape in
      [
        ConformanceCase(.scaleColumnsGradient, "\(shape)", .sum) {
          builder throws(ProgramError) in
          let x = builder.input(shape)
          try builder.results(kind, [x, lengths(shape, &builder), builder.input(shape)])
        },
        ConformanceCase(.scaleColumnsGradient, "\(shape) into a gradient", .sum) {
          builder throws(ProgramError) in
          let x = builder.input(shape)
          try builder.accumulated(
            kind, [x, lengths(shape, &builder), builder.input(shape)], Shape(shape[1]))
        },
      ]
    }
  }

  /// Positive divisors, one a column.
  private static func lengths(_ shape: Shape, _ builder: inout CaseBuilder) -> ValueID {
    let count = shape[1]
    return builder.input(Shape(count), (0..<count).map { 0.5 + Float($0 % 7) / 4 })
  }
}

extension GradientCase {
  /// The lengths alone, and with gradients on the way; the divisor is held constant.
  static var scaledColumns: [GradientCase] {
    [true, false].map { isInner in
      GradientCase(.scaleColumns, isInner ? "of trained states" : "of what is given") {
        builder throws(ProgramError) in
        let x = isInner ? builder.trainable(Shape(4, 5)) : builder.input(Shape(4, 5))
        let inputs = [
          x, builder.trainable(Shape(5)),
          builder.input(Shape(5), [Float](arrayLiteral: 0.5, 1, 2, 3, 0.7)),
        ]
        try builder.loss(of: try builder.prepare(.scaleColumns(ScaleColumns()), inputs)[0])
      }
    }
  }
}
