import Tensors

/// The programs of ``TaskProgram`` for a head over a stack, alone or beside an encoder.
///
/// More inputs than every task's: `token_types (B·T)` where the stack has types of tokens; for a head
/// over rows `pooled (B)`, the number of the token in `0..<B·T` that stands for each row; `source.values`,
/// float32, with a number for each token of the stack that reads numbers: `(B·S)` of the encoder where there
/// is one, `(B·T)` else.
enum HeadProgram {
  /// The loss; beside it with `predictions` what the head says, as ``outputs(_:_:batch:length:sourceLength:rowCount:weightType:)``
  /// names it.
  ///
  /// Cross-entropies read `targets`, `(B·T)` for heads over tokens and `(B)` over rows, −1 where nothing
  /// is supervised; losses of numbers read `values (B, K)` and `weights (B, K)`.
  static func training(
    _ description: ModelDescription, _ head: TaskHead, batch: Int, length: Int,
    sourceLength: Int, weightType: DType, predictions: Bool, dropout: Bool
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType, hasDropout: dropout)
      let hidden = try hiddenStates(
        description, batch: batch, length: length, sourceLength: sourceLength, in: &program)
      let kind = HeadLoss(description.task)
      let isOfRows = description.task.isOfRows
      let states = try isOfRows ? pooled(hidden, batch, head, in: &program) : hidden
      let features = try head.features(of: states, in: &program)
      let scale = program.builder.value(.input("loss_scale"), ValueType(Shape(1)))
      switch kind {
      case .classes:
        let targets = program.indices("targets", Shape(isOfRows ? batch : batch * length))
        let loss = try head.crossEntropy(
          of: features, targets: targets, scale: scale, in: &program)
        program.builder.output("loss", loss)
        guard predictions else { break }
        if case .maskedLM = description.task {
          let ranks = try head.ranks(of: features, targets: targets, in: &program)
          program.builder.output("predictions", ranks)
        } else {
          program.builder.output(
            kind.output, try head.output.apply(to: features, in: &program))
        }
      case .values(let function):
        let numbers = try head.output.apply(to: features, in: &program)
        let shape = program.builder.program[numbers].shape
        let values = program.builder.value(.input("values"), ValueType(shape))
        let weights = program.builder.value(.input("weights"), ValueType(shape))
        let loss = try program.append(
          .valueLoss(ValueLoss(function)), [numbers, values, weights, scale],
          label: head.output.path)
        program.builder.output("loss", loss)
        if predictions { program.builder.output(kind.output, numbers) }
      }
      return program.builder.program
    }
  }

  /// What the head says: `logits (M, V)` of the tokens that `rows (M)` names for a language model,
  /// `logits (B·T, L)` for labels of tokens, `logits (B, L)` for labels of rows, `values (B, K)` for
  /// numbers.
  static func outputs(
    _ description: ModelDescription, _ head: TaskHead, batch: Int, length: Int,
    sourceLength: Int, rowCount: Int, weightType: DType
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType)
      var states = try hiddenStates(
        description, batch: batch, length: length, sourceLength: sourceLength, in: &program)
      let kind = HeadLoss(description.task)
      if description.task.isOfRows {
        states = try pooled(states, batch, head, in: &program)
      } else if case .maskedLM = description.task {
        let rows = program.indices("rows", Shape(rowCount))
        states = try program.append(
          .gatherRows(GatherRows()), [states, rows], label: head.output.path)
      }
      program.builder.output(kind.output, try head.numbers(of: states, in: &program))
      return program.builder.program
    }
  }

  /// The states `(B, E)` of the tokens that stand for the rows.
  private static func pooled(
    _ hidden: ValueID, _ batch: Int, _ head: TaskHead, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let rows = program.indices("pooled", Shape(batch))
    return try program.append(.gatherRows(GatherRows()), [hidden, rows], label: head.output.path)
  }

  /// The states `(B·T, E)` of all tokens.
  private static func hiddenStates(
    _ description: ModelDescription, batch: Int, length: Int, sourceLength: Int,
    in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    var source: AttentionContext.Source?
    if let encoder = description.encoder {
      let states = try hiddenStates(
        encoder, prefix: "source.", batch: batch, length: sourceLength, nil, in: &program)
      source = AttentionContext.Source(
        states: states, length: sourceLength,
        ranges: program.indices("cross.ranges", Shape(batch * length, 2)))
    }
    return try hiddenStates(
      description.stack, prefix: "", batch: batch, length: length, source, in: &program)
  }

  /// The states of one stack, whose inputs' names begin with `prefix`.
  private static func hiddenStates(
    _ description: StackDescription, prefix: String, batch: Int, length: Int,
    _ source: AttentionContext.Source?, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let count = batch * length
    let tokens = program.indices(prefix + "tokens", Shape(count))
    let positions = program.indices(prefix + "positions", Shape(count))
    let ranges = program.indices(prefix + "ranges", Shape(count, 2))
    let types =
      description.tokenTypeCount > 0 ? program.indices("token_types", Shape(count)) : nil
    let numbers =
      description.readsValues
      ? program.builder.value(.input("source.values"), ValueType(Shape(count, 1))) : nil
    let stack = Stack(description)
    var context = try stack.context(
      batch: batch, ranges: ranges, positions: positions, in: &program)
    context.source = source
    return try stack.hiddenStates(
      of: tokens, types: types, numbers: numbers, context, in: &program)
  }
}

/// What a head's loss is over.
private enum HeadLoss: Hashable {
  /// One class of several.
  case classes
  /// Numbers, each by itself.
  case values(ValueLoss.Function)

  init(_ task: ModelTask) {
    switch task {
    case .causalLM, .seq2seqLM, .maskedLM, .tokenClassification: self = .classes
    case .sequenceClassification(_, let multiLabel):
      self = multiLabel ? .values(.binaryCrossEntropyWithLogits) : .classes
    case .regression, .seq2seqRegression: self = .values(.squaredError)
    }
  }

  /// The name of the result.
  var output: String { self == .values(.squaredError) ? "values" : "logits" }
}

extension ModelTask {
  /// Whether the head answers for rows, not for tokens.
  fileprivate var isOfRows: Bool {
    switch self {
    case .causalLM, .seq2seqLM, .maskedLM, .tokenClassification, .seq2seqRegression: false
    case .sequenceClassification, .regression: true
    }
  }
}
