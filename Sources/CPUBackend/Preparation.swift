import CKernels
import Tensors

/// Turns the operations of a program into prepared steps.
struct Preparation {
  let program: Program
  let layout: MemoryLayout
  let memory: ProgramMemory
  let seed: UInt64
  let arguments = ArgumentStore()
  private(set) var steps: [PreparedStep] = []
  /// For each step the operand that holds indices.
  private(set) var indices: [IndexOperand?] = []
  /// For each step the position of its operation; nil where it only clears memory.
  private(set) var operations: [Int?] = []

  init(
    program: Program, layout: MemoryLayout, memory: ProgramMemory, seed: UInt64
  ) {
    self.program = program
    self.layout = layout
    self.memory = memory
    self.seed = seed
  }

  /// Appends the steps of all operations, each behind what it needs cleared.
  ///
  /// - Throws: ``BackendError`` when memory is missing or an extent is beyond 32 bits.
  mutating func appendAll() throws(BackendError) {
    var clearings = layout.clearings[...]
    for (position, operation) in program.operations.enumerated() {
      while let clearing = clearings.first, clearing.operation == position {
        clearings.removeFirst()
        append(clearing)
      }
      try append(operation)
      operations.append(position)
    }
  }

  private mutating func append(_ clearing: Clearing) {
    let kernel = arguments.clear(memory.arena + clearing.offset, byteCount: clearing.byteCount)
    steps.append(PreparedStep(kernel: kernel.function, arguments: kernel.arguments))
    indices.append(nil)
    operations.append(nil)
  }

  /// Resolves the operands of `operation` and appends its step.
  ///
  /// - Throws: ``BackendError`` when memory is missing or an extent is beyond 32 bits.
  private mutating func append(_ operation: Operation) throws(BackendError) {
    var bound = BoundOperation(
      scratch: Scratch(for: operation, in: program).placed(in: memory.workspace))
    for id in operation.inputs { bound.inputs.append(try operand(id, operation)) }
    for id in operation.outputs { bound.outputs.append(try operand(id, operation)) }
    let kernel = kernel(of: operation.kind, bound)
    steps.append(PreparedStep(kernel: kernel.function, arguments: kernel.arguments))
    indices.append(kernel.indices)
  }

  private func operand(_ id: ValueID, _ operation: Operation) throws(BackendError) -> Operand {
    let value = program[id]
    guard let pointer = try memory.address(layout[id]) else {
      throw .missingMemory(name: "value \(id.index)")
    }
    for extent in value.shape.dimensions where extent > Int(Int32.max) {
      throw .unsupported(operation: operation.kind.name, reason: "an extent of \(extent)")
    }
    let isGradient =
      switch value.role {
      case .gradient: true
      case .input, .frozen, .trainable, .state, .intermediate: false
      }
    return Operand(pointer: pointer, type: value.type, isGradient: isGradient)
  }

  private func kernel(of kind: OperationKind, _ bound: BoundOperation) -> Kernel {
    switch kind {
    case .embedding(let rule): arguments.gather(bound, offset: rule.offset)
    case .gatherRows: arguments.gather(bound)
    case .embeddingGradient(let rule):
      arguments.scatter(bound, offset: rule.offset, skipped: rule.paddingRow)
    case .scatterRows: arguments.scatter(bound)
    case .writeRows: arguments.writeRows(bound)
    case .product(let rule): arguments.product(rule, bound)
    case .add: arguments.elementwise(HONE_ADD, bound)
    case .multiply: arguments.elementwise(HONE_MULTIPLY, bound)
    case .scale(let rule): arguments.elementwise(HONE_SCALE, bound, factor: rule.factor)
    case .accumulate:
      arguments.elementwise(bound.outputs[0].isGradient ? HONE_ACCUMULATE : HONE_SCALE, bound)
    case .addBias: arguments.addBias(bound)
    case .columnSum: arguments.columnSum(bound)
    case .rmsNorm(let rule): arguments.rmsNorm(rule, bound)
    case .rmsNormGradient(let rule): arguments.rmsNormGradient(rule, bound)
    case .rmsNormWeightGradient(let rule): arguments.rmsNormWeightGradient(rule, bound)
    case .rotaryTable(let rule): arguments.rotaryTable(rule, bound)
    case .rotary(let rule): arguments.rotary(rule, bound)
    case .attention(let rule): arguments.attention(rule, bound, seed: seed)
    case .attentionGradient(let rule):
      arguments.attentionGradient(rule, bound, seed: seed)
    case .activation(let rule): arguments.activation(rule.function, bound)
    case .activationGradient(let rule): arguments.activationGradient(rule.function, bound)
    case .gatedActivation(let rule): arguments.activation(rule.function, bound)
    case .gatedActivationGradient(let rule): arguments.activationGradient(rule.function, bound)
    case .dropout(let rule): arguments.dropout(rule, bound, seed: seed)
    case .tokenLoss(let rule): arguments.tokenLoss(rule, bound)
    case .tokenRank: arguments.tokenRank(bound)
    case .valueLoss(let rule): arguments.valueLoss(rule, bound)
    case .selectColumns(let rule): arguments.selectColumns(rule, bound)
    case .placeColumns(let rule): arguments.placeColumns(rule, bound)
    case .updatedNorms(let rule): arguments.updatedNorms(rule, bound)
    case .scaleColumns: arguments.scaleColumns(bound)
    case .scaleColumnsGradient: arguments.scaleColumnsGradient(bound)
    case .patchRows(let rule): arguments.patchRows(rule, bound)
    case .patchRowsGradient(let rule): arguments.patchRowsGradient(rule, bound)
    case .replaceRows(let rule): arguments.replaceRows(rule, bound)
    case .replaceRowsGradient(let rule): arguments.replaceRowsGradient(rule, bound)
    }
  }
}

/// The operands, results and scratch of one operation, all at their addresses.
struct BoundOperation {
  var inputs: [Operand] = []
  var outputs: [Operand] = []
  let scratch: hone_workspace

  init(scratch: hone_workspace) { self.scratch = scratch }
}

/// A kernel with its arguments.
struct Kernel {
  let function: hone_operation
  let arguments: UnsafeRawPointer
  var indices: IndexOperand?
}
