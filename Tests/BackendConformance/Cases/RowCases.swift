import Tensors

extension ConformanceCase {
  /// Rows of the table, width, rows that are looked up.
  private static let rowSizes = [
    (1, 1, 1), (3, 7, 5), (33, 129, 7), (257, 33, 65), (129, 64, 257),
  ]

  /// Tables of both dtypes.
  static var embeddingCases: [ConformanceCase] {
    rowSizes.flatMap { table, width, count in
      [DType.float32, .bfloat16].map { dtype in
        ConformanceCase(.embedding, "\(count) rows of (\(table), \(width)) \(dtype)", .exact) {
          builder throws(ProgramError) in
          let weight = builder.weight(Shape(table, width), dtype)
          let ids = rowIndices(&builder, count, below: table)
          try builder.results(.embedding(Embedding()), [weight, ids])
        }
      } + [
        ConformanceCase(.embedding, "\(count) rows of (\(table + 2), \(width)) behind 2", .exact) {
          builder throws(ProgramError) in
          let weight = builder.weight(Shape(table + 2, width), .float32)
          let ids = rowIndices(&builder, count, below: table)
          try builder.results(.embedding(Embedding(offset: 2)), [weight, ids])
        }
      ]
    }
  }

  /// Alone and into a gradient; most rows are hit several times or never.
  static var embeddingGradientCases: [ConformanceCase] {
    rowSizes.flatMap { table, width, count in
      let kind = OperationKind.embeddingGradient(EmbeddingGradient(vocabulary: table))
      let detail = "\(count) rows into (\(table), \(width))"
      return [
        ConformanceCase(.embeddingGradient, detail, .sum) { builder throws(ProgramError) in
          let ids = rowIndices(&builder, count, below: table)
          try builder.results(kind, [ids, builder.input(Shape(count, width))])
        },
        ConformanceCase(.embeddingGradient, "\(detail), accumulated", .sum) {
          builder throws(ProgramError) in
          let ids = rowIndices(&builder, count, below: table)
          let rows = builder.input(Shape(count, width))
          try builder.accumulated(kind, [ids, rows], Shape(table, width))
        },
        ConformanceCase(.embeddingGradient, "\(detail) behind 2, row 3 left out", .sum) {
          builder throws(ProgramError) in
          let rule = EmbeddingGradient(vocabulary: table + 2, offset: 2, paddingRow: 3)
          let ids = rowIndices(&builder, count, below: table)
          try builder.results(
            .embeddingGradient(rule), [ids, builder.input(Shape(count, width))])
        },
      ]
    }
  }

  /// Some rows of activations, in any order.
  static var gatherRowsCases: [ConformanceCase] {
    rowSizes.map { table, width, count in
      ConformanceCase(.gatherRows, "\(count) rows of (\(table), \(width))", .exact) {
        builder throws(ProgramError) in
        let x = builder.input(Shape(table, width))
        let ids = rowIndices(&builder, count, below: table)
        try builder.results(.gatherRows(GatherRows()), [x, ids])
      }
    }
  }

  /// Rows that add up, and zeros elsewhere.
  static var scatterRowsCases: [ConformanceCase] {
    rowSizes.map { table, width, count in
      ConformanceCase(.scatterRows, "\(count) rows into (\(table), \(width))", .sum) {
        builder throws(ProgramError) in
        let ids = rowIndices(&builder, count, below: table)
        let rows = builder.input(Shape(count, width))
        try builder.results(.scatterRows(ScatterRows(rows: table)), [ids, rows])
      }
    }
  }

  /// Distinct slots: which of two equal ones counts is nobody's business.
  static var writeRowsCases: [ConformanceCase] {
    rowSizes.map { table, width, count in
      ConformanceCase(.writeRows, "up to \(count) rows of (\(table), \(width))", .exact) {
        builder throws(ProgramError) in
        let state = builder.state(Shape(table, width))
        let slots = (0..<min(count, table)).map { Int32(table - 1 - $0) }
        let ids = builder.input(Shape(slots.count), slots)
        let rows = builder.input(Shape(slots.count, width))
        try builder.replaced(.writeRows(WriteRows()), [state, ids, rows], state)
      }
    }
  }

  private static func rowIndices(
    _ builder: inout CaseBuilder, _ count: Int, below limit: Int
  ) -> ValueID {
    builder.input(Shape(count), builder.indices(count, below: limit, name: "ids"))
  }
}
