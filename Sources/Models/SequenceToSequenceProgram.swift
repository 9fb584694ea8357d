import Tensors

/// The programs of ``TaskProgram`` for a decoder beside an encoder.
enum SequenceToSequenceProgram {
  static func training(
    _ description: ModelDescription, _ encoder: StackDescription, batch: Int, length: Int,
    sourceLength: Int, weightType: DType, predictions: Bool, dropout: Bool
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType, hasDropout: dropout)
      let states = try encoded(encoder, batch: batch, length: sourceLength, in: &program)
      let (hidden, head) = try decoded(
        description, states, batch: batch, length: length, sourceLength: sourceLength,
        capacity: nil, in: &program)
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

  static func logits(
    _ description: ModelDescription, _ encoder: StackDescription, batch: Int, length: Int,
    sourceLength: Int, rowCount: Int, weightType: DType
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType)
      let states = try encoded(encoder, batch: batch, length: sourceLength, in: &program)
      let (hidden, head) = try decoded(
        description, states, batch: batch, length: length, sourceLength: sourceLength,
        capacity: nil, in: &program)
      try head.writeLogits(of: hidden, rowCount: rowCount, in: &program)
      return program.builder.program
    }
  }

  static func encoding(
    _ description: ModelDescription, _ encoder: StackDescription, batch: Int,
    sourceLength: Int, weightType: DType
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType)
      let states = try encoded(encoder, batch: batch, length: sourceLength, in: &program)
      let rows = batch * sourceLength
      let slots = program.indices("source.slots", Shape(rows))
      try Stack(description.stack).keepSource(states, slots: slots, rows: rows, in: &program)
      return program.builder.program
    }
  }

  static func decoding(
    _ description: ModelDescription, batch: Int, queryLength: Int, capacity: Int,
    sourceLength: Int, rowCount: Int, weightType: DType
  ) throws(ModelError) -> Program {
    try buildingProgram { () throws(ProgramError) -> Program in
      var program = ForwardBuilder(weightType: weightType)
      let (hidden, head) = try decoded(
        description, nil, batch: batch, length: queryLength, sourceLength: sourceLength,
        capacity: capacity, in: &program)
      try head.writeLogits(of: hidden, rowCount: rowCount, in: &program)
      return program.builder.program
    }
  }

  /// The encoder's states `(B·S, E)`.
  private static func encoded(
    _ encoder: StackDescription, batch: Int, length: Int, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let tokens = program.indices("source.tokens", Shape(batch * length))
    let positions = program.indices("source.positions", Shape(batch * length))
    let ranges = program.indices("source.ranges", Shape(batch * length, 2))
    let stack = Stack(encoder)
    let context = try stack.context(
      batch: batch, ranges: ranges, positions: positions, in: &program)
    return try stack.hiddenStates(of: tokens, context, in: &program)
  }

  /// The decoder's states `(B·T, E)` beside an encoder's, or beside what was kept of them.
  private static func decoded(
    _ description: ModelDescription, _ states: ValueID?, batch: Int, length: Int,
    sourceLength: Int, capacity: Int?, in program: inout ForwardBuilder
  ) throws(ProgramError) -> (ValueID, LanguageModelHead) {
    let count = batch * length
    let tokens = program.indices("tokens", Shape(count))
    let positions = program.indices("positions", Shape(count))
    let ranges = program.indices("ranges", Shape(count, 2))
    let stack = Stack(description.stack)
    var context = try stack.context(
      batch: batch, ranges: ranges, positions: positions, in: &program)
    context.cache = capacity.map {
      AttentionContext.Cache(capacity: $0, slots: program.indices("slots", Shape(count)))
    }
    context.source = AttentionContext.Source(
      states: states, length: sourceLength,
      ranges: program.indices("cross.ranges", Shape(count, 2)))
    let hidden = try stack.hiddenStates(of: tokens, context, in: &program)
    return (hidden, LanguageModelHead(description.stack, over: stack))
  }
}
