import Tensors

extension ConformanceCase {
  /// Rows, heads, head dimension.
  private static let rotarySizes = [
    (1, 1, 2), (3, 2, 8), (7, 3, 16), (33, 1, 64), (129, 2, 80), (65, 5, 6),
  ]

  /// Angles of near and far positions.
  static var rotaryTableCases: [ConformanceCase] {
    rotarySizes.flatMap { rows, _, width in
      [(Int32(0), Float(1)), (500, 1), (30_000, 0.7)].map { first, scaling in
        table(rows, width, from: first, scaling: scaling)
      }
    }
  }

  /// Rotations both ways.
  static var rotaryCases: [ConformanceCase] {
    rotarySizes.flatMap { rows, heads, width in
      [false, true].flatMap { rotations(rows, heads, width, inverse: $0) }
    }
      + [(3, 2, 4, 10), (33, 5, 16, 64)].flatMap { rows, heads, width, head in
        [false, true].flatMap { rotations(rows, heads, width, inverse: $0, of: head) }
      }
  }

  private static func table(
    _ rows: Int, _ width: Int, from first: Int32, scaling: Float
  ) -> ConformanceCase {
    let largest = Float(first) + Float(rows)
    let tolerance = Tolerance(
      relative: 1e-6 + largest * 0x1p-23, reason: "angles may be products in float32")
    return ConformanceCase(.rotaryTable, "\(rows) positions from \(first), (\(width))", tolerance) {
      builder throws(ProgramError) in
      // Backwards, so that rows are not their numbers.
      let positions = builder.input(Shape(rows), (0..<rows).map { first + Int32(rows - 1 - $0) })
      try builder.results(.rotaryTable(rule(width, scaling: scaling)), [positions])
    }
  }

  private static func rotations(
    _ rows: Int, _ heads: Int, _ width: Int, inverse: Bool, of head: Int? = nil
  ) -> [ConformanceCase] {
    let kind = OperationKind.rotary(Rotary(inverse: inverse, headDimension: head))
    let shape = Shape(rows, heads * (head ?? width))
    let detail =
      "\(shape), \(width) of heads of \(head ?? width)\(inverse ? ", inverse" : "")"
    return [
      ConformanceCase(.rotary, detail, .rounding) { builder throws(ProgramError) in
        try builder.results(kind, [builder.input(shape), builder.input(Shape(rows, width))])
      },
      ConformanceCase(.rotary, "\(detail), in place", .rounding) { builder throws(ProgramError) in
        let x = try builder.dying(shape)
        let table = builder.input(Shape(rows, width))
        builder.expectShared(x, try builder.results(kind, [x, table])[0])
      },
    ]
  }

  private static func rule(_ width: Int, scaling: Float) -> RotaryTable {
    var frequency: Float = 1
    let frequencies = (0..<width / 2).map { _ in
      defer { frequency *= 0.83 }
      return frequency
    }
    return RotaryTable(inverseFrequencies: frequencies, attentionScaling: scaling)
  }
}
