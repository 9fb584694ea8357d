package import Tensors

/// Forward programs of causal language models, weights frozen; an adaptation makes some trainable.
///
/// Inputs, all int32 but the scale: `tokens (B·T)`, `positions (B·T)`, `ranges (B·T, 2)` with the
/// key positions `[start, end)` in the batch row that a query sees, and what each program names.
package enum LanguageModelProgram {
  /// The loss of `batch` rows of `length` tokens.
  ///
  /// More inputs: `targets (B·T)`, −1 where nothing is supervised, and `loss_scale (1)` float32.
  /// Result: `loss (1)`, the scaled sum of cross-entropies; with `predictions` also
  /// `predictions (B·T, 2)`, the likeliest token and the target's rank (see ``TokenRank``).
  ///
  /// - Throws: ``ModelError/program(_:)`` when the shapes do not fit together.
  package static func training(
    _ description: ModelDescription, batch: Int, length: Int, weightType: DType = .float32,
    predictions: Bool = false
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType)
      let count = batch * length
      let (hidden, decoder) = try hiddenStates(
        description, batch: batch, length: length, capacity: nil, in: &program)
      let head = decoder.head
      let targets = program.indices("targets", Shape(count))
      let scale = program.builder.value(.input("loss_scale"), ValueType(Shape(1)))
      let weight = program.weight(head.storedWeight, Shape(head.outputs, head.inputs))
      let loss = try program.append(
        .tokenLoss(TokenLoss(softCap: description.decoder.logitSoftCap)),
        [hidden, weight, targets, scale], label: head.path)
      program.builder.output("loss", loss)
      if predictions {
        let ranks = try program.append(
          .tokenRank(TokenRank()), [hidden, weight, targets], label: head.path)
        program.builder.output("predictions", ranks)
      }
      return program.builder.program
    }
  }

  /// The logits of `rowCount` chosen tokens among `batch` rows of `length`.
  ///
  /// More inputs: `rows (M)`, numbers of tokens in `0..<B·T`. Result: `logits (M, V)`.
  ///
  /// - Throws: ``ModelError/program(_:)`` when the shapes do not fit together.
  package static func logits(
    _ description: ModelDescription, batch: Int, length: Int, rowCount: Int,
    weightType: DType = .float32
  ) throws(ModelError) -> Program {
    try rowLogits(
      description, batch: batch, length: length, capacity: nil, rowCount: rowCount, weightType)
  }

  /// The logits of `rowCount` chosen tokens, keys and values kept in caches.
  ///
  /// More inputs: `slots (B·T)`, the cache row that each token's key and value go to (`b·C + p`), and
  /// `rows (M)`. States: `cache.keys.<layer>` and `cache.values.<layer>`, `(B·C, G·D)` for a capacity
  /// of `C` positions a batch row; `ranges` are positions of the cache. Result: `logits (M, V)`.
  ///
  /// - Throws: ``ModelError/program(_:)`` when the shapes do not fit together.
  package static func decoding(
    _ description: ModelDescription, batch: Int, queryLength: Int, capacity: Int, rowCount: Int,
    weightType: DType = .float32
  ) throws(ModelError) -> Program {
    try rowLogits(
      description, batch: batch, length: queryLength, capacity: capacity, rowCount: rowCount,
      weightType)
  }

  private static func rowLogits(
    _ description: ModelDescription, batch: Int, length: Int, capacity: Int?, rowCount: Int,
    _ weightType: DType
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType)
      let (hidden, decoder) = try hiddenStates(
        description, batch: batch, length: length, capacity: capacity, in: &program)
      let rows = program.indices("rows", Shape(rowCount))
      let chosen = try program.append(
        .gatherRows(GatherRows()), [hidden, rows], label: decoder.head.path)  // (M, E)
      program.builder.output("logits", try decoder.logits(of: chosen, in: &program))
      return program.builder.program
    }
  }

  private static func hiddenStates(
    _ description: ModelDescription, batch: Int, length: Int, capacity: Int?,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> (ValueID, Decoder) {
    let count = batch * length
    let tokens = program.indices("tokens", Shape(count))
    let positions = program.indices("positions", Shape(count))
    let ranges = program.indices("ranges", Shape(count, 2))
    let cache = capacity.map {
      AttentionContext.Cache(capacity: $0, slots: program.indices("slots", Shape(count)))
    }
    let decoder = Decoder(description.decoder)
    let context = AttentionContext(
      batch: batch, ranges: ranges, rotaryTables: try decoder.rotaries(of: positions, in: &program),
      cache: cache)
    let hidden = try decoder.hiddenStates(of: tokens, at: positions, context, in: &program)
    return (hidden, decoder)
  }
}
