#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

package import Tensors

/// A program with memory of its own, filled and compiled, ready to run and to be read.
///
/// The arena starts as NaN, so that what is read before it is written shows; a margin behind each
/// buffer shows writes beyond its end.
package final class BoundProgram {
  package let program: Program
  package let layout: MemoryLayout
  private let parameters: ParameterLayout
  private let contents: [String: Contents]
  private let arena: AlignedBuffer
  private let workspace: AlignedBuffer
  private let trainable: AlignedBuffer
  private let gradients: AlignedBuffer
  private let gradientPlace: GradientPlace
  private let buffers: [String: AlignedBuffer]
  private let executable: any Executable

  private static let margin = 256
  private static let marginByte: UInt8 = 0xA5

  /// Lays out, allocates and compiles; what `contents` does not name is zero.
  ///
  /// - Throws: ``BackendError`` or ``AllocationError``.
  package init(
    _ program: Program, contents: [String: Contents], on backend: any ComputeBackend,
    gradients place: GradientPlace = .apart, seed: UInt64 = 7
  ) throws {
    self.program = program
    gradientPlace = place
    self.contents = contents
    parameters = ParameterLayout(
      program.values.compactMap { value in
        if case .trainable(let name) = value.role { (name, value.shape) } else { nil }
      })
    layout = MemoryLayout(program, parameters: parameters, gradients: place)
    arena = try Self.buffer(layout.arenaByteCount)
    workspace = try Self.buffer(backend.workspaceByteCount(for: program))
    trainable = try Self.buffer(parameters.count * 4)
    gradients = try Self.buffer(parameters.count * 4)
    var memory = ProgramMemory(
      trainable: trainable.floats.baseAddress,
      gradients: (place == .arena ? arena : gradients).floats.baseAddress,
      arena: arena.pointer, workspace: workspace.pointer)
    var buffers: [String: AlignedBuffer] = [:]
    for value in program.values {
      switch value.role {
      case .frozen(let name):
        let buffer = try Self.buffer(value.type.byteCount)
        (buffers[name], memory.frozen[name]) = (buffer, UnsafeRawPointer(buffer.pointer))
      case .state(let name):
        let buffer = try Self.buffer(value.type.byteCount)
        (buffers[name], memory.states[name]) = (buffer, buffer.pointer)
      case .input, .trainable, .gradient, .intermediate: continue
      }
    }
    self.buffers = buffers
    executable = try backend.compile(program, layout: layout, memory: memory, seed: seed)
  }

  /// Runs once from the contents that the program started with.
  ///
  /// - Throws: ``BackendError`` when the run fails.
  package func run(randomStep: UInt64 = 3, gradientsBefore: Float = 0) throws {
    arena.pointer.initializeMemory(as: UInt8.self, repeating: 0xFF, count: layout.arenaByteCount)
    for index in 0..<parameters.count { gradients.floats[index] = gradientsBefore }
    for id in program.values.indices.map(ValueID.init) {
      guard let name = Self.givenName(program[id].role), let pointer = pointer(id) else { continue }
      Self.store(contents[name], program[id].type, at: pointer)
    }
    try executable.run(randomStep: randomStep)
  }

  /// Changes one trainable weight before the next run of ``rerun(randomStep:)``.
  package func withTrainable(_ name: String, _ index: Int, plus delta: Float) -> (() -> Void)? {
    guard let offset = parameters.offset(of: name) else { return nil }
    let before = trainable.floats[offset + index]
    trainable.floats[offset + index] = before + delta
    return { [trainable] in trainable.floats[offset + index] = before }
  }

  /// Runs once more on what the memory holds now.
  ///
  /// - Throws: ``BackendError`` when the run fails.
  package func rerun(randomStep: UInt64 = 3) throws { try executable.run(randomStep: randomStep) }

  /// The numbers of the result called `name`; empty when there is none.
  package func output(_ name: String) -> [Float] {
    program.output(name).map { numbers(of: $0) } ?? []
  }

  /// Everything a run leaves behind for the caller: results, gradients, states, by name.
  package var leavings: [(name: String, values: [Float])] {
    var all = program.outputs.map { (name: $0.name, values: numbers(of: $0.value)) }
    for id in program.values.indices.map(ValueID.init) {
      switch program[id].role {
      case .gradient(let name): all.append(("gradient of \(name)", numbers(of: id)))
      case .state(let name): all.append(("state \(name)", numbers(of: id)))
      case .input, .frozen, .trainable, .intermediate: continue
      }
    }
    return all
  }

  /// The size of the trainable weight `name`, zero when there is none.
  package func elementCount(ofTrainable name: String) -> Int {
    parameters.entries.first { $0.name == name }?.shape.count ?? 0
  }

  /// The gradient of the trainable weight `name`.
  package func gradient(of name: String) -> [Float] {
    guard let index = program.values.firstIndex(where: { $0.role == .gradient(name) }) else {
      return []
    }
    return numbers(of: ValueID(index))
  }

  /// What a run must not have touched and has: inputs, weights, margins.
  package var damages: [String] {
    var found: [String] = []
    for id in program.values.indices.map(ValueID.init) {
      let name: String
      switch program[id].role {
      case .input(let given), .frozen(let given), .trainable(let given): name = given
      case .gradient, .state, .intermediate: continue
      }
      guard let pointer = pointer(id) else { continue }
      let count = program[id].type.byteCount
      let expected = UnsafeMutableRawPointer.allocate(byteCount: max(count, 4), alignment: 64)
      defer { expected.deallocate() }
      Self.store(contents[name], program[id].type, at: expected)
      if memcmp(expected, pointer, count) != 0 { found.append("`\(name)` was written to") }
    }
    let named = [
      ("the arena", arena), ("the workspace", workspace), ("the weights", trainable),
      ("the gradients", gradients),
    ]
    for (name, buffer) in named
      + buffers.sorted(by: { $0.key < $1.key }).map({ ($0.key, $0.value) })
    {
      let end = buffer.byteCount - Self.margin
      let isIntact = (end..<buffer.byteCount).allSatisfy {
        buffer.pointer.load(fromByteOffset: $0, as: UInt8.self) == Self.marginByte
      }
      if !isIntact { found.append("something was written behind \(name)") }
    }
    return found
  }

  private func pointer(_ id: ValueID) -> UnsafeMutableRawPointer? {
    switch layout[id] {
    case .frozen(let name), .state(let name): buffers[name]?.pointer
    case .trainable(let offset): trainable.pointer + 4 * offset
    case .gradient(let offset):
      (gradientPlace == .arena ? arena : gradients).pointer + 4 * offset
    case .arena(let offset): arena.pointer + offset
    case .unused: nil
    }
  }

  private func numbers(of id: ValueID) -> [Float] {
    guard let pointer = pointer(id) else { return [] }
    let start = pointer.assumingMemoryBound(to: Float.self)
    return Array(UnsafeBufferPointer(start: start, count: program[id].shape.count))
  }

  private static func givenName(_ role: ValueRole) -> String? {
    switch role {
    case .input(let name), .frozen(let name), .trainable(let name), .state(let name): name
    case .gradient, .intermediate: nil
    }
  }

  private static func buffer(_ byteCount: Int) throws(AllocationError) -> AlignedBuffer {
    let buffer = try AlignedBuffer(byteCount: byteCount + margin)
    (buffer.pointer + byteCount).initializeMemory(
      as: UInt8.self, repeating: marginByte, count: margin)
    return buffer
  }

  private static func store(
    _ contents: Contents?, _ type: ValueType, at pointer: UnsafeMutableRawPointer
  ) {
    switch contents {
    case .integers(let values):
      pointer.copyMemory(from: values, byteCount: min(4 * values.count, type.byteCount))
    case .floats(let values) where type.dtype == .bfloat16:
      for (index, value) in values.enumerated() {
        let bits = value.bitPattern
        let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
        pointer.storeBytes(of: UInt16(rounded), toByteOffset: 2 * index, as: UInt16.self)
      }
    case .floats(let values) where type.dtype.isQuantised:
      BlockCodec.encode(type.dtype, values, values.count, into: pointer)
    case .floats(let values):
      pointer.copyMemory(from: values, byteCount: min(4 * values.count, type.byteCount))
    case nil: memset(pointer, 0, type.byteCount)
    }
  }
}
