extension Program {
  /// The program without the operations whose results nobody reads.
  package func removingDeadOperations() -> Program {
    var isRead = [Bool](repeating: false, count: values.count)
    for output in outputs { isRead[output.value.index] = true }
    var kept: [Operation] = []
    for operation in operations.reversed() {
      let matters = operation.outputs.contains { id in
        switch self[id].role {
        case .gradient, .state: true
        case .input, .frozen, .trainable, .intermediate: isRead[id.index]
        }
      }
      guard matters else { continue }
      for input in operation.inputs { isRead[input.index] = true }
      kept.append(operation)
    }
    var result = self
    result.operations = kept.reversed()
    return result
  }
}
