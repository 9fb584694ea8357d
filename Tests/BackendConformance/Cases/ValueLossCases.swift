import Tensors

extension ConformanceCase {
  /// Both functions with and without the gradient; cells without weight; numbers far from zero.
  static var valueLossCases: [ConformanceCase] {
    let shapes = [Shape(1, 1), Shape(3, 5), Shape(33, 7), Shape(129, 257)]
    return ValueLoss.Function.allCases.flatMap { function in
      shapes.flatMap { shape in
        [false, true].flatMap { gradient in
          [Float(1), 60].map { deviation in
            valueLoss(
              shape, ValueLoss(function, gradientOfPredictions: gradient), deviation: deviation)
          }
        }
      }
    }
  }

  private static func valueLoss(
    _ shape: Shape, _ rule: ValueLoss, deviation: Float
  ) -> ConformanceCase {
    let detail =
      "\(rule.function.rawValue) of \(shape), deviation \(deviation)"
      + (rule.gradientOfPredictions ? " with the gradient" : "")
    return ConformanceCase(.valueLoss, detail, .sum) { builder throws(ProgramError) in
      let values = builder.indices(shape.count, below: 2, name: "values").map { Float($0) }
      let weights = builder.indices(shape.count, below: 3, name: "weights").map { Float($0) / 2 }
      let inputs = [
        builder.input(shape, deviation: deviation), builder.input(shape, values),
        builder.input(shape, weights), builder.input(Shape(1), [Float(1) / Float(shape.count)]),
      ]
      try builder.results(.valueLoss(rule), inputs)
    }
  }
}
