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
  /// `predictions (B·T, 2)`, the likeliest token and the target's rank (see ``TokenRank``). With
  /// `dropout` it drops what the model's description asks for.
  ///
  /// - Throws: ``ModelError/program(_:)`` when the shapes do not fit together.
  package static func training(
    _ description: ModelDescription, batch: Int, length: Int, weightType: DType = .float32,
    predictions: Bool = false, dropout: Bool = false
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType, hasDropout: dropout)
      let (hidden, head) = try hiddenStates(
        description, batch: batch, length: length, capacity: nil, in: &program)
      let targets = program.indices("targets", Shape(batch * length))
      let scale = program.builder.value(.input("loss_scale"), ValueType(Shape(1)))
      let loss = try head.loss(of: hidden, targets: targets, scale: scale, in: &program)
      program.builder.output("loss", loss)
      if predictions {
        program.builder.output(
          "predictions", try head.ranks(of: hidden, targets: targets, in: &program))
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
      let (hidden, head) = try hiddenStates(
        description, batch: batch, length: length, capacity: capacity, in: &program)
      try head.writeLogits(of: hidden, rowCount: rowCount, in: &program)
      return program.builder.program
    }
  }

  private static func hiddenStates(
    _ description: ModelDescription, batch: Int, length: Int, capacity: Int?,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> (ValueID, LanguageModelHead) {
    let count = batch * length
    let tokens = program.indices("tokens", Shape(count))
    let positions = program.indices("positions", Shape(count))
    let ranges = program.indices("ranges", Shape(count, 2))
    let cache = capacity.map {
      AttentionContext.Cache(capacity: $0, slots: program.indices("slots", Shape(count)))
    }
    let stack = Stack(description.stack)
    var context = try stack.context(
      batch: batch, ranges: ranges, positions: positions, in: &program)
    context.cache = cache
    let hidden = try stack.hiddenStates(of: tokens, context, in: &program)
    return (hidden, LanguageModelHead(description.stack, over: stack))
  }
}
