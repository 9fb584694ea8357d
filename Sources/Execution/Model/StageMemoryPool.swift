import Planning
import Tensors

/// The arena and the scratch that all programs of a stage share, as large as the largest needs.
final class StageMemoryPool {
  let arena: AlignedBuffer
  let workspace: AlignedBuffer

  /// Allocates what the plan says of the stage.
  convenience init(
    _ memory: StageMemory, gradients: GradientPlace = .apart
  ) throws(AllocationError) {
    try self.init(
      arenaBytes: memory.activationBytes + (gradients == .arena ? memory.gradientBytes : 0),
      workspaceBytes: memory.workspaceBytes)
  }

  /// Allocates what the largest of `programs` needs.
  convenience init(
    for programs: Program..., parameters: ParameterLayout, backend: any ComputeBackend
  ) throws(AllocationError) {
    try self.init(for: programs, parameters: parameters, backend: backend)
  }

  /// Allocates what the largest of `programs` needs.
  convenience init(
    for programs: [Program], parameters: ParameterLayout, backend: any ComputeBackend,
    gradients: GradientPlace = .apart
  ) throws(AllocationError) {
    let arenas = programs.map {
      Tensors.MemoryLayout($0, parameters: parameters, gradients: gradients).arenaByteCount
    }
    try self.init(
      arenaBytes: arenas.max() ?? 0,
      workspaceBytes: programs.map { backend.workspaceByteCount(for: $0) }.max() ?? 0)
  }

  private init(arenaBytes: Int, workspaceBytes: Int) throws(AllocationError) {
    arena = try AlignedBuffer(byteCount: arenaBytes)
    workspace = try AlignedBuffer(byteCount: workspaceBytes)
  }
}

/// A compiled program with the addresses of what the caller writes and reads.
final class ProgramRunner {
  /// Where a named value lies in the arena, and how many elements it has.
  private struct Place {
    let offset: Int
    let count: Int
  }

  let executable: any Executable
  private let arena: UnsafeMutableRawPointer
  // The program itself is not kept: a stage has one for each shape of its batches.
  private let inputs: [String: Place]
  private let results: [String: Place]

  /// Lays out and compiles `program` over `memory`, whose arena and workspace are those of `pool`.
  ///
  /// - Throws: ``BackendError``, also when the plan foresaw less memory than the program needs.
  init(
    _ program: Program, parameters: ParameterLayout, backend: any ComputeBackend,
    memory: ProgramMemory, pool: StageMemoryPool, gradients: GradientPlace = .apart, seed: UInt64
  ) throws(BackendError) {
    let layout = Tensors.MemoryLayout(program, parameters: parameters, gradients: gradients)
    guard layout.arenaByteCount <= pool.arena.byteCount,
      backend.workspaceByteCount(for: program) <= pool.workspace.byteCount
    else {
      throw .deviceFailure("a program needs more memory than was planned")
    }
    func place(_ id: ValueID) -> Place? {
      guard case .arena(let offset) = layout[id] else { return nil }
      return Place(offset: offset, count: program[id].shape.count)
    }
    inputs = Dictionary(
      program.values.indices.compactMap { index in
        guard case .input(let name) = program.values[index].role else { return nil }
        return place(ValueID(index)).map { (name, $0) }
      }, uniquingKeysWith: { first, _ in first })
    results = Dictionary(
      program.outputs.compactMap { output in place(output.value).map { (output.name, $0) } },
      uniquingKeysWith: { first, _ in first })
    arena = memory.arena
    executable = try backend.compile(program, layout: layout, memory: memory, seed: seed)
  }

  /// The memory of the int32 input called `name`; nil where the program has none.
  func indices(_ name: String) -> UnsafeMutableBufferPointer<Int32>? {
    inputs[name].map { place in
      UnsafeMutableBufferPointer(
        start: (arena + place.offset).assumingMemoryBound(to: Int32.self), count: place.count)
    }
  }

  /// The memory of the float input called `name`; nil where the program has none.
  func floats(_ name: String) -> UnsafeMutableBufferPointer<Float>? {
    inputs[name].map(floats)
  }

  /// The memory of the result called `name`, valid until the next run; nil where there is none.
  func result(_ name: String) -> UnsafeBufferPointer<Float>? {
    results[name].map { UnsafeBufferPointer(floats($0)) }
  }

  private func floats(_ place: Place) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: (arena + place.offset).assumingMemoryBound(to: Float.self), count: place.count)
  }
}
