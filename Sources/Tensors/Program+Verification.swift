extension Program {
  /// Checks that every operand is given or written before, every result fits its rule, nothing is
  /// written twice but gradients and states, and what the optimizer walks is float32.
  ///
  /// - Throws: ``ProgramError`` naming the first operation that is wrong.
  package func verify() throws(ProgramError) {
    for value in values where value.dtype != .float32 {
      switch value.role {
      case .trainable(let name), .gradient(let name):
        throw .dtypeMismatch(operation: "train \(name)", expected: .float32, actual: value.dtype)
      case .input, .frozen, .state, .intermediate: continue
      }
    }
    var written = values.map { value in
      switch value.role {
      case .input, .frozen, .trainable, .state: true
      case .gradient, .intermediate: false
      }
    }
    for operation in operations {
      let kind = operation.kind
      for input in operation.inputs where !written[input.index] {
        throw .readBeforeWrite(operation: kind.name, value: input.index)
      }
      let types = try kind.rule.outputTypes(operation.inputs.map { self[$0].type })
      if types.count != operation.outputs.count {
        throw .operandCount(
          operation: kind.name, expected: types.count, actual: operation.outputs.count)
      }
      for (output, type) in zip(operation.outputs, types) {
        if self[output].type != type {
          throw .typeMismatch(
            operation: kind.name, expected: type.shape, actual: self[output].shape)
        }
        switch self[output].role {
        case .intermediate:
          if case .writeRows = kind {
            throw .writesForeignValue(operation: kind.name, value: output.index)
          }
          if written[output.index] {
            throw .writtenTwice(operation: kind.name, value: output.index)
          }
          written[output.index] = true
        case .gradient:
          if !kind.rule.accumulates {
            throw .writesForeignValue(operation: kind.name, value: output.index)
          }
        case .state:
          if case .writeRows = kind, output == operation.inputs[0] { continue }
          throw .writesForeignValue(operation: kind.name, value: output.index)
        case .input, .frozen, .trainable:
          throw .writesForeignValue(operation: kind.name, value: output.index)
        }
      }
    }
    for output in outputs where !written[output.value.index] {
      throw .readBeforeWrite(operation: "output \(output.name)", value: output.value.index)
    }
  }
}
