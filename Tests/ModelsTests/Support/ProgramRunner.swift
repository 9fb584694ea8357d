import Models
import Tensors
import Testing

/// The flat buffers of what is trained, shared by all programs of one adaptation.
final class TrainedWeights {
  let layout: ParameterLayout
  let weights: AlignedBuffer
  let gradients: AlignedBuffer

  /// Makes buffers for `plan` (or none), filled from `values` by name.
  init(_ plan: AdaptationPlan?, _ values: (TrainableParameter) throws -> [Float]) throws {
    layout = plan?.layout ?? ParameterLayout([])
    weights = try AlignedBuffer(byteCount: layout.count * 4)
    gradients = try AlignedBuffer(byteCount: layout.count * 4)
    for parameter in plan?.trainable ?? [] {
      let value = try values(parameter)
      try #require(value.count == parameter.shape.count, "\(parameter.name)")
      let offset = try #require(layout.offset(of: parameter.name))
      for (index, element) in value.enumerated() { weights.floats[offset + index] = element }
    }
  }

  func value(_ name: String, of buffer: AlignedBuffer) throws -> [Float] {
    let entry = try #require(layout.entries.first { $0.name == name })
    return Array(buffer.floats[entry.offset..<entry.offset + entry.shape.count])
  }

  func clearGradients() { gradients.floats.update(repeating: 0) }
}

/// A program compiled over memory of its own.
final class ProgramRunner {
  let program: Program
  private let layout: Tensors.MemoryLayout
  private let arena: AlignedBuffer
  private let workspace: AlignedBuffer
  private var frozen: [AlignedBuffer] = []
  private let states: [AlignedBuffer]
  private let executable: any Executable
  private let trained: TrainedWeights?

  /// Compiles `program` with `weights` for what is frozen.
  convenience init(
    _ program: Program, on backend: any ComputeBackend, weights: [String: [Float]],
    trained: TrainedWeights? = nil, seed: UInt64 = 0
  ) throws {
    var states: [String: AlignedBuffer] = [:]
    try self.init(
      program, on: backend, weights: weights, trained: trained, seed: seed, states: &states)
  }

  /// Compiles `program` over `states`, which other programs may share; those that lack are added.
  init(
    _ program: Program, on backend: any ComputeBackend, weights: [String: [Float]],
    trained: TrainedWeights? = nil, seed: UInt64 = 0, states: inout [String: AlignedBuffer]
  ) throws {
    try program.verify()
    self.program = program
    self.trained = trained
    layout = Tensors.MemoryLayout(program, parameters: trained?.layout ?? ParameterLayout([]))
    arena = try AlignedBuffer(byteCount: layout.arenaByteCount)
    workspace = try AlignedBuffer(byteCount: backend.workspaceByteCount(for: program))
    var memory = ProgramMemory(arena: arena.pointer, workspace: workspace.pointer)
    memory.trainable = trained?.weights.floats.baseAddress
    memory.gradients = trained?.gradients.floats.baseAddress
    for value in program.values {
      switch value.role {
      case .frozen(let name):
        let elements = try #require(weights[name], "\(name)")
        try #require(elements.count == value.shape.count, "\(name)")
        let buffer = try AlignedBuffer(byteCount: value.type.byteCount)
        if value.dtype == .bfloat16 {
          let words = buffer.pointer.assumingMemoryBound(to: UInt16.self)
          for (index, element) in elements.enumerated() {
            words[index] = UInt16(truncatingIfNeeded: element.bitPattern >> 16)
          }
        } else {
          for (index, element) in elements.enumerated() { buffer.floats[index] = element }
        }
        frozen.append(buffer)
        memory.frozen[name] = UnsafeRawPointer(buffer.pointer)
      case .state(let name):
        let buffer = try states[name] ?? AlignedBuffer(byteCount: value.type.byteCount)
        states[name] = buffer
        memory.states[name] = buffer.pointer
      case .input, .trainable, .gradient, .intermediate: continue
      }
    }
    self.states = Array(states.values)
    executable = try backend.compile(program, layout: layout, memory: memory, seed: seed)
  }

  func set(_ input: String, _ values: [Int32]) throws {
    let id = try #require(program.input(input))
    try #require(program[id].shape.count == values.count, "\(input)")
    let pointer = try address(id).assumingMemoryBound(to: Int32.self)
    for (index, value) in values.enumerated() { pointer[index] = value }
  }

  func set(_ input: String, floats values: [Float]) throws {
    let id = try #require(program.input(input))
    try #require(program[id].shape.count == values.count, "\(input)")
    let pointer = try address(id).assumingMemoryBound(to: Float.self)
    for (index, value) in values.enumerated() { pointer[index] = value }
  }

  func set(_ input: String, _ value: Float) throws {
    let id = try #require(program.input(input))
    try address(id).assumingMemoryBound(to: Float.self).pointee = value
  }

  /// Writes tokens, positions and ranges.
  func set(_ batch: TokenBatch) throws {
    try set("tokens", batch.tokens)
    try set("positions", batch.positions)
    try set("ranges", batch.ranges)
  }

  func run(step: UInt64 = 0) throws { try executable.run(randomStep: step) }

  func output(_ name: String) throws -> [Float] {
    let id = try #require(program.output(name))
    let pointer = try address(id).assumingMemoryBound(to: Float.self)
    return Array(UnsafeBufferPointer(start: pointer, count: program[id].shape.count))
  }

  private func address(_ id: ValueID) throws -> UnsafeMutableRawPointer {
    guard case .arena(let offset) = layout[id] else {
      throw TestFailure.notInArena
    }
    return arena.pointer + offset
  }
}

enum TestFailure: Error { case notInArena }
