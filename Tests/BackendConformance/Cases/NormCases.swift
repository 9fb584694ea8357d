import Tensors

extension ConformanceCase {
  private static let normShapes = [
    Shape(1, 1), Shape(3, 7), Shape(7, 33), Shape(33, 129), Shape(1, 257), Shape(129, 64),
  ]

  /// Ordinary, tiny and large rows.
  static var rmsNormCases: [ConformanceCase] {
    normShapes.flatMap(norms)
      + variants.map { variant in
        ConformanceCase(.rmsNorm, variant.detail, .sum) { builder throws(ProgramError) in
          let inputs = [
            builder.input(variant.shape, deviation: 2),
            builder.weight(variant.weight, variant.dtype),
          ]
          try builder.results(.rmsNorm(variant.rule), inputs)
        }
      }
  }

  /// Layer normalisation, weights with an offset, heads of a row.
  private struct Variant: Sendable {
    let shape: Shape
    let weight: Shape
    let dtype: DType
    let rule: RMSNorm

    init(_ shape: Shape, _ width: Int, _ dtype: DType, centers: Bool, offset: Float) {
      (self.shape, weight, self.dtype) = (shape, Shape(width), dtype)
      rule = RMSNorm(epsilon: 1e-5, centers: centers, weightOffset: offset)
    }

    var detail: String {
      "\(rule.name) \(shape) by \(weight) \(dtype), offset \(rule.weightOffset)"
    }

    /// `x, w, statistics`, the last as the forward operation gives them.
    func operands(_ builder: inout CaseBuilder) throws(ProgramError) -> [ValueID] {
      let (x, w) = (builder.input(shape), builder.weight(weight, dtype))
      return [x, w, try builder.prepare(.rmsNorm(rule), [x, w])[1]]
    }
  }

  private static let variants = [true, false].flatMap { centers in
    [Float(0), 1].flatMap { offset in
      [(Shape(3, 7), 7), (Shape(33, 129), 129), (Shape(5, 48), 12), (Shape(129, 64), 16)].flatMap {
        shape, width in
        [DType.float32, .bfloat16].map {
          Variant(shape, width, $0, centers: centers, offset: offset)
        }
      }
    }
  }

  /// With and without an addend, over the gradient and over the addend.
  static var rmsNormGradientCases: [ConformanceCase] {
    normShapes.flatMap(normGradients)
      + variants.flatMap { variant in
        [false, true].map { hasAddend in
          ConformanceCase(
            .rmsNormGradient, "\(variant.detail)\(hasAddend ? ", with an addend" : "")", .sum
          ) { builder throws(ProgramError) in
            var inputs = try variant.operands(&builder) + [builder.input(variant.shape)]
            if hasAddend { inputs.append(builder.input(variant.shape)) }
            let rule = RMSNormGradient(
              centers: variant.rule.centers, weightOffset: variant.rule.weightOffset)
            try builder.results(.rmsNormGradient(rule), inputs)
          }
        }
      }
  }

  /// Alone and into a gradient.
  static var rmsNormWeightGradientCases: [ConformanceCase] {
    normShapes.flatMap(normWeightGradients)
      + variants.map { variant in
        ConformanceCase(.rmsNormWeightGradient, variant.detail, .sum) {
          builder throws(ProgramError) in
          let operands = try variant.operands(&builder)
          let rule = RMSNormWeightGradient(centers: variant.rule.centers)
          try builder.accumulated(
            .rmsNormWeightGradient(rule), [operands[0], operands[2], builder.input(variant.shape)],
            variant.weight)
        }
      }
  }

  private static func norms(_ shape: Shape) -> [ConformanceCase] {
    [DType.float32, .bfloat16].flatMap { dtype in
      [(Float(1), Float(1e-5)), (1e-4, 1e-6), (300, 1e-5)].map { deviation, epsilon in
        ConformanceCase(.rmsNorm, "\(shape) \(dtype), deviation \(deviation)", .sum) {
          builder throws(ProgramError) in
          let inputs = [
            builder.input(shape, deviation: deviation), builder.weight(Shape(shape[1]), dtype),
          ]
          try builder.results(.rmsNorm(RMSNorm(epsilon: epsilon)), inputs)
        }
      }
    }
  }

  private static func normGradients(_ shape: Shape) -> [ConformanceCase] {
    let kind = OperationKind.rmsNormGradient(RMSNormGradient())
    return [
      ConformanceCase(.rmsNormGradient, "\(shape)", .sum) { builder throws(ProgramError) in
        let inputs = try normOperands(&builder, shape) + [builder.input(shape)]
        try builder.results(kind, inputs)
      },
      ConformanceCase(.rmsNormGradient, "\(shape) bfloat16 with an addend", .sum) {
        builder throws(ProgramError) in
        let operands = try normOperands(&builder, shape, .bfloat16)
        try builder.results(kind, operands + [builder.input(shape), builder.input(shape)])
      },
      ConformanceCase(.rmsNormGradient, "\(shape) over the addend", .sum) {
        builder throws(ProgramError) in
        let operands = try normOperands(&builder, shape)
        let addend = try builder.dying(shape)
        let results = try builder.results(kind, operands + [builder.input(shape), addend])
        builder.expectShared(addend, results[0])
      },
      ConformanceCase(.rmsNormGradient, "\(shape) over the gradient", .sum) {
        builder throws(ProgramError) in
        let operands = try normOperands(&builder, shape)
        let dy = try builder.dying(shape)
        builder.expectShared(dy, try builder.results(kind, operands + [dy])[0])
      },
      ConformanceCase(.rmsNormGradient, "\(shape) over the gradient, with an addend", .sum) {
        builder throws(ProgramError) in
        let operands = try normOperands(&builder, shape)
        let dy = try builder.dying(shape)
        builder.expectShared(
          dy, try builder.results(kind, operands + [dy, builder.input(shape)])[0])
      },
    ]
  }

  private static func normWeightGradients(_ shape: Shape) -> [ConformanceCase] {
    let kind = OperationKind.rmsNormWeightGradient(RMSNormWeightGradient())
    return [
      ConformanceCase(.rmsNormWeightGradient, "\(shape)", .sum) { builder throws(ProgramError) in
        let operands = try normOperands(&builder, shape)
        try builder.results(kind, [operands[0], operands[2], builder.input(shape)])
      },
      ConformanceCase(.rmsNormWeightGradient, "\(shape) into a gradient", .sum) {
        builder throws(ProgramError) in
        let operands = try normOperands(&builder, shape)
        let inputs = [operands[0], operands[2], builder.input(shape)]
        try builder.accumulated(kind, inputs, Shape(shape[1]))
      },
    ]
  }

  /// `x, w, r`, the last as the forward operation gives it.
  private static func normOperands(
    _ builder: inout CaseBuilder, _ shape: Shape, _ dtype: DType = .float32
  ) throws(ProgramError) -> [ValueID] {
    let (x, w) = (builder.input(shape), builder.weight(Shape(shape[1]), dtype))
    return [x, w, try builder.prepare(.rmsNorm(RMSNorm(epsilon: 1e-5)), [x, w])[1]]
  }
}
