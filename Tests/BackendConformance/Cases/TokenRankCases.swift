import Tensors

extension ConformanceCase {
  /// Rows with and without a target, with a bias, both dtypes; vocabularies of several chunks.
  static var tokenRankCases: [ConformanceCase] {
    let sizes = [(1, 1, 1), (3, 7, 5), (7, 33, 129), (65, 9, 33), (300, 16, 1000)]
    return sizes.flatMap { rows, width, vocabulary in
      [DType.float32, .bfloat16].flatMap { dtype in
        [false, true].map { hasBias in
          ConformanceCase(
            .tokenRank,
            "(\(rows), \(width)) on \(vocabulary) \(dtype)\(hasBias ? ", biased" : "")", .exact
          ) { builder throws(ProgramError) in
            var ids = builder.indices(rows, below: vocabulary, name: "targets")
            for row in ids.indices where row % 3 == 1 { ids[row] = -1 }
            var inputs = [
              // Small whole numbers: their products are exact, so that no rounding swaps two tokens.
              builder.input(Shape(rows, width), wholeNumbers(builder, rows * width, "x")),
              builder.input(
                Shape(vocabulary, width), wholeNumbers(builder, vocabulary * width, "w")),
              builder.input(Shape(rows), ids),
            ]
            if dtype == .bfloat16 { inputs[1] = builder.weight(Shape(vocabulary, width), dtype) }
            if hasBias {
              inputs.append(
                builder.input(Shape(vocabulary), wholeNumbers(builder, vocabulary, "bias")))
            }
            try builder.results(.tokenRank(TokenRank()), inputs)
          }
        }
      }
    }
  }

  private static func wholeNumbers(
    _ builder: CaseBuilder, _ count: Int, _ name: String
  ) -> [Float] {
    builder.indices(count, below: 9, name: name).map { Float($0 - 4) }
  }
}
