import Tensors

/// Which keys each query of a batch row sees.
package enum RangePattern: String, CaseIterable, Sendable {
  case causal, full
  /// The first keys of each row are padding, and queries in the padding see nothing.
  case paddedLeft
  /// The last queries of each row are padding.
  case paddedRight
  /// Rows of 5 after one another, causal inside each.
  case packed
  /// Rows of 3, 130 and 67, again and again, causal inside each.
  case joined
  /// The same rows, each seen whole.
  case joinedWhole
  /// The last 4 keys.
  case window
  /// Queries are the last of the keys, as in generation with a cache.
  case cached
  case nothing

  /// `[start, end)` for every query, row by row.
  func ranges(batch: Int, queries: Int, keys: Int) -> [Int32] {
    (0..<batch).flatMap { row in
      (0..<queries).flatMap { query -> [Int32] in
        let end = min(query + 1, keys)
        let range =
          switch self {
          case .causal: (0, end)
          case .full: (0, keys)
          case .paddedLeft: query < row + 1 ? (0, 0) : (row + 1, end)
          case .paddedRight: query >= queries - row - 1 ? (0, 0) : (0, end)
          case .packed: (min(query / 5 * 5, end), end)
          case .joined: (min(Self.joinedRow(query).lowerBound, end), end)
          case .joinedWhole:
            (
              min(Self.joinedRow(query).lowerBound, end),
              min(Self.joinedRow(query).upperBound, keys)
            )
          case .window: (max(0, end - 4), end)
          case .cached: (0, keys - (queries - 1 - query))
          case .nothing: (0, 0)
          }
        return [Int32(range.0), Int32(range.1)]
      }
    }
  }

  /// The row that a position of joined rows is in.
  private static func joinedRow(_ position: Int) -> Range<Int> {
    let start = position / 200 * 200
    switch position - start {
    case ..<3: return start..<start + 3
    case ..<133: return start + 3..<start + 133
    default: return start + 133..<start + 200
    }
  }
}

extension ConformanceCase {
  private struct Sizes: Sendable {
    let batch: Int
    let heads: Int
    let keyValueHeads: Int
    let dimension: Int
    let queries: Int
    let keys: Int

    init(_ batch: Int, _ heads: Int, _ groups: Int, _ dimension: Int, _ queries: Int, _ keys: Int) {
      (self.batch, self.heads, keyValueHeads) = (batch, heads, groups)
      (self.dimension, self.queries, self.keys) = (dimension, queries, keys)
    }

    func rule(
      _ softCap: Float?, _ window: Int?, _ relativeBias: Attention.RelativeBias? = nil,
      _ dropout: Float? = nil
    ) -> Attention {
      var root: Float = 1
      while root * root < Float(dimension) { root += 1 }
      return Attention(
        batch: batch, heads: heads, keyValueHeads: keyValueHeads, headDimension: dimension,
        scale: 1 / root, softCap: softCap, window: window, relativeBias: relativeBias,
        dropout: dropout.map { Dropout(rate: $0, stream: "model-dropout/attention") })
    }
  }

  /// Attention and its gradient over all patterns of ranges.
  static func attentionCases(_ operation: OperationName) -> [ConformanceCase] {
    let square = [
      Sizes(1, 1, 1, 8, 1, 1), Sizes(2, 4, 2, 16, 7, 7), Sizes(2, 3, 1, 64, 33, 33),
      Sizes(1, 2, 2, 80, 17, 17), Sizes(1, 2, 1, 8, 65, 65), Sizes(3, 2, 2, 6, 5, 5),
    ]
    let oblong = [
      Sizes(1, 9, 3, 64, 1, 33), Sizes(2, 4, 1, 16, 1, 257), Sizes(2, 2, 2, 8, 3, 65),
    ]
    let patterns = RangePattern.allCases.filter { $0 != .cached }
    let all =
      square.flatMap { sizes in patterns.map { (sizes, $0) } }
      + oblong.flatMap { sizes in [.cached, .full].map { (sizes, $0) } }
    return all.flatMap { sizes, pattern -> [ConformanceCase] in
      (pattern == .causal ? [Float(1), 6] : [1]).map { deviation in
        attention(operation, sizes, pattern, deviation: deviation)
      }
    }
      + [(Float(2), nil), (nil, 3), (nil, 40), (3, 5)].flatMap { softCap, window in
        [
          (Sizes(2, 4, 2, 16, 7, 7), RangePattern.causal), (Sizes(1, 2, 1, 8, 65, 65), .causal),
          (Sizes(2, 3, 1, 64, 33, 33), .packed), (Sizes(2, 4, 1, 16, 1, 257), .cached),
        ].map {
          attention(operation, $0, $1, deviation: 1, softCap: softCap, window: window)
        }
      } + relativeCases(operation) + droppedCases(operation)
      // Long enough for gradients by pieces between rows.
      + [.packed, .joined, .joinedWhole, .causal, .window, .paddedLeft, .nothing].map {
        attention(operation, Sizes(2, 4, 2, 8, 389, 389), $0, deviation: 1)
      } + [attention(operation, Sizes(1, 3, 1, 16, 600, 600), .joined, deviation: 1, window: 30)]
  }

  /// With biases by distance: short and long ones, alone and before a cap, behind a window.
  private static func relativeCases(_ operation: OperationName) -> [ConformanceCase] {
    let shapes: [(Sizes, RangePattern)] = [
      (Sizes(2, 4, 2, 16, 7, 7), .causal), (Sizes(1, 2, 1, 8, 65, 65), .full),
      (Sizes(2, 3, 3, 64, 33, 33), .packed), (Sizes(2, 4, 1, 16, 1, 257), .cached),
      (Sizes(3, 2, 2, 6, 5, 5), .paddedLeft), (Sizes(1, 2, 2, 8, 130, 130), .causal),
    ]
    let limits: [(softCap: Float?, window: Int?)] = [(nil, nil), (2, 4)]
    return shapes.flatMap { sizes, pattern in
      limits.flatMap { softCap, window in
        [DType.float32, .bfloat16].map { dtype in
          attention(
            operation, sizes, pattern, deviation: 1, softCap: softCap, window: window,
            table: dtype)
        }
      }
    }
  }

  /// With a quantised table of biases, whose rows are 64 heads.
  static func quantisedAttentionCases(_ operation: OperationName) -> [ConformanceCase] {
    [DType.q80, .q40, .nf4].map {
      attention(operation, Sizes(1, 64, 32, 8, 7, 7), .causal, deviation: 1, table: $0)
    }
  }

  /// With dropout of the weights: rows of keys that begin anywhere in a group of random words, blocks of
  /// keys and of queries, heads of a group together, beside everything else.
  private static func droppedCases(_ operation: OperationName) -> [ConformanceCase] {
    let shapes: [(Sizes, RangePattern)] = [
      (Sizes(2, 4, 2, 16, 7, 7), .causal), (Sizes(2, 3, 1, 64, 33, 33), .packed),
      (Sizes(3, 2, 2, 6, 5, 5), .paddedLeft), (Sizes(1, 2, 2, 8, 131, 131), .full),
      (Sizes(1, 2, 1, 8, 259, 259), .causal), (Sizes(2, 4, 1, 16, 1, 257), .cached),
      (Sizes(2, 2, 2, 8, 3, 65), .full), (Sizes(1, 1, 1, 8, 1, 1), .nothing),
    ]
    return shapes.flatMap { sizes, pattern in
      [(Float(0.1), nil), (0.5, nil), (0, nil), (0.3, DType.float32)].map { rate, table in
        attention(
          operation, sizes, pattern, deviation: 1, softCap: table == nil ? nil : 2, table: table,
          dropout: rate)
      }
    }
  }

  /// Distances up to 5 in 4 buckets, the keys behind the query in one.
  static let relativeBias = Attention.RelativeBias(buckets: [3, 3, 2, 2, 1, 0, 0, 0, 0, 0, 0])

  private static func attention(
    _ operation: OperationName, _ sizes: Sizes, _ pattern: RangePattern, deviation: Float,
    softCap: Float? = nil, window: Int? = nil, table: DType? = nil,
    dropout: Float? = nil
  ) -> ConformanceCase {
    let detail =
      "\(pattern.rawValue) (\(sizes.batch)·\(sizes.queries) on \(sizes.keys), "
      + "\(sizes.heads)/\(sizes.keyValueHeads)·\(sizes.dimension)), deviation \(deviation)"
      + (softCap.map { ", soft cap \($0)" } ?? "") + (window.map { ", window \($0)" } ?? "")
      + (table.map { ", biases in \($0)" } ?? "")
      + (dropout.map { ", dropout \($0)" } ?? "")
    // Scores grow with the square of the deviation, and so does their rounding.
    let tolerance = Tolerance(
      relative: 1e-5 * max(1, deviation * deviation),
      reason: "scores are float32 sums, and their errors multiply the weights")
    return ConformanceCase(operation, detail, tolerance) { builder throws(ProgramError) in
      let queryShape = Shape(sizes.batch * sizes.queries, sizes.heads * sizes.dimension)
      let keyShape = Shape(sizes.batch * sizes.keys, sizes.keyValueHeads * sizes.dimension)
      let ranges = pattern.ranges(batch: sizes.batch, queries: sizes.queries, keys: sizes.keys)
      var inputs = [
        builder.input(queryShape, deviation: deviation),
        builder.input(keyShape, deviation: deviation), builder.input(keyShape),
        builder.input(Shape(queryShape[0], 2), ranges),
      ]
      if let table {
        let first = pattern == .cached ? sizes.keys - sizes.queries : 0
        let positions = (0..<queryShape[0]).map { Int32($0 % sizes.queries + first) }
        inputs.append(builder.weight(Shape(4, sizes.heads), table, deviation: 1))
        inputs.append(builder.input(Shape(queryShape[0]), positions))
      }
      let rule = sizes.rule(softCap, window, table == nil ? nil : relativeBias, dropout)
      guard operation == .attentionGradient else {
        try builder.results(.attention(rule), inputs)
        return
      }
      let forward = try builder.prepare(.attention(rule), inputs)
      let dout = builder.input(queryShape)
      try builder.results(
        .attentionGradient(AttentionGradient(forward: rule, gradientOfBias: table != nil)),
        inputs + forward + [dout])
    }
  }
}
