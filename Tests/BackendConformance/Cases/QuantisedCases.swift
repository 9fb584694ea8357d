import Tensors

/// Frozen matrices that are kept quantised, wherever an operation reads one.
extension ConformanceCase {
  private static let quantised: [DType] = [.q80, .q40, .nf4]

  /// Forward, backward and as GPT-2 stores its weights; few rows, and sizes beyond every tile.
  static var quantisedProductCases: [ConformanceCase] {
    // Rows of the result, columns, and the extent that is summed over.
    let sizes = [
      (1, 5, 64), (3, 129, 192), (4, 65, 64), (7, 3, 128), (33, 257, 64), (5, 64, 33), (3, 192, 7),
      (600, 320, 65), (530, 192, 129),
    ]
    return quantised.flatMap { dtype in
      sizes.flatMap { m, n, k in
        [(false, true), (true, true), (false, false), (true, false)].compactMap { tA, tB in
          product(m, n, k, transposeA: tA, transposeB: tB, dtype)
        }
      }
    }
  }

  /// Nil where the matrix has no rows of whole blocks.
  private static func product(
    _ m: Int, _ n: Int, _ k: Int, transposeA: Bool, transposeB: Bool, _ dtype: DType
  ) -> ConformanceCase? {
    let (a, b) = (transposeA ? Shape(k, m) : Shape(m, k), transposeB ? Shape(n, k) : Shape(k, n))
    guard b.columns.isMultiple(of: 64) else { return nil }
    let rule = Product(transposeA: transposeA, transposeB: transposeB, scale: -0.37)
    let detail = "\(a)\(transposeA ? "ᵀ" : "")·\(b)\(transposeB ? "ᵀ" : "") \(dtype) plus an addend"
    return ConformanceCase(.product, detail, .sum) { builder throws(ProgramError) in
      try builder.results(
        .product(rule), [builder.input(a), builder.weight(b, dtype), builder.input(Shape(m, n))])
    }
  }

  static var quantisedEmbeddingCases: [ConformanceCase] {
    quantised.flatMap { dtype in
      [(3, 64), (257, 192)].map { table, width in
        ConformanceCase(.embedding, "65 rows of (\(table), \(width)) \(dtype)", .exact) {
          builder throws(ProgramError) in
          let ids = builder.indices(65, below: table, name: "ids")
          let weight = builder.weight(Shape(table, width), dtype)
          try builder.results(.embedding(Embedding()), [weight, builder.input(Shape(65), ids)])
        }
      }
    }
  }

  static var quantisedTokenLossCases: [ConformanceCase] {
    let tolerance = Tolerance(
      relative: 2e-5,
      reason: "logits are float32 sums, and their errors multiply the probabilities")
    return quantised.flatMap { dtype in
      [(7, 64, 129), (65, 128, 33), (300, 64, 1030)].flatMap { rows, width, vocabulary in
        [false, true].map { hasGradient in
          let detail =
            "(\(rows), \(width)) on \(vocabulary) \(dtype)\(hasGradient ? ", with dx" : "")"
          return ConformanceCase(.tokenLoss, detail, tolerance) {
            builder throws(ProgramError) in
            let ids = builder.indices(rows, below: vocabulary, name: "targets")
            let targets = ids.enumerated().map { $0 % 3 == 1 ? -1 : $1 }
            let inputs = [
              builder.input(Shape(rows, width), deviation: 0.3),
              builder.weight(Shape(vocabulary, width), dtype), builder.input(Shape(rows), targets),
              builder.input(Shape(1), [Float(1) / Float(rows)]),
            ]
            try builder.results(.tokenLoss(TokenLoss(gradientOfHidden: hasGradient)), inputs)
          }
        }
      }
    }
  }

  static var quantisedTokenRankCases: [ConformanceCase] {
    quantised.flatMap { dtype in
      [(3, 64, 5), (65, 64, 129), (300, 128, 1000)].map { rows, width, vocabulary in
        ConformanceCase(.tokenRank, "(\(rows), \(width)) on \(vocabulary) \(dtype)", .exact) {
          builder throws(ProgramError) in
          // Two ones a row: a logit is one sum of two numbers, which every backend rounds alike.
          var x = [Float](repeating: 0, count: rows * width)
          for row in 0..<rows {
            x[row * width + row % width] = 1
            x[row * width + (7 * row + 3) % width] = 1
          }
          let ids = builder.indices(rows, below: vocabulary, name: "targets")
          let inputs = [
            builder.input(Shape(rows, width), x),
            builder.weight(Shape(vocabulary, width), dtype), builder.input(Shape(rows), ids),
          ]
          try builder.results(.tokenRank(TokenRank()), inputs)
        }
      }
    }
  }

  static var quantisedNormsCases: [ConformanceCase] {
    quantised.flatMap { dtype in
      [UpdatedNorms.Layout.outputsFirst, .inputsFirst].map { layout in
        ConformanceCase(.updatedNorms, "192·320·4 \(layout) \(dtype)", .sum) {
          builder throws(ProgramError) in
          let weight = layout == .outputsFirst ? Shape(192, 320) : Shape(320, 192)
          let operands = [
            builder.weight(weight, dtype), builder.trainable(Shape(4, 320)),
            builder.trainable(Shape(192, 4)),
          ]
          try builder.results(.updatedNorms(UpdatedNorms(layout: layout, scale: 0.7)), operands)
        }
      }
    }
  }

  static var quantisedReplaceRowsCases: [ConformanceCase] {
    quantised.map { dtype in
      ConformanceCase(.replaceRows, "300·64 \(dtype)", .exact) { builder throws(ProgramError) in
        let table = builder.weight(Shape(300, 64), dtype)
        let kind = OperationKind.replaceRows(ReplaceRows(indices: [0, 7, 299]))
        try builder.results(kind, [table, builder.trainable(Shape(3, 64))])
      }
    }
  }
}
