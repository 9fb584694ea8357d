import Tensors

extension ConformanceCase {
  /// Every function.
  static var activationCases: [ConformanceCase] {
    ActivationFunction.allCases.flatMap {
      activations(.activation, .activation(Activation($0)), 1, $0.rawValue)
    }
  }

  /// Every function, the result also over either operand.
  static var activationGradientCases: [ConformanceCase] {
    ActivationFunction.allCases.flatMap { function in
      let kind = OperationKind.activationGradient(ActivationGradient(function))
      return activations(.activationGradient, kind, 2, function.rawValue)
        + [[(0, 0)], [(1, 0)]].flatMap {
          merged(.activationGradient, kind, 2, $0, function.rawValue)
        }
    }
  }

  /// Every function.
  static var gatedActivationCases: [ConformanceCase] {
    ActivationFunction.allCases.flatMap {
      activations(.gatedActivation, .gatedActivation(GatedActivation($0)), 2, $0.rawValue)
    }
  }

  /// Every function, one result or both over their operands.
  static var gatedActivationGradientCases: [ConformanceCase] {
    ActivationFunction.allCases.flatMap { function in
      let kind = OperationKind.gatedActivationGradient(GatedActivationGradient(function))
      return activations(.gatedActivationGradient, kind, 3, function.rawValue)
        + [[(0, 0)], [(1, 1)], [(0, 0), (1, 1)]].flatMap {
          merged(.gatedActivationGradient, kind, 3, $0, function.rawValue)
        }
    }
  }

  private static let shapes = [
    Shape(1, 1), Shape(3, 7), Shape(1, 33), Shape(33, 129), Shape(257, 3),
  ]

  private static func activations(
    _ operation: OperationName, _ kind: OperationKind, _ operands: Int, _ name: String
  ) -> [ConformanceCase] {
    let extremes: [Float] = [
      0, -0.0, 1e-8, -1e-8, 0.5, -0.5, 1, -1, 3, -3, 5, -5, 8, -8, 9.5, -9.5, 20, -20, 50, -50, 88,
      -88, 104, -104, 500, -500, 0.044, -0.044,
    ]
    return [Float(1), 4].flatMap { deviation in
      shapes.map { shape in
        ConformanceCase(operation, "\(name) \(shape), deviation \(deviation)", .transcendental) {
          builder throws(ProgramError) in
          var inputs: [ValueID] = []
          for _ in 0..<operands { inputs.append(builder.input(shape, deviation: deviation)) }
          try builder.results(kind, inputs)
        }
      }
    } + [
      ConformanceCase(operation, "\(name) of extremes", .transcendental) {
        builder throws(ProgramError) in
        let shape = Shape(1, extremes.count)
        var inputs = [builder.input(shape, extremes)]
        for _ in 1..<max(operands, 1) {
          inputs.append(builder.input(shape, [Float](repeating: 1, count: extremes.count)))
        }
        try builder.results(kind, inputs)
      }
    ]
  }

  private static func merged(
    _ operation: OperationName, _ kind: OperationKind, _ operands: Int,
    _ merges: [(operand: Int, result: Int)], _ name: String
  ) -> [ConformanceCase] {
    let places = merges.map { "result \($0.result) over operand \($0.operand)" }
    return shapes.map { shape in
      ConformanceCase(
        operation, "\(name) \(shape), \(places.joined(separator: ", "))", .transcendental
      ) { builder throws(ProgramError) in
        var inputs: [ValueID] = []
        for index in 0..<operands {
          let dies = merges.contains { $0.operand == index }
          inputs.append(dies ? try builder.dying(shape) : builder.input(shape))
        }
        let results = try builder.results(kind, inputs)
        for merge in merges { builder.expectShared(inputs[merge.operand], results[merge.result]) }
      }
    }
  }
}
