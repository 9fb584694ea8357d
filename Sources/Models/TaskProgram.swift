package import Tensors

/// Forward programs of a model for its task, weights frozen; an adaptation makes some trainable.
///
/// Inputs are int32 unless said otherwise, for `B` rows of `T` tokens that carry the loss (the
/// decoder's where there is an encoder) and `S` source tokens: `tokens (B·T)`, `positions (B·T)`,
/// `ranges (B·T, 2)` with the key positions `[start, end)` in the batch row that a query sees. Where
/// there is an encoder: `source.tokens (B·S)`, `source.positions (B·S)`, `source.ranges (B·S, 2)` and
/// `cross.ranges (B·T, 2)`, the source positions that each query sees. Positions count from 0 in their
/// row; a family that counts otherwise does so itself. `token_types (B·T)` are read where
/// ``ModelDescription/tokenTypeCount`` is not 0. Heads over rows read `pooled (B)`, the number of the token
/// in `0..<B·T` that stands for each row: the first for encoders, the last for decoders. Models of
/// ``ModelDescription/readsValues`` read `source.values`, float32: a number for each token of the encoder, or
/// of the only stack.
package enum TaskProgram {
  /// The loss of `batch` rows of `length` tokens, beside `sourceLength` source tokens each.
  ///
  /// More inputs: `loss_scale (1)` float32, and `targets (B·T)`, −1 where nothing is supervised; for one
  /// label a row `targets (B)`; for numbers or any of the labels of a row `values (B, K)` and
  /// `weights (B, K)`, for a number of each position `values (B·T)` and `weights (B·T)`, float32.
  /// Result: `loss (1)`, the scaled sum over what is supervised; with `predictions` also what the model
  /// says: of a language model `predictions (B·T, 2)`, the likeliest token and the target's rank (see
  /// ``TokenRank``), of other heads what ``outputs(_:batch:length:sourceLength:rowCount:weightType:)`` gives.
  /// With `dropout` it drops what the model's description asks for, as training does and evaluation does not.
  ///
  /// - Throws: ``ModelError/unsupportedTask(task:family:)`` where the family has no such head, or
  ///   ``ModelError/program(_:)`` when the shapes do not fit together.
  package static func training(
    _ description: ModelDescription, batch: Int, length: Int, sourceLength: Int = 0,
    weightType: DType = .float32, predictions: Bool = false, dropout: Bool = false
  ) throws(ModelError) -> Program {
    if let head = description.head {
      return try HeadProgram.training(
        description, head, batch: batch, length: length, sourceLength: sourceLength,
        weightType: weightType, predictions: predictions, dropout: dropout)
    }
    switch (description.task, description.encoder) {
    case (.causalLM, nil):
      return try LanguageModelProgram.training(
        description, batch: batch, length: length, weightType: weightType,
        predictions: predictions, dropout: dropout)
    case (.seq2seqLM, .some(let encoder)):
      return try SequenceToSequenceProgram.training(
        description, encoder, batch: batch, length: length, sourceLength: sourceLength,
        weightType: weightType, predictions: predictions, dropout: dropout)
    case (.causalLM, _), (.seq2seqLM, _), (.maskedLM, _), (.sequenceClassification, _),
      (.tokenClassification, _), (.regression, _), (.seq2seqRegression, _):
      throw description.unsupportedTask
    }
  }

  /// What the model says for `batch` rows of `length` tokens, beside `sourceLength` source tokens each.
  ///
  /// Result of a language model: `logits (M, V)` for one more input `rows (M)`, numbers of tokens in
  /// `0..<B·T`. Of other heads: `logits (B·T, L)` for labels of tokens, `logits (B, L)` for labels of
  /// rows, `values (B, K)` for
  /// numbers of rows, `values (B·T)` for a number of each position.
  ///
  /// - Throws: as ``training(_:batch:length:sourceLength:weightType:)``.
  package static func outputs(
    _ description: ModelDescription, batch: Int, length: Int, sourceLength: Int = 0,
    rowCount: Int, weightType: DType = .float32
  ) throws(ModelError) -> Program {
    if let head = description.head {
      return try HeadProgram.outputs(
        description, head, batch: batch, length: length, sourceLength: sourceLength,
        rowCount: rowCount, weightType: weightType)
    }
    switch (description.task, description.encoder) {
    case (.causalLM, nil):
      return try LanguageModelProgram.logits(
        description, batch: batch, length: length, rowCount: rowCount, weightType: weightType)
    case (.seq2seqLM, .some(let encoder)):
      return try SequenceToSequenceProgram.logits(
        description, encoder, batch: batch, length: length, sourceLength: sourceLength,
        rowCount: rowCount, weightType: weightType)
    case (.causalLM, _), (.seq2seqLM, _), (.maskedLM, _), (.sequenceClassification, _),
      (.tokenClassification, _), (.regression, _), (.seq2seqRegression, _):
      throw description.unsupportedTask
    }
  }

  /// Reads the source of `batch` rows, and keeps what cross-attention needs of it.
  ///
  /// Inputs: `source.tokens`, `source.positions`, `source.ranges`, and `source.slots (B·S)`, the rows of the
  /// states that each source token goes to: 0, 1, 2, …. States: `cross.keys.<layer>` and
  /// `cross.values.<layer>`, `(B·S, G·D)`.
  ///
  /// - Throws: as ``training(_:batch:length:sourceLength:weightType:)``.
  package static func encoding(
    _ description: ModelDescription, batch: Int, sourceLength: Int, weightType: DType = .float32
  ) throws(ModelError) -> Program {
    guard case .seq2seqLM = description.task, let encoder = description.encoder else {
      throw description.unsupportedTask
    }
    return try SequenceToSequenceProgram.encoding(
      description, encoder, batch: batch, sourceLength: sourceLength, weightType: weightType)
  }

  /// The logits of `rowCount` chosen tokens, keys and values kept in caches.
  ///
  /// More inputs: `slots (B·T)`, the cache row that each token's key and value go to (`b·C + p`),
  /// `rows (M)`, and of the source `cross.ranges` alone. States: `cache.keys.<layer>` and
  /// `cache.values.<layer>`, `(B·C, G·D)` for a capacity of `C` positions a batch row; and those that
  /// ``encoding(_:batch:sourceLength:weightType:)`` wrote, where there is an encoder. Result:
  /// `logits (M, V)`.
  ///
  /// - Throws: as ``training(_:batch:length:sourceLength:weightType:)``.
  package static func decoding(
    _ description: ModelDescription, batch: Int, queryLength: Int, capacity: Int,
    sourceLength: Int = 0, rowCount: Int, weightType: DType = .float32
  ) throws(ModelError) -> Program {
    switch (description.task, description.encoder) {
    case (.causalLM, nil):
      try LanguageModelProgram.decoding(
        description, batch: batch, queryLength: queryLength, capacity: capacity,
        rowCount: rowCount, weightType: weightType)
    case (.seq2seqLM, .some):
      try SequenceToSequenceProgram.decoding(
        description, batch: batch, queryLength: queryLength, capacity: capacity,
        sourceLength: sourceLength, rowCount: rowCount, weightType: weightType)
    case (.causalLM, _), (.seq2seqLM, _), (.maskedLM, _), (.sequenceClassification, _),
      (.tokenClassification, _), (.regression, _), (.seq2seqRegression, _):
      throw description.unsupportedTask
    }
  }
}

extension ModelDescription {
  /// That the family has no head for the task.
  var unsupportedTask: ModelError { .unsupportedTask(task: task.name, family: family.rawValue) }
}
