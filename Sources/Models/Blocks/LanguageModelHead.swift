import Tensors

/// Makes logits over the vocabulary of hidden states, or a loss of them without the logits.
struct LanguageModelHead {
  private let description: StackDescription
  /// The projection, tied to the token table where the description says so.
  let projection: LinearLayer

  /// The head over `stack`.
  init(_ description: StackDescription, over stack: Stack) {
    self.description = description
    projection = LinearLayer(
      path: description.names.head, inputs: description.hiddenSize,
      outputs: description.vocabularySize,
      deviation: Float(description.tokenDeviation ?? description.initializerRange),
      tiedTo: description.tiesEmbeddings ? stack.tokens.storedWeight : nil, isOutputHead: true)
  }

  func declare(in outline: inout ModelOutline) {
    projection.declare(in: &outline)
    guard let buffer = description.logitBuffer else { return }
    outline.parameter(
      ParameterDescription(
        name: buffer, shape: Shape(1, projection.outputs), initialisation: .zeros, module: "",
        role: .buffer))
  }

  /// The logits `(M, V)` of `hidden (M, E)`.
  func logits(of hidden: ValueID, in program: inout ForwardBuilder)
    throws(ProgramError) -> ValueID
  {
    let path = projection.path
    var logits = try projection.apply(to: scaled(hidden, in: &program), in: &program)
    if let bias = logitBias(in: &program) {
      logits = try program.append(.addBias(AddBias()), [logits, bias], label: path)
    }
    guard let cap = description.logitSoftCap else { return logits }
    let small = try program.append(.scale(Scale(1 / cap)), [logits], label: path)
    let bent = try program.append(.activation(Activation(.tanh)), [small], label: path)
    return try program.append(.scale(Scale(cap)), [bent], label: path)
  }

  /// Makes the result `logits (M, V)` of the tokens of `hidden (N, E)` that the input `rows (M)` names.
  func writeLogits(
    of hidden: ValueID, rowCount: Int, in program: inout ForwardBuilder
  ) throws(ProgramError) {
    let rows = program.indices("rows", Shape(rowCount))
    let chosen = try program.append(
      .gatherRows(GatherRows()), [hidden, rows], label: projection.path)  // (M, E)
    program.builder.output("logits", try logits(of: chosen, in: &program))
  }

  /// The scaled sum `(1)` of the cross-entropies of `targets (N)` given `hidden (N, E)`.
  func loss(
    of hidden: ValueID, targets: ValueID, scale: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    let weight = program.weight(
      projection.storedWeight, Shape(projection.outputs, projection.inputs))
    let hidden = try scaled(hidden, in: &program)
    let bias = logitBias(in: &program)
    return try program.append(
      .tokenLoss(TokenLoss(softCap: description.logitSoftCap)),
      [hidden, weight, targets, scale] + (bias.map { [$0] } ?? []), label: projection.path)
  }

  /// Makes the result `predictions (N, 2)`: of each supervised token the likeliest one and the rank of
  /// the target (see ``TokenRank``).
  func writeRanks(
    of hidden: ValueID, targets: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) {
    let weight = program.weight(
      projection.storedWeight, Shape(projection.outputs, projection.inputs))
    let hidden = try scaled(hidden, in: &program)
    let bias = logitBias(in: &program)
    let ranks = try program.append(
      .tokenRank(TokenRank()), [hidden, weight, targets] + (bias.map { [$0] } ?? []),
      label: projection.path)
    program.builder.output("predictions", ranks)
  }

  /// The buffer that is added to the logits.
  private func logitBias(in program: inout ForwardBuilder) -> ValueID? {
    description.logitBuffer.map { program.weight($0, Shape(1, projection.outputs)) }
  }

  private func scaled(
    _ hidden: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) -> ValueID {
    guard description.headScale != 1 else { return hidden }
    return try program.append(
      .scale(Scale(description.headScale)), [hidden], label: projection.path)
  }
}
