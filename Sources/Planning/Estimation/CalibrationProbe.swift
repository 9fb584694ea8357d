import Tensors

/// A small program of real operations whose time says what a kind of work takes.
struct CalibrationProbe {
  let program: Program
  /// What is in it.
  var cost: StageCost { StageCost(program) }

  /// The product of `(rows, inner)` with a matrix `(columns, inner)` of `type`.
  static func product(
    rows: Int, inner: Int, columns: Int, type: DType = .float32
  ) throws(ProgramError) -> CalibrationProbe {
    var builder = ProgramBuilder()
    let x = builder.value(.input("x"), ValueType(Shape(rows, inner)))
    let weight = builder.value(.frozen("w"), ValueType(Shape(columns, inner), type))
    builder.output(
      "y", try builder.append(.product(Product(transposeB: true)), [x, weight])[0])
    return CalibrationProbe(program: builder.program)
  }

  /// A chain of `count` operations of `kind`, each on the result of the one before.
  static func chain(
    _ kind: OperationKind, rows: Int, columns: Int, count: Int = 1, operands: Int = 1
  ) throws(ProgramError) -> CalibrationProbe {
    var builder = ProgramBuilder()
    let x = builder.value(.input("x"), ValueType(Shape(rows, columns)))
    var y = x
    for _ in 0..<count {
      y = try builder.append(kind, [y] + Array(repeating: x, count: operands - 1))[0]
    }
    builder.output("y", y)
    return CalibrationProbe(program: builder.program)
  }

  /// Causal attention over one row of `length` positions.
  static func attention(
    length: Int, heads: Int, headDimension: Int
  ) throws(ProgramError) -> CalibrationProbe {
    var builder = ProgramBuilder()
    let type = ValueType(Shape(length, heads * headDimension))
    let operands = ["q", "k", "v"].map { builder.value(.input($0), type) }
    let ranges = builder.value(.input("ranges"), ValueType(Shape(length, 2), .int32))
    let attention = Attention(
      batch: 1, heads: heads, keyValueHeads: heads, headDimension: headDimension, scale: 0.1)
    builder.output(
      "y", try builder.append(.attention(attention), operands + [ranges])[0])
    return CalibrationProbe(program: builder.program)
  }
}

/// A probe that is compiled, over buffers of its own.
struct CompiledProbe {
  let cost: StageCost
  private let executable: any Executable
  /// Held as long as the executable runs over them.
  private let buffers: [AlignedBuffer]

  /// Compiles `probe`, its ranges causal.
  ///
  /// - Throws: ``BackendError`` or ``AllocationError``.
  init(_ probe: CalibrationProbe, _ backend: any ComputeBackend) throws {
    let program = probe.program
    cost = probe.cost
    let layout = Tensors.MemoryLayout(program, parameters: ParameterLayout([]))
    let arena = try AlignedBuffer(byteCount: layout.arenaByteCount)
    let workspace = try AlignedBuffer(byteCount: backend.workspaceByteCount(for: program))
    var buffers = [arena, workspace]
    Self.fill(arena)
    var memory = ProgramMemory(arena: arena.pointer, workspace: workspace.pointer)
    for (index, value) in program.values.enumerated() {
      if case .frozen(let name) = value.role {
        let buffer = try AlignedBuffer(byteCount: value.type.byteCount)
        Self.fill(buffer)
        buffers.append(buffer)
        memory.frozen[name] = UnsafeRawPointer(buffer.pointer)
      }
      if value.dtype == .int32, case .arena(let offset) = layout[ValueID(index)] {
        let ranges = (arena.pointer + offset).assumingMemoryBound(to: Int32.self)
        for row in 0..<value.shape.count / 2 {
          ranges[2 * row] = 0
          ranges[2 * row + 1] = Int32(row + 1)
        }
      }
    }
    self.buffers = buffers
    executable = try backend.compile(program, layout: layout, memory: memory, seed: 0)
  }

  /// Touches every page, which would otherwise all be one page of zeros; as bfloat16 the number is
  /// itself and a zero.
  private static func fill(_ buffer: AlignedBuffer) {
    buffer.floats.update(repeating: 0x1p-7)
  }

  /// Runs it once.
  ///
  /// - Throws: ``BackendError`` when the device fails.
  func run() throws(BackendError) {
    defer { withExtendedLifetime(buffers) {} }
    try executable.run(randomStep: 0)
  }
}
