package import Tensors

/// The slow, obvious backend, the judge of the others: plain loops that sum in Double.
///
/// Each operation reads its operands, computes its whole results aside, then stores them; so a
/// result may share memory with any operand, and only what is stored is rounded to float32.
package struct ReferenceBackend: ComputeBackend {
  package init() {}

  package var capabilities: BackendCapabilities {
    BackendCapabilities(
      name: "reference", weightTypes: [.float32, .bfloat16, .float16, .q80, .q40, .nf4],
      threads: 1)
  }

  package func workspaceByteCount(for program: Program) -> Int { 0 }

  package func compile(
    _ program: Program, layout: MemoryLayout, memory: ProgramMemory, seed: UInt64
  ) throws(BackendError) -> any Executable {
    do { try program.verify() } catch { throw .invalidProgram(error) }
    var steps: [ReferenceStep] = []
    for (position, operation) in program.operations.enumerated() {
      var inputs: [Operand] = []
      for id in operation.inputs { inputs.append(try operand(id, program, layout, memory)) }
      var outputs: [Operand] = []
      for id in operation.outputs { outputs.append(try operand(id, program, layout, memory)) }
      let cleared = layout.clearings.filter { $0.operation == position }.map {
        UnsafeMutableRawBufferPointer(start: memory.arena + $0.offset, count: $0.byteCount)
      }
      steps.append(
        ReferenceStep(kind: operation.kind, inputs: inputs, outputs: outputs, cleared: cleared))
    }
    return ReferenceExecutable(steps: steps, seed: seed)
  }

  private func operand(
    _ id: ValueID, _ program: Program, _ layout: MemoryLayout, _ memory: ProgramMemory
  ) throws(BackendError) -> Operand {
    let value = program[id]
    guard let pointer = try memory.address(layout[id]) else {
      throw .missingMemory(name: value.name ?? "value \(id.index)")
    }
    return Operand(pointer: pointer, type: value.type, accumulates: value.role.isGradient)
  }
}

extension Value {
  /// The name that the caller knows the value by.
  fileprivate var name: String? {
    switch role {
    case .input(let name), .frozen(let name), .trainable(let name), .gradient(let name),
      .state(let name):
      name
    case .intermediate: nil
    }
  }
}

extension ValueRole {
  fileprivate var isGradient: Bool {
    switch self {
    case .gradient: true
    case .input, .frozen, .trainable, .state, .intermediate: false
    }
  }
}
