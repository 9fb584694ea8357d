/// Some columns of each of several equal groups: the parts of a fused projection.
///
/// `y[n, g·W + j] = x[n, g·P + start + j]` for `g` below the number of groups and `j < W`, where `P` is
/// the width of a group of `x`. Shapes: `x (N, G·P)` gives `y (N, G·W)`.
package struct SelectColumns: OperationRule {
  package let groups: Int
  /// The first column of each group.
  package let start: Int
  /// How many columns of each group.
  package let width: Int

  package init(groups: Int = 1, start: Int, width: Int) {
    self.groups = groups
    self.start = start
    self.width = width
  }

  package var name: String { "select-columns" }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    try expectCount(inputs, 1)
    try expectRank(inputs[0], 2)
    try expectType(inputs[0], .float32)
    let columns = inputs[0].shape[1]
    if groups < 1 || start < 0 || width < 1 || !columns.isMultiple(of: groups)
      || start > columns / groups - width
    {
      throw .invalidAttribute(
        operation: name,
        reason: "\(width) columns from \(start) of \(groups) groups of \(columns)")
    }
    return [ValueType(Shape(inputs[0].shape[0], groups * width))]
  }

  package func differentiate(
    _ operation: Operation, at index: Int, _ context: inout Differentiation
  ) throws(ProgramError) {
    guard let dy = context.gradient(of: operation.outputs[0]) else { return }
    let x = operation.inputs[0]
    let rule = PlaceColumns(
      groups: groups, start: start, groupWidth: context.type(of: x).shape[1] / groups)
    try context.contribute(.placeColumns(rule), [dy], to: x, label: operation.label)
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int { 0 }
}

/// Columns put into each of several equal groups of zeros, or added to an addend: the gradient of
/// ``SelectColumns``.
///
/// `y[n, g·P + start + j] = x[n, g·W + j] [+ addend]`, elsewhere the addend or zero. Shapes: `x (N, G·W)`,
/// `y` and the addend `(N, G·P)`.
package struct PlaceColumns: OperationRule {
  package let groups: Int
  /// The first column of each group.
  package let start: Int
  /// How many columns a group of the result has.
  package let groupWidth: Int

  package init(groups: Int = 1, start: Int, groupWidth: Int) {
    self.groups = groups
    self.start = start
    self.groupWidth = groupWidth
  }

  package var name: String { "place-columns" }
  package var addendIndex: Int? { 1 }
  package var inPlace: [InPlacePair] { [InPlacePair(output: 0, input: 1)] }

  package func outputTypes(_ inputs: [ValueType]) throws(ProgramError) -> [ValueType] {
    if inputs.count != 2 { try expectCount(inputs, 1) }
    for input in inputs {
      try expectRank(input, 2)
      try expectType(input, .float32)
    }
    let columns = inputs[0].shape[1]
    if groups < 1 || start < 0 || !columns.isMultiple(of: groups)
      || start > groupWidth - columns / groups
    {
      throw .invalidAttribute(
        operation: name, reason: "\(columns) columns at \(start) of groups of \(groupWidth)")
    }
    let result = Shape(inputs[0].shape[0], groups * groupWidth)
    if inputs.count == 2 { try expectEqual(inputs[1].shape, result) }
    return [ValueType(result)]
  }

  package func floatingPointOperations(inputs: [ValueType], outputs: [ValueType]) -> Int {
    inputs.count == 2 ? inputs[0].shape.count : 0
  }
}
