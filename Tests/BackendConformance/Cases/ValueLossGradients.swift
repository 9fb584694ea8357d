import Tensors

extension GradientCase {
  /// Both functions at the root, over a layer and over the predictions themselves.
  static var valueLosses: [GradientCase] {
    ValueLoss.Function.allCases.flatMap { function -> [GradientCase] in
      let kind = OperationKind.valueLoss(ValueLoss(function))
      return [
        GradientCase(.valueLoss, "\(function.rawValue) of trainable predictions") {
          builder throws(ProgramError) in
          try builder.valueLoss(kind, of: builder.trainable(Shape(4, 3)))
        },
        GradientCase(.valueLoss, "\(function.rawValue) behind a layer") {
          builder throws(ProgramError) in
          let x = builder.trainable(Shape(4, 5))
          let linear = OperationKind.product(Product(transposeB: true))
          let y = try builder.prepare(
            linear, [x, builder.trainable(Shape(3, 5), deviation: 0.5)])[0]
          try builder.valueLoss(kind, of: y)
        },
      ]
    }
  }
}
