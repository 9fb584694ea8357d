import Tensors

/// The programs of ``TaskProgram`` for a head over one stack.
///
/// More inputs than every task's: `token_types (B·T)` where the stack has types of tokens; for a head
/// over rows `pooled (B)`, the number of the token in `0..<B·T` that stands for each row.
enum HeadProgram {
  /// The loss; beside it with `predictions` what the head says, as ``outputs(_:_:batch:length:rowCount:weightType:)``
  /// names it.
  ///
  /// Cross-entropies read `targets`, `(B·T)` for heads over tokens and `(B)` over rows, −1 where nothing
  /// is supervised; losses of numbers read `values (B, K)` and `weights (B, K)`.
  static func training(
    _ description: ModelDescription, _ head: TaskHead, batch: Int, length: Int,
    weightType: DType, predictions: Bool
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType)
      let hidden = try hiddenStates(description, batch: batch, length: length, in: &program)
      let kind = HeadLoss(description.task)
      let states = try kind.isOfRows ? pooled(hidden, batch, head, in: &program) : hidden
      let features = try head.features(of: states, in: &program)
      let scale = program.builder.value(.input("loss_scale"), ValueType(Shape(1)))
      switch kind {
      case .tokens, .rows:
        let targets = program.indices("targets", Shape(kind == .rows ? batch : batch * length))
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
      case .values(let function, _):
        let numbers = try head.output.apply(to: features, in: &program)
        let shape = Shape(batch, head.output.outputs)
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
    _ description: ModelDescription, _ head: TaskHead, batch: Int, length: Int, rowCount: Int,
    weightType: DType
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType)
      var states = try hiddenStates(description, batch: batch, length: length, in: &program)
      let kind = HeadLoss(description.task)
      if kind.isOfRows {
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
    _ description: ModelDescription, batch: Int, length: Int, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let count = batch * length
    let tokens = program.indices("tokens", Shape(count))
    let positions = program.indices("positions", Shape(count))
    let ranges = program.indices("ranges", Shape(count, 2))
    let types =
      description.stack.tokenTypeCount > 0 ? program.indices("token_types", Shape(count)) : nil
    let stack = Stack(description.stack)
    let context = try stack.context(
      batch: batch, ranges: ranges, positions: positions, in: &program)
    return try stack.hiddenStates(of: tokens, types: types, context, in: &program)
  }
}

/// What a head's loss is over.
private enum HeadLoss: Hashable {
  /// A class a token.
  case tokens
  /// A class a row.
  case rows
  /// Numbers of each row.
  case values(ValueLoss.Function, isOfLogits: Bool)

  init(_ task: ModelTask) {
    switch task {
    case .causalLM, .seq2seqLM, .maskedLM, .tokenClassification: self = .tokens
    case .sequenceClassification(_, multiLabel: false): self = .rows
    case .sequenceClassification(_, multiLabel: true):
      self = .values(.binaryCrossEntropyWithLogits, isOfLogits: true)
    case .regression, .seq2seqRegression: self = .values(.squaredError, isOfLogits: false)
    }
  }

  var isOfRows: Bool { self != .tokens }

  /// The name of the result.
  var output: String { self == .values(.squaredError, isOfLogits: false) ? "values" : "logits" }
}
