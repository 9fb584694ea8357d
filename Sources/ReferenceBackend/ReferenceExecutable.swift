import Tensors

/// One operation with its operands and results bound to memory.
struct ReferenceStep {
  let kind: OperationKind
  let inputs: [Operand]
  let outputs: [Operand]
  /// What becomes zero before.
  var cleared: [UnsafeMutableRawBufferPointer] = []
}

/// Where the random numbers of a run come from.
struct Chance {
  let seed: UInt64
  let randomStep: UInt64
}

/// A program bound to memory, run operation by operation.
final class ReferenceExecutable: Executable {
  private let steps: [ReferenceStep]
  private let seed: UInt64

  init(steps: [ReferenceStep], seed: UInt64) {
    self.steps = steps
    self.seed = seed
  }

  func run(randomStep: UInt64) throws(BackendError) {
    let chance = Chance(seed: seed, randomStep: randomStep)
    for step in steps {
      for memory in step.cleared { memory.initializeMemory(as: UInt8.self, repeating: 0) }
      let results = try step.kind.results(of: step.inputs, chance)
      for (output, result) in zip(step.outputs, results) { output.store(result) }
    }
  }
}

extension OperationKind {
  /// The results for these operands, each row-major and not yet rounded.
  func results(of inputs: [Operand], _ chance: Chance) throws(BackendError) -> [[Double]] {
    switch self {
    case .embedding(let rule): [try selectedRows(of: inputs[0], inputs[1], offset: rule.offset)]
    case .embeddingGradient(let rule):
      [
        try summedRows(
          of: inputs[1], inputs[0], count: rule.vocabulary, offset: rule.offset,
          skipped: rule.paddingRow)
      ]
    case .product(let rule): [rule.result(of: inputs)]
    case .add: [sum(inputs[0], inputs[1])]
    case .multiply: [elementProduct(inputs[0], inputs[1])]
    case .scale(let rule): [rule.result(of: inputs[0])]
    case .accumulate: [inputs[0].elements]
    case .addBias: [biased(inputs[0], inputs[1])]
    case .columnSum: [columnSums(inputs[0])]
    case .rmsNorm(let rule): rule.results(of: inputs[0], weight: inputs[1])
    case .rmsNormGradient(let rule): [rule.result(of: inputs)]
    case .rmsNormWeightGradient(let rule): [rule.result(of: inputs)]
    case .rotaryTable(let rule): [rule.result(of: inputs[0])]
    case .rotary(let rule): [rule.result(of: inputs[0], table: inputs[1])]
    case .attention(let rule): try rule.results(of: inputs, chance)
    case .attentionGradient(let rule): try rule.results(of: inputs, chance)
    case .activation(let rule): [inputs[0].elements.map(rule.function.value)]
    case .activationGradient(let rule): [rule.result(of: inputs)]
    case .gatedActivation(let rule): [rule.result(of: inputs)]
    case .gatedActivationGradient(let rule): rule.results(of: inputs)
    case .dropout(let rule): [rule.result(of: inputs[0], chance)]
    case .tokenLoss(let rule): try rule.results(of: inputs)
    case .tokenRank(let rule): [try rule.result(of: inputs)]
    case .valueLoss(let rule): rule.results(of: inputs)
    case .gatherRows: [try selectedRows(of: inputs[0], inputs[1])]
    case .scatterRows(let rule): [try summedRows(of: inputs[1], inputs[0], count: rule.rows)]
    case .writeRows: [try replacedRows(of: inputs[0], inputs[1], by: inputs[2])]
    case .selectColumns(let rule): [rule.result(of: inputs[0])]
    case .placeColumns(let rule): [rule.result(of: inputs)]
    case .updatedNorms(let rule): [rule.result(of: inputs)]
    case .scaleColumns(let rule): [rule.result(of: inputs)]
    case .scaleColumnsGradient(let rule): [rule.result(of: inputs)]
    case .patchRows(let rule): [rule.result(of: inputs)]
    case .patchRowsGradient(let rule): [rule.result(of: inputs)]
    case .replaceRows(let rule): [rule.result(of: inputs)]
    case .replaceRowsGradient(let rule): [rule.result(of: inputs[0])]
    }
  }

  /// An operand's integer at `position` as an index below `count`.
  ///
  /// - Throws: ``BackendError/indexOutOfRange(operation:index:count:)`` when it is none.
  func index(_ operand: Operand, _ position: Int, below count: Int) throws(BackendError) -> Int {
    let index = operand.integer(position)
    guard index >= 0, index < count else {
      throw .indexOutOfRange(operation: name, index: index, count: count)
    }
    return index
  }
}
