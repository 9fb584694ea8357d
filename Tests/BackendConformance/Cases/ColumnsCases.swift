import Tensors

extension ConformanceCase {
  /// Rows, groups, the width of a group, and which of its columns.
  private struct Part: Sendable {
    let (rows, groups, period, start, width): (Int, Int, Int, Int, Int)

    init(_ rows: Int, _ groups: Int, _ period: Int, _ start: Int, _ width: Int) {
      (self.rows, self.groups, self.period, self.start, self.width) =
        (rows, groups, period, start, width)
    }

    var detail: String { "\(rows)·\(groups)·\(period), \(width) from \(start)" }
    var wide: Shape { Shape(rows, groups * period) }
    var narrow: Shape { Shape(rows, groups * width) }
  }

  private static let parts = [
    Part(1, 1, 1, 0, 1), Part(3, 1, 12, 4, 4), Part(5, 4, 9, 6, 3), Part(33, 2, 129, 0, 64),
    Part(257, 1, 65, 1, 64),
  ]

  /// From the front, the middle and the end of one group or several.
  static var selectColumnsCases: [ConformanceCase] {
    parts.map { part in
      ConformanceCase(.selectColumns, part.detail, .exact) { builder throws(ProgramError) in
        let rule = SelectColumns(groups: part.groups, start: part.start, width: part.width)
        try builder.results(.selectColumns(rule), [builder.input(part.wide)])
      }
    }
  }

  /// Into zeros, on top of an addend, and over it.
  static var placeColumnsCases: [ConformanceCase] {
    parts.flatMap { part -> [ConformanceCase] in
      let kind = OperationKind.placeColumns(
        PlaceColumns(groups: part.groups, start: part.start, groupWidth: part.period))
      return [
        ConformanceCase(.placeColumns, part.detail, .exact) { builder throws(ProgramError) in
          try builder.results(kind, [builder.input(part.narrow)])
        },
        ConformanceCase(.placeColumns, "\(part.detail) with an addend", .rounding) {
          builder throws(ProgramError) in
          try builder.results(kind, [builder.input(part.narrow), builder.input(part.wide)])
        },
        ConformanceCase(.placeColumns, "\(part.detail) over the addend", .rounding) {
          builder throws(ProgramError) in
          let addend = try builder.dying(part.wide)
          let results = try builder.results(kind, [builder.input(part.narrow), addend])
          builder.expectShared(addend, results[0])
        },
      ]
    }
  }
}
