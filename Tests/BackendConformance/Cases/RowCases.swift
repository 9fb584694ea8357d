import Tensors

extension ConformanceCase {
  /// Embeddings, gathers, scatters and writes of rows.
  static func rowCases(_ operation: OperationName) -> [ConformanceCase] {
    // Rows of the table, width, rows that are looked up.
    let sizes = [(1, 1, 1), (3, 7, 5), (33, 129, 7), (257, 33, 65), (129, 64, 257)]
    return sizes.flatMap { table, width, count -> [ConformanceCase] in
      let detail = "\(count) rows of (\(table), \(width))"
      switch operation {
      case .embedding:
        return [DType.float32, .bfloat16].map { dtype in
          ConformanceCase(.embedding, "\(detail) \(dtype)", .exact) {
            builder throws(ProgramError) in
            let weight = builder.weight(Shape(table, width), dtype)
            let ids = builder.input(Shape(count), builder.indices(count, below: table, name: "ids"))
            try builder.results(.embedding(Embedding()), [weight, ids])
          }
        }
      case .embeddingGradient:
        let kind = OperationKind.embeddingGradient(EmbeddingGradient(vocabulary: table))
        return scatters(operation, kind, detail, table, width, count)
          + [
            ConformanceCase(operation, "\(detail), accumulated", .sum) {
              builder throws(ProgramError) in
              let ids = builder.input(
                Shape(count), builder.indices(count, below: table, name: "ids"))
              let rows = builder.input(Shape(count, width))
              try builder.accumulated(kind, [ids, rows], Shape(table, width))
            }
          ]
      case .scatterRows:
        return scatters(
          operation, .scatterRows(ScatterRows(rows: table)), detail, table, width, count)
      case .gatherRows:
        return [
          ConformanceCase(operation, detail, .exact) { builder throws(ProgramError) in
            let x = builder.input(Shape(table, width))
            let ids = builder.input(Shape(count), builder.indices(count, below: table, name: "ids"))
            try builder.results(.gatherRows(GatherRows()), [x, ids])
          }
        ]
      case .writeRows:
        return [
          ConformanceCase(operation, detail, .exact) { builder throws(ProgramError) in
            let state = builder.state(Shape(table, width))
            // Distinct slots: which of two equal ones counts is nobody's business.
            let slots = (0..<min(count, table)).map { Int32(table - 1 - $0) }
            let ids = builder.input(Shape(slots.count), slots)
            let rows = builder.input(Shape(slots.count, width))
            try builder.replaced(.writeRows(WriteRows()), [state, ids, rows], state)
          }
        ]
      case .product, .add, .multiply, .scale, .accumulate, .addBias, .columnSum, .rmsNorm,
        .rmsNormGradient, .rmsNormWeightGradient, .rotaryTable, .rotary, .attention,
        .attentionGradient, .activation, .activationGradient, .gatedActivation,
        .gatedActivationGradient, .dropout, .tokenLoss:
        return []
      }
    }
  }

  private static func scatters(
    _ operation: OperationName, _ kind: OperationKind, _ detail: String, _ table: Int,
    _ width: Int, _ count: Int
  ) -> [ConformanceCase] {
    [
      ConformanceCase(operation, detail, .sum) { builder throws(ProgramError) in
        let ids = builder.input(Shape(count), builder.indices(count, below: table, name: "ids"))
        try builder.results(kind, [ids, builder.input(Shape(count, width))])
      }
    ]
  }
}
