import Tensors

extension ConformanceCase {
  private static let indices = [5, 0, 3]

  /// Rows, width and the rows of the table.
  private static let extents = [(4, 1, 6), (33, 65, 9), (257, 130, 70)]

  /// With rows and zeros in their place, apart and in place.
  static var patchRowsCases: [ConformanceCase] {
    let kind = OperationKind.patchRows(PatchRows(indices: indices))
    return extents.flatMap { rows, width, count in
      [true, false].flatMap { hasRows in
        [true, false].map { isInPlace in
          ConformanceCase(
            .patchRows,
            "\(rows)·\(width) \(hasRows ? "rows" : "zeros")\(isInPlace ? " in place" : "")",
            .exact
          ) { builder throws(ProgramError) in
            let shape = Shape(rows, width)
            let x = isInPlace ? try builder.dying(shape) : builder.input(shape)
            let ids = builder.input(
              Shape(rows), builder.indices(rows, below: count, name: "ids"))
            let own = hasRows ? [builder.trainable(Shape(indices.count, width))] : []
            let results = try builder.results(kind, [x, ids] + own)
            if isInPlace { builder.expectShared(x, results[0]) }
          }
        }
      }
    }
  }

  /// Alone and into a gradient.
  static var patchRowsGradientCases: [ConformanceCase] {
    let kind = OperationKind.patchRowsGradient(PatchRowsGradient(indices: indices))
    return extents.flatMap { rows, width, count in
      [true, false].map { isGradient in
        ConformanceCase(
          .patchRowsGradient, "\(rows)·\(width)\(isGradient ? " into a gradient" : "")", .sum
        ) { builder throws(ProgramError) in
          let ids = builder.input(
            Shape(rows), builder.indices(rows, below: count, name: "ids"))
          let operands = [ids, builder.input(Shape(rows, width))]
          if isGradient {
            try builder.accumulated(kind, operands, Shape(indices.count, width))
          } else {
            try builder.results(kind, operands)
          }
        }
      }
    }
  }

  /// Tables of both dtypes, with rows and zeros in their place.
  static var replaceRowsCases: [ConformanceCase] {
    let kind = OperationKind.replaceRows(ReplaceRows(indices: indices))
    return extents.flatMap { _, width, count in
      [DType.float32, .bfloat16].flatMap { dtype in
        [true, false].map { hasRows in
          ConformanceCase(
            .replaceRows, "\(count)·\(width) \(dtype) \(hasRows ? "rows" : "zeros")", .exact
          ) { builder throws(ProgramError) in
            let table = builder.weight(Shape(count, width), dtype)
            let own = hasRows ? [builder.trainable(Shape(indices.count, width))] : []
            try builder.results(kind, [table] + own)
          }
        }
      }
    }
  }

  /// Alone and into a gradient.
  static var replaceRowsGradientCases: [ConformanceCase] {
    let kind = OperationKind.replaceRowsGradient(ReplaceRowsGradient(indices: indices))
    return extents.flatMap { _, width, count in
      [true, false].map { isGradient in
        ConformanceCase(
          .replaceRowsGradient, "\(count)·\(width)\(isGradient ? " into a gradient" : "")",
          .rounding
        ) { builder throws(ProgramError) in
          let operands = [builder.input(Shape(count, width))]
          if isGradient {
            try builder.accumulated(kind, operands, Shape(indices.count, width))
          } else {
            try builder.results(kind, operands)
          }
        }
      }
    }
  }
}

extension GradientCase {
  /// An id twice, one never, and one that is not replaced.
  static var patchedRows: [GradientCase] {
    [
      GradientCase(.patchRows, "of trained rows and states") { builder throws(ProgramError) in
        let ids = builder.input(Shape(5), [Int32](arrayLiteral: 4, 2, 4, 0, 5))
        let inputs = [
          builder.trainable(Shape(5, 3)), ids, builder.trainable(Shape(2, 3)),
        ]
        let rule = PatchRows(indices: [4, 0])
        try builder.loss(of: try builder.prepare(.patchRows(rule), inputs)[0])
      }
    ]
  }

  /// A table that is the head.
  static var replacedRows: [GradientCase] {
    [
      GradientCase(.replaceRows, "of a head with trained rows") { builder throws(ProgramError) in
        let inputs = [builder.weight(Shape(7, 6)), builder.trainable(Shape(2, 6))]
        let head = try builder.prepare(.replaceRows(ReplaceRows(indices: [5, 1])), inputs)[0]
        try builder.loss(of: builder.trainable(Shape(4, 6)), head: head)
      },
      GradientCase(.replaceRows, "of a trained table") { builder throws(ProgramError) in
        let inputs = [builder.trainable(Shape(7, 6)), builder.trainable(Shape(2, 6))]
        let head = try builder.prepare(.replaceRows(ReplaceRows(indices: [5, 1])), inputs)[0]
        try builder.loss(of: builder.trainable(Shape(4, 6)), head: head)
      },
    ]
  }
}
