import Tensors

extension GradientCase {
  /// All gradient cases, in the order of the operations.
  package static let all: [GradientCase] = OperationName.allCases.flatMap(cases)

  /// The cases of one operation: none only where its rule refuses to be differentiated.
  package static func cases(of operation: OperationName) -> [GradientCase] {
    switch operation {
    case .embedding: embeddings
    case .product: products
    case .add: binary(.add, .add(Add()))
    case .multiply: binary(.multiply, .multiply(Multiply()))
    case .scale: [unary(.scale, .scale(Scale(-1.3)))]
    case .addBias: biases
    case .dropout: dropouts
    case .rmsNorm: norms
    case .rotary: rotations
    case .attention: attentions + boundedAttentions + biasedAttentions + droppedAttentions
    case .activation, .gatedActivation: activations(operation)
    case .tokenLoss: tokenLosses
    case .valueLoss: valueLosses
    case .gatherRows: gathers
    case .selectColumns: columns
    case .scaleColumns: scaledColumns
    case .patchRows: patchedRows
    case .replaceRows: replacedRows
    case .embeddingGradient, .accumulate, .columnSum, .rmsNormGradient, .rmsNormWeightGradient,
      .rotaryTable, .attentionGradient, .activationGradient, .gatedActivationGradient,
      .scatterRows, .writeRows, .placeColumns, .tokenRank, .updatedNorms, .scaleColumnsGradient,
      .patchRowsGradient, .replaceRowsGradient:
      []
    }
  }

  private static var embeddings: [GradientCase] {
    [
      GradientCase(.embedding, "with a token twice and one never") { builder throws(ProgramError) in
        let table = builder.trainable(Shape(6, 3))
        let ids = builder.input(Shape(5), [Int32](arrayLiteral: 4, 2, 4, 0, 5))
        try builder.loss(of: try builder.prepare(.embedding(Embedding()), [table, ids])[0])
      },
      GradientCase(.embedding, "behind two rows that nothing names") {
        builder throws(ProgramError) in
        let table = builder.trainable(Shape(6, 3))
        let ids = builder.input(Shape(4), [Int32](arrayLiteral: 3, 0, 3, 1))
        try builder.loss(
          of: try builder.prepare(.embedding(Embedding(offset: 2)), [table, ids])[0])
      },
      GradientCase(.embedding, "whose table is the head too") { builder throws(ProgramError) in
        let table = builder.trainable(Shape(6, 3))
        let ids = builder.input(Shape(5), [Int32](arrayLiteral: 4, 2, 4, 0, 5))
        let x = try builder.prepare(.embedding(Embedding()), [table, ids])[0]
        try builder.loss(of: x, head: table)
      },
    ]
  }

  private static var products: [GradientCase] {
    let sides = [(false, false), (false, true), (true, false), (true, true)]
    return sides.flatMap { tA, tB -> [GradientCase] in
      let (a, b) = (tA ? Shape(4, 3) : Shape(3, 4), tB ? Shape(5, 4) : Shape(4, 5))
      let kind = OperationKind.product(Product(transposeA: tA, transposeB: tB, scale: 0.6))
      let detail = "a\(tA ? "ᵀ" : "")·b\(tB ? "ᵀ" : "")"
      return [
        GradientCase(.product, "\(detail), all trainable") { builder throws(ProgramError) in
          let inputs = [builder.trainable(a), builder.trainable(b), builder.trainable(Shape(3, 5))]
          try builder.loss(of: try builder.prepare(kind, inputs)[0])
        },
        GradientCase(.product, "\(detail), gradients on the way") { builder throws(ProgramError) in
          // Both operands are intermediates that are read twice, so gradients meet.
          let half = OperationKind.scale(Scale(0.5))
          let x = try builder.prepare(half, [builder.trainable(a)])[0]
          let w = try builder.prepare(half, [builder.trainable(b)])[0]
          let first = try builder.prepare(kind, [x, w])[0]
          let second = try builder.prepare(kind, [x, w, first])[0]
          try builder.loss(of: second)
        },
      ]
    } + [
      GradientCase(.product, "low-rank update of a frozen bfloat16 layer") {
        builder throws(ProgramError) in
        let source = try builder.prepare(.scale(Scale(1)), [builder.trainable(Shape(4, 6))])[0]
        let linear = OperationKind.product(Product(transposeB: true))
        let base = try builder.prepare(linear, [source, builder.weight(Shape(5, 6), .bfloat16)])[0]
        let dropped = try builder.prepare(
          .dropout(Dropout(rate: 0.3, stream: "dropout/a")), [source])[0]
        let down = try builder.prepare(linear, [dropped, builder.trainable(Shape(2, 6))])[0]
        let up = OperationKind.product(Product(transposeB: true, scale: 2))
        let inputs = [down, builder.trainable(Shape(5, 2)), base]
        try builder.loss(of: try builder.prepare(up, inputs)[0])
      }
    ]
  }

  private static let shape = Shape(4, 6)

  private static func unary(_ operation: OperationName, _ kind: OperationKind) -> GradientCase {
    GradientCase(operation, "\(shape)") { builder throws(ProgramError) in
      let x = builder.trainable(shape)
      try builder.loss(of: try builder.prepare(kind, [x])[0])
    }
  }

  private static func binary(_ operation: OperationName, _ kind: OperationKind) -> [GradientCase] {
    [
      GradientCase(operation, "of two weights") { builder throws(ProgramError) in
        let inputs = [builder.trainable(shape), builder.trainable(shape)]
        try builder.loss(of: try builder.prepare(kind, inputs)[0])
      },
      GradientCase(operation, "of a value with itself, then with its source") {
        builder throws(ProgramError) in
        let x = builder.trainable(shape, deviation: 0.7)
        let y = try builder.prepare(.scale(Scale(0.8)), [x])[0]
        let squared = try builder.prepare(kind, [y, y])[0]
        try builder.loss(of: try builder.prepare(kind, [squared, y])[0])
      },
    ]
  }

  private static var biases: [GradientCase] {
    [
      GradientCase(.addBias, "\(shape)") { builder throws(ProgramError) in
        let inputs = [builder.trainable(shape), builder.trainable(Shape(shape[1]))]
        try builder.loss(of: try builder.prepare(.addBias(AddBias()), inputs)[0])
      }
    ]
  }

  private static var dropouts: [GradientCase] {
    [
      unary(.dropout, .dropout(Dropout(rate: 0.4, stream: "dropout/x"))),
      GradientCase(.dropout, "computed anew for a product") { builder throws(ProgramError) in
        let x = builder.trainable(shape)
        let kind = OperationKind.dropout(Dropout(rate: 0.4, stream: "dropout/y"))
        let dropped = try builder.prepare(kind, [x])[0]
        let inputs = [dropped, builder.trainable(Shape(3, 6))]
        let linear = OperationKind.product(Product(transposeB: true))
        try builder.loss(of: try builder.prepare(linear, inputs)[0])
      },
    ]
  }

  private static var norms: [GradientCase] {
    let kind = OperationKind.rmsNorm(RMSNorm(epsilon: 1e-2))
    let variants = [(true, Float(0), 7), (true, 1, 7), (false, 1, 7), (false, 0, 3), (true, 1, 3)]
    return variants.map { centers, offset, width in
      let rule = RMSNorm(epsilon: 1e-2, centers: centers, weightOffset: offset)
      return GradientCase(.rmsNorm, "\(rule.name), offset \(offset), stretches of \(width)") {
        builder throws(ProgramError) in
        let columns = width == 7 ? 7 : 6
        let x = try builder.prepare(
          .scale(Scale(1.5)), [builder.trainable(Shape(4, columns))])[0]
        let y = try builder.prepare(
          .rmsNorm(rule), [x, builder.trainable(Shape(width), deviation: 0.6)])[0]
        let w = builder.trainable(Shape(columns, columns), deviation: 0.5)
        try builder.loss(
          of: try builder.prepare(.product(Product(transposeB: true)), [y, w, x])[0])
      }
    } + [
      GradientCase(.rmsNorm, "with its weight") { builder throws(ProgramError) in
        let inputs = [builder.trainable(Shape(4, 7)), builder.trainable(Shape(7))]
        try builder.loss(of: try builder.prepare(kind, inputs)[0])
      },
      GradientCase(.rmsNorm, "frozen, beside a residual") { builder throws(ProgramError) in
        let x = try builder.prepare(.scale(Scale(1.5)), [builder.trainable(Shape(4, 7))])[0]
        let y = try builder.prepare(kind, [x, builder.weight(Shape(7), .bfloat16)])[0]
        let w = builder.trainable(Shape(7, 7), deviation: 0.5)
        let z = try builder.prepare(.product(Product(transposeB: true)), [y, w, x])[0]
        try builder.loss(of: z)
      },
    ]
  }

  private static var rotations: [GradientCase] {
    [(false, nil), (true, nil), (false, 8), (true, 8)].map { (inverse, width: Int?) in
      GradientCase(.rotary, (inverse ? "inverse" : "forward") + (width == nil ? "" : ", partial")) {
        builder throws(ProgramError) in
        let positions = builder.input(Shape(3), [Int32](arrayLiteral: 5, 0, 2))
        let table = try builder.prepare(
          .rotaryTable(RotaryTable(inverseFrequencies: [1, 0.3], attentionScaling: 1.2)),
          [positions])[0]
        let x = builder.trainable(Shape(3, 8))
        try builder.loss(
          of: try builder.prepare(
            .rotary(Rotary(inverse: inverse, headDimension: width)), [x, table])[0])
      }
    }
  }

  private static var attentions: [GradientCase] {
    // Without keys their gradients are zero by definition; the table of operations has that case.
    RangePattern.allCases.filter { $0 != .nothing }.map { pattern in
      GradientCase(.attention, pattern.rawValue) { builder throws(ProgramError) in
        let (queries, keys) = (pattern == .cached ? 3 : 7, 7)
        let rule = Attention(batch: 2, heads: 4, keyValueHeads: 2, headDimension: 3, scale: 0.6)
        let ranges = pattern.ranges(batch: 2, queries: queries, keys: keys)
        let inputs = [
          builder.trainable(Shape(2 * queries, 12)), builder.trainable(Shape(2 * keys, 6)),
          builder.trainable(Shape(2 * keys, 6)), builder.input(Shape(2 * queries, 2), ranges),
        ]
        let out = try builder.prepare(.attention(rule), inputs)[0]
        // What the queries give reaches the loss past the attention too.
        try builder.loss(of: try builder.prepare(.add(Add()), [out, inputs[0]])[0])
      }
    }
  }

  private static var boundedAttentions: [GradientCase] {
    [(Float(1.5), nil), (nil, 3), (2, 2)].map { (softCap: Float?, window: Int?) in
      GradientCase(.attention, "soft cap \(softCap ?? 0), window \(window ?? 0)") {
        builder throws(ProgramError) in
        let rule = Attention(
          batch: 1, heads: 2, keyValueHeads: 1, headDimension: 3, scale: 0.9, softCap: softCap,
          window: window)
        let ranges = RangePattern.causal.ranges(batch: 1, queries: 6, keys: 6)
        let inputs = [
          builder.trainable(Shape(6, 6)), builder.trainable(Shape(6, 3)),
          builder.trainable(Shape(6, 3)), builder.input(Shape(6, 2), ranges),
        ]
        try builder.loss(of: try builder.prepare(.attention(rule), inputs)[0])
      }
    }
  }

  private static var droppedAttentions: [GradientCase] {
    [RangePattern.causal, .full, .packed].map { pattern in
      GradientCase(.attention, "\(pattern.rawValue) with dropout of the weights") {
        builder throws(ProgramError) in
        let rule = Attention(
          batch: 2, heads: 4, keyValueHeads: 2, headDimension: 3, scale: 0.6,
          softCap: pattern == .full ? 2 : nil,
          relativeBias: pattern == .packed ? nil : ConformanceCase.relativeBias,
          dropout: Dropout(rate: 0.4, stream: "model-dropout/attention"))
        let inputs = operands(of: rule, pattern, &builder)
        let out = try builder.prepare(.attention(rule), inputs)[0]
        try builder.loss(of: try builder.prepare(.add(Add()), [out, inputs[0]])[0])
      }
    }
  }

  private static var biasedAttentions: [GradientCase] {
    [RangePattern.causal, .full, .packed].map { pattern in
      GradientCase(.attention, "\(pattern.rawValue) with biases by distance, read twice") {
        builder throws(ProgramError) in
        let rule = Attention(
          batch: 2, heads: 2, keyValueHeads: 2, headDimension: 3, scale: 0.7,
          softCap: pattern == .full ? 2 : nil, relativeBias: ConformanceCase.relativeBias)
        let inputs = operands(of: rule, pattern, &builder)
        let first = try builder.prepare(.attention(rule), inputs)[0]
        let again = try builder.prepare(.attention(rule), [first] + inputs[1...])[0]
        try builder.loss(of: again)
      }
    }
  }

  /// Rows of seven queries and keys, with a table of biases where the rule has some.
  private static func operands(
    of rule: Attention, _ pattern: RangePattern, _ builder: inout CaseBuilder
  ) -> [ValueID] {
    let rows = 7 * rule.batch
    let (width, narrow) = (
      rule.heads * rule.headDimension, rule.keyValueHeads * rule.headDimension
    )
    let ranges = pattern.ranges(batch: rule.batch, queries: 7, keys: 7)
    let inputs = [
      builder.trainable(Shape(rows, width)), builder.trainable(Shape(rows, narrow)),
      builder.trainable(Shape(rows, narrow)), builder.input(Shape(rows, 2), ranges),
    ]
    guard rule.relativeBias != nil else { return inputs }
    let positions = (0..<rows).map { Int32(pattern == .packed ? $0 % 7 % 5 : $0 % 7) }
    return inputs + [
      builder.trainable(Shape(4, rule.heads)), builder.input(Shape(rows), positions),
    ]
  }

  private static var columns: [GradientCase] {
    [(1, 2, 3), (2, 0, 2), (3, 1, 1)].map { groups, start, width in
      GradientCase(.selectColumns, "\(width) from \(start) of \(groups)") {
        builder throws(ProgramError) in
        let x = try builder.prepare(
          .scale(Scale(0.8)), [builder.trainable(Shape(4, 6), deviation: 0.5)])[0]
        // Read twice, so that the second gradient falls on the first.
        let rule = SelectColumns(groups: groups, start: start, width: width)
        let y = try builder.prepare(.selectColumns(rule), [x])[0]
        let z = try builder.prepare(.selectColumns(rule), [x])[0]
        let w = builder.trainable(Shape(6, groups * width), deviation: 0.4)
        let product = OperationKind.product(Product(transposeB: true))
        let sum = try builder.prepare(product, [y, w, x])[0]
        let v = builder.trainable(Shape(6, groups * width), deviation: 0.4)
        try builder.loss(of: try builder.prepare(product, [z, v, sum])[0])
      }
    }
  }

  private static func activations(_ operation: OperationName) -> [GradientCase] {
    ActivationFunction.allCases.map { function in
      GradientCase(operation, function.rawValue) { builder throws(ProgramError) in
        let shape = Shape(4, 5)
        // Away from zero, so that ReLU's corner is not between two differences.
        let gate = builder.normal(shape.count, deviation: 1.2, name: "gate").map {
          $0 < 0 ? $0 - 0.2 : $0 + 0.2
        }
        let x = builder.trainable(shape, gate)
        let kind: OperationKind =
          operation == .activation
          ? .activation(Activation(function)) : .gatedActivation(GatedActivation(function))
        let inputs = operation == .activation ? [x] : [x, builder.trainable(shape)]
        let y = try builder.prepare(kind, inputs)[0]
        let w = builder.trainable(Shape(3, 5))
        try builder.loss(of: try builder.prepare(.product(Product(transposeB: true)), [y, w])[0])
      }
    }
  }

  private static var tokenLosses: [GradientCase] {
    let trainable = [(true, true), (true, false), (false, true)]
    return (trainable.map { ($0, $1, nil) } + trainable.map { ($0, $1, Float(1.5)) }).map {
      hidden, weight, softCap in
      let words = (hidden ? " states" : "") + (weight ? " head" : "")
      return GradientCase(.tokenLoss, "trainable\(words), soft cap \(softCap ?? 0)") {
        builder throws(ProgramError) in
        let x = hidden ? builder.trainable(Shape(4, 6)) : builder.input(Shape(4, 6))
        let head = weight ? builder.trainable(Shape(7, 6)) : builder.weight(Shape(7, 6), .bfloat16)
        try builder.loss(of: x, head: head, softCap: softCap)
      }
    }
      + [false, true].map { isAlone in
        GradientCase(.tokenLoss, isAlone ? "trainable bias" : "all trainable with a bias") {
          builder throws(ProgramError) in
          let x = isAlone ? builder.input(Shape(4, 6)) : builder.trainable(Shape(4, 6))
          let head = isAlone ? builder.weight(Shape(7, 6)) : builder.trainable(Shape(7, 6))
          let bias = builder.trainable(Shape(7))
          try builder.loss(of: x, head: head, softCap: isAlone ? nil : 2, bias: bias)
        }
      }
  }

  private static var gathers: [GradientCase] {
    [
      GradientCase(.gatherRows, "with a row twice and one never") { builder throws(ProgramError) in
        let x = builder.trainable(Shape(4, 5))
        let rows = builder.input(Shape(5), [Int32](arrayLiteral: 3, 0, 3, 1, 0))
        try builder.loss(of: try builder.prepare(.gatherRows(GatherRows()), [x, rows])[0])
      }
    ]
  }
}
