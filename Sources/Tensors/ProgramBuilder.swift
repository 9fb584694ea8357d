/// Appends values and operations to a program, applying each operation's shape rule.
package struct ProgramBuilder: Sendable {
  package private(set) var program: Program
  private var named: [ValueRole: ValueID] = [:]

  /// Starts an empty program, or goes on with `program`.
  package init(_ program: Program = Program()) {
    self.program = program
    for (index, value) in program.values.enumerated() where value.role != .intermediate {
      named[value.role] = ValueID(index)
    }
  }

  /// The value with `role`, made with `type` when it is asked for the first time.
  package mutating func value(_ role: ValueRole, _ type: ValueType) -> ValueID {
    if role != .intermediate, let known = named[role] { return known }
    let id = ValueID(program.values.count)
    program.values.append(Value(type: type, role: role))
    if role != .intermediate { named[role] = id }
    return id
  }

  /// The value with `role` where there is one.
  package func existing(_ role: ValueRole) -> ValueID? { named[role] }

  /// Appends an operation and returns what it writes, in the order of its rule.
  ///
  /// - Throws: ``ProgramError`` when the operands do not fit the rule.
  @discardableResult
  package mutating func append(
    _ kind: OperationKind, _ inputs: [ValueID], label: String = ""
  ) throws(ProgramError) -> [ValueID] {
    let types = try kind.rule.outputTypes(inputs.map { program[$0].type })
    let outputs = types.map { value(.intermediate, $0) }
    program.operations.append(Operation(kind, inputs, outputs, label: label))
    return outputs
  }

  /// Appends an operation whose one result goes to `output`: a gradient to add into, or a state.
  ///
  /// - Throws: ``ProgramError`` when the operands do not fit the rule.
  package mutating func append(
    _ kind: OperationKind, _ inputs: [ValueID], into output: ValueID, label: String = ""
  ) throws(ProgramError) {
    let types = try kind.rule.outputTypes(inputs.map { program[$0].type })
    guard types == [program[output].type] else {
      throw .typeMismatch(
        operation: kind.name, expected: types[0].shape, actual: program[output].shape)
    }
    program.operations.append(Operation(kind, inputs, [output], label: label))
  }

  /// Makes `value` a result that the caller can read by `name`.
  package mutating func output(_ name: String, _ value: ValueID) {
    program.outputs.append(Program.NamedValue(name: name, value: value))
  }

  /// Turns the frozen weight `name` into a trainable one, kept in float32.
  package mutating func makeTrainable(_ name: String) {
    guard let id = named.removeValue(forKey: .frozen(name)) else { return }
    program.values[id.index] = Value(
      type: ValueType(program[id].shape), role: .trainable(name))
    named[.trainable(name)] = id
  }

  /// Replaces the operation at `index`, adding a result of `type`; returns the new result.
  mutating func addOutput(
    toOperationAt index: Int, kind: OperationKind, type: ValueType, role: ValueRole
  ) -> ValueID {
    let id = value(role, type)
    program.operations[index].kind = kind
    program.operations[index].outputs.append(id)
    return id
  }
}
