import Tensors

extension LanguageModelHead {
  /// Makes the result `predictions (N, 2)`: of each supervised token the likeliest one and the rank of
  /// the target (see ``TokenRank``).
  func writeRanks(
    of hidden: ValueID, targets: ValueID, in program: inout ForwardBuilder
  ) throws(ProgramError) {
    let weight = program.weight(
      projection.storedWeight, Shape(projection.outputs, projection.inputs))
    let ranks = try program.append(
      .tokenRank(TokenRank()), [hidden, weight, targets], label: projection.path)
    program.builder.output("predictions", ranks)
  }
}
