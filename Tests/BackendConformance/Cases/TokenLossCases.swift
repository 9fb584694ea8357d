import Tensors

extension ConformanceCase {
  /// The loss alone, with either gradient, with both; rows without a target; extreme logits.
  static var tokenLossCases: [ConformanceCase] {
    // Rows, width, vocabulary.
    let sizes = [(1, 1, 1), (3, 7, 5), (7, 33, 129), (33, 16, 257), (65, 9, 33), (129, 3, 7)]
    let gradients = [(false, false), (true, false), (false, true), (true, true)]
    return sizes.flatMap { rows, width, vocabulary in
      gradients.flatMap { hidden, weight in
        [DType.float32, .bfloat16].flatMap { dtype in
          Targets.allCases.map { targets in
            tokenLoss(
              Shape(rows, width), vocabulary, dtype, targets,
              TokenLoss(gradientOfHidden: hidden, gradientOfWeight: weight))
          }
        }
      }
    } + [
      tokenLoss(
        Shape(7, 33), 65, .float32, .some, TokenLoss(gradientOfHidden: true), deviation: 30)
    ]
      + gradients.flatMap { hidden, weight in
        [Shape(7, 33), Shape(33, 16)].map {
          tokenLoss(
            $0, 129, .float32, .some,
            TokenLoss(gradientOfHidden: hidden, gradientOfWeight: weight, softCap: 3), deviation: 2)
        }
      }
      + biasedTokenLossCases + manyTokensCases
  }

  /// A vocabulary of several chunks a segment: what a segment summed is corrected by a larger logit.
  private static var manyTokensCases: [ConformanceCase] {
    [(true, false), (false, true), (false, false)].flatMap { hidden, weight in
      [nil, Float(4)].flatMap { softCap in
        [DType.float32, .bfloat16].map { dtype in
          tokenLoss(
            Shape(7, 8), 25_003, dtype, .some,
            TokenLoss(gradientOfHidden: hidden, gradientOfWeight: weight, softCap: softCap),
            deviation: 3)
        }
      }
    }
  }

  /// With a bias, frozen in either dtype or trained.
  private static var biasedTokenLossCases: [ConformanceCase] {
    let kinds: [(isTrained: Bool, dtype: DType)] = [
      (false, .bfloat16), (false, .float32), (true, .float32),
    ]
    let sizes = [(Shape(7, 33), 129), (Shape(129, 3), 7), (Shape(300, 8), 1030)]
    var cases: [ConformanceCase] = []
    for targets in Targets.allCases {
      for (isTrained, dtype) in kinds {
        for (shape, vocabulary) in sizes {
          let rule = TokenLoss(
            gradientOfHidden: isTrained, gradientOfWeight: vocabulary == 7,
            gradientOfBias: isTrained)
          cases.append(tokenLoss(shape, vocabulary, dtype, targets, rule, hasBias: true))
        }
      }
    }
    return cases
  }

  /// Which rows have a target.
  private enum Targets: String, CaseIterable, Sendable {
    case all, some, none
  }

  private static func tokenLoss(
    _ shape: Shape, _ vocabulary: Int, _ dtype: DType, _ targets: Targets, _ rule: TokenLoss,
    deviation: Float = 0.5, hasBias: Bool = false
  ) -> ConformanceCase {
    let wanted = [
      rule.gradientOfHidden ? "dx" : nil, rule.gradientOfWeight ? "dw" : nil,
      rule.gradientOfBias ? "db" : nil, hasBias ? "with bias" : nil,
    ]
    let detail =
      "\(shape) on \(vocabulary) \(dtype), targets in \(targets.rawValue) rows, deviation "
      + "\(deviation) \(wanted.compactMap { $0 }.joined(separator: " "))"
      + (rule.softCap.map { ", soft cap \($0)" } ?? "")
    let tolerance = Tolerance(
      relative: 2e-5 * max(1, deviation * deviation / 10),
      reason: "logits are float32 sums, and their errors multiply the probabilities")
    return ConformanceCase(.tokenLoss, detail, tolerance) { builder throws(ProgramError) in
      var ids = builder.indices(shape[0], below: vocabulary, name: "targets")
      for row in ids.indices {
        switch targets {
        case .all: continue
        case .some: if row % 3 != 1 { ids[row] = -1 }
        case .none: ids[row] = -1
        }
      }
      var inputs = [
        builder.input(shape, deviation: deviation),
        builder.weight(Shape(vocabulary, shape[1]), dtype), builder.input(Shape(shape[0]), ids),
        builder.input(Shape(1), [Float(1) / Float(shape[0])]),
      ]
      if hasBias {
        inputs.append(
          builder.weight(
            dtype == .float32 ? Shape(vocabulary) : Shape(1, vocabulary), dtype, deviation: 1))
      }
      try builder.results(.tokenLoss(rule), inputs)
    }
  }
}
