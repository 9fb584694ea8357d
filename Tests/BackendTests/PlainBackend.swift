import Tensors

/// The small backend of docs/adding-a-backend.md: four operations in float32, one thread.
struct PlainBackend: ComputeBackend {
  let capabilities = BackendCapabilities(
    name: "plain", weightTypes: [.float32, .bfloat16], threads: 1)

  func workspaceByteCount(for program: Program) -> Int { 0 }

  func compile(
    _ program: Program, layout: MemoryLayout, memory: ProgramMemory, seed: UInt64
  ) throws(BackendError) -> any Executable {
    do { try program.verify() } catch { throw .invalidProgram(error) }
    var steps: [PlainExecutable.Step] = []
    for (position, operation) in program.operations.enumerated() {
      for clearing in layout.clearings where clearing.operation == position {
        let start = memory.arena + clearing.offset
        steps.append {
          start.initializeMemory(as: UInt8.self, repeating: 0, count: clearing.byteCount)
        }
      }
      let binding = Binding(program: program, layout: layout, memory: memory, operation: operation)
      steps.append(try step(operation.kind, binding))
    }
    return PlainExecutable(steps: steps)
  }

  private func step(
    _ kind: OperationKind, _ binding: Binding
  ) throws(BackendError) -> PlainExecutable.Step {
    switch kind {
    case .add: return try elementwise(binding) { $0 + $1 }
    case .multiply: return try elementwise(binding) { $0 * $1 }
    case .scale(let rule): return try scale(rule, binding)
    case .product(let rule): return try product(rule, binding)
    case .embedding, .embeddingGradient, .accumulate, .addBias, .columnSum, .rmsNorm,
      .rmsNormGradient, .rmsNormWeightGradient, .rotaryTable, .rotary, .attention,
      .attentionGradient, .activation, .activationGradient, .gatedActivation,
      .gatedActivationGradient, .dropout, .tokenLoss, .tokenRank, .valueLoss, .gatherRows,
      .scatterRows, .writeRows, .selectColumns, .placeColumns, .updatedNorms, .scaleColumns,
      .scaleColumnsGradient, .patchRows, .patchRowsGradient, .replaceRows, .replaceRowsGradient:
      throw .unsupported(operation: kind.name, reason: "the plain backend has four operations")
    }
  }

  private func elementwise(
    _ binding: Binding, _ function: @escaping (Float, Float) -> Float
  ) throws(BackendError) -> PlainExecutable.Step {
    let (a, b) = (try binding.input(0), try binding.input(1))
    let y = try binding.output(0)
    return {
      for index in 0..<y.count { y.store(function(a[index], b[index]), at: index) }
    }
  }

  private func scale(
    _ rule: Scale, _ binding: Binding
  ) throws(BackendError) -> PlainExecutable.Step {
    let (x, y) = (try binding.input(0), try binding.output(0))
    return {
      for index in 0..<y.count { y.store(rule.factor * x[index], at: index) }
    }
  }

  private func product(
    _ rule: Product, _ binding: Binding
  ) throws(BackendError) -> PlainExecutable.Step {
    let (a, b, c) = (try binding.input(0), try binding.input(1), try binding.output(0))
    let addend = binding.operation.inputs.count == 3 ? try binding.input(2) : nil
    let sizes = rule.extents(a.shape, b.shape)
    return {
      for m in 0..<sizes.m {
        for n in 0..<sizes.n {
          var sum: Float = 0
          for k in 0..<sizes.k {
            let left = rule.transposeA ? a[k * sizes.m + m] : a[m * sizes.k + k]
            let right = rule.transposeB ? b[n * sizes.k + k] : b[k * sizes.n + n]
            sum += left * right
          }
          let index = m * sizes.n + n
          // The addend may lie where the result goes: it is read first, element by element.
          c.store(rule.scale * sum + (addend?[index] ?? 0), at: index)
        }
      }
    }
  }
}

/// The steps of a program, run in order.
final class PlainExecutable: Executable {
  typealias Step = () -> Void

  private let steps: [Step]

  init(steps: [Step]) { self.steps = steps }

  func run(randomStep: UInt64) throws(BackendError) {
    for step in steps { step() }
  }
}

/// One operation of a program with the memory its values lie in.
struct Binding {
  let program: Program
  let layout: MemoryLayout
  let memory: ProgramMemory
  let operation: Tensors.Operation

  func input(_ index: Int) throws(BackendError) -> Slice { try slice(operation.inputs[index]) }

  func output(_ index: Int) throws(BackendError) -> Slice { try slice(operation.outputs[index]) }

  private func slice(_ id: ValueID) throws(BackendError) -> Slice {
    guard let pointer = try memory.address(layout[id]) else {
      throw .missingMemory(name: "value \(id.index)")
    }
    let isGradient: Bool = if case .gradient = program[id].role { true } else { false }
    return Slice(pointer: pointer, type: program[id].type, accumulates: isGradient)
  }
}

/// The elements of one value.
struct Slice {
  let pointer: UnsafeMutableRawPointer
  let type: ValueType
  let accumulates: Bool

  var shape: Shape { type.shape }
  var count: Int { type.shape.count }

  subscript(index: Int) -> Float {
    guard type.dtype == .bfloat16 else {
      return pointer.load(fromByteOffset: 4 * index, as: Float.self)
    }
    let bits = pointer.load(fromByteOffset: 2 * index, as: UInt16.self)
    return Float(bitPattern: UInt32(bits) << 16)
  }

  /// Stores `value`, or adds it where the result is a gradient.
  func store(_ value: Float, at index: Int) {
    let sum = accumulates ? self[index] + value : value
    pointer.storeBytes(of: sum, toByteOffset: 4 * index, as: Float.self)
  }
}
