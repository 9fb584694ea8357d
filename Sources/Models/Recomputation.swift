package import Tensors

/// Which results of the forward pass are computed again in the backward pass, and not kept until then.
///
/// Source: Chen et al. 2016, arXiv 1604.06174; Korthikanti et al. 2022, arXiv 2205.05198.
package enum Recomputation: String, CaseIterable, Hashable, Sendable {
  /// None but what is cheap.
  case none
  /// What attention reads and gives: queries, keys, values and what is mixed of them.
  case attention
  /// Everything inside a block: only what goes from block to block is kept.
  case block
}

extension ModelDescription {
  /// The operations of `program`, a training program of this model, that ``Recomputation`` means, by position.
  package func recomputed(_ recomputation: Recomputation, in program: Program) -> Set<Int> {
    switch recomputation {
    case .none: []
    case .attention: attentionOperations(of: program)
    case .block: blockOperations(of: program)
    }
  }

  /// The block of each operation, numbered through all stacks; nil for what stands outside.
  private func blocks(of program: Program) -> [Int?] {
    let paths = [encoder, stack].compactMap { $0 }.flatMap { stack in
      stack.layers.indices.map { stack.names.layer($0) }
    }
    var known: [String: Int?] = [:]
    return program.operations.map { operation in
      if let block = known[operation.label] { return block }
      let block = paths.firstIndex {
        operation.label == $0 || operation.label.hasPrefix($0 + ".")
      }
      known[operation.label] = block
      return block
    }
  }

  /// Operations of blocks, all of whose results are read in their own block alone.
  private func blockOperations(of program: Program) -> Set<Int> {
    let blocks = blocks(of: program)
    let readers = program.readers
    return Set(
      program.operations.indices.filter { index in
        guard let block = blocks[index], program.operations[index].isRepeatable else {
          return false
        }
        return program.operations[index].outputs.allSatisfy { output in
          !program.isResult(output)
            && (readers[output] ?? []).allSatisfy { blocks[$0] == block }
        }
      })
  }

  /// Attentions, and before them what is computed in their block for them alone.
  private func attentionOperations(of program: Program) -> Set<Int> {
    let blocks = blocks(of: program)
    let readers = program.readers
    var chosen: Set<Int> = []
    for index in program.operations.indices.reversed() {
      let operation = program.operations[index]
      guard let block = blocks[index], operation.isRepeatable else { continue }
      if case .attention = operation.kind {
        chosen.insert(index)
        continue
      }
      let isForAttention = operation.outputs.allSatisfy { output in
        let read = readers[output] ?? []
        return !program.isResult(output)
          && read.allSatisfy { chosen.contains($0) && blocks[$0] == block }
      }
      if isForAttention { chosen.insert(index) }
    }
    return chosen
  }
}

extension Operation {
  /// Whether running it twice changes nothing, and once more costs no more than its arithmetic.
  fileprivate var isRepeatable: Bool {
    switch kind {
    case .writeRows, .updatedNorms, .patchRows, .replaceRows: false
    default: true
    }
  }
}

extension Program {
  /// The positions of the operations that read each value.
  fileprivate var readers: [ValueID: [Int]] {
    var readers: [ValueID: [Int]] = [:]
    for (index, operation) in operations.enumerated() {
      for input in operation.inputs { readers[input, default: []].append(index) }
    }
    return readers
  }

  fileprivate func isResult(_ value: ValueID) -> Bool { outputs.contains { $0.value == value } }
}
