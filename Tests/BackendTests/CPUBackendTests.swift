import BackendConformance
import CPUBackend
import ReferenceBackend
import Tensors
import Testing

/// What the cpu backend does beyond the table: sizes of several pieces, threads, errors, profiles.
@Suite struct CPUBackendTests {
  /// A program of one operation that is cut into several pieces and blocks.
  struct Large: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let build: @Sendable (inout CaseBuilder) throws -> Void
  }

  static let large: [Large] = [
    Large(testDescription: "tall product") { builder in
      try builder.results(
        .product(Product(transposeB: true)),
        [builder.input(Shape(1100, 33)), builder.weight(Shape(960, 33))])
    },
    Large(testDescription: "wide bfloat16 product with an addend") { builder in
      try builder.results(
        .product(Product(scale: 0.5)),
        [
          builder.input(Shape(530, 40)), builder.weight(Shape(40, 700), .bfloat16),
          builder.input(Shape(530, 700)),
        ])
    },
    Large(testDescription: "transposed bfloat16 product of a few rows") { builder in
      try builder.results(
        .product(Product(transposeB: true)),
        [builder.input(Shape(4, 333)), builder.weight(Shape(300, 333), .bfloat16)])
    },
    Large(testDescription: "gradient of a weight") { builder in
      try builder.accumulated(
        .product(Product(transposeA: true)),
        [builder.input(Shape(300, 200)), builder.input(Shape(300, 150))], Shape(200, 150))
    },
    Large(testDescription: "token loss of several blocks and segments") { builder in
      let targets = builder.indices(600, below: 1300, name: "targets")
      try builder.results(
        .tokenLoss(TokenLoss(gradientOfHidden: true, gradientOfWeight: true)),
        [
          builder.input(Shape(600, 12), deviation: 0.5), builder.weight(Shape(1300, 12)),
          builder.input(Shape(600), targets.enumerated().map { $0 % 7 == 3 ? -1 : $1 }),
          builder.input(Shape(1), [Float(1) / 600]),
        ])
    },
    Large(testDescription: "token loss without gradients in bfloat16") { builder in
      let targets = builder.indices(300, below: 1900, name: "targets")
      try builder.results(
        .tokenLoss(TokenLoss()),
        [
          builder.input(Shape(300, 12), deviation: 0.5),
          builder.weight(Shape(1900, 12), .bfloat16), builder.input(Shape(300), targets),
          builder.input(Shape(1), [Float(1) / 300]),
        ])
    },
  ]

  @Test(arguments: large)
  func manyPiecesGiveWhatTheReferenceGives(_ large: Large) throws {
    let expected = try leavings(large, on: ReferenceBackend())
    let actual = try leavings(large, on: CPUBackend(threads: 3))
    for (a, e) in zip(actual, expected) {
      #expect(differences(a.values, e.values, .sum) == [], "\(a.name)")
    }
  }

  @Test(arguments: large)
  func bytesAreTheSameOnAnyNumberOfThreads(_ large: Large) throws {
    let first = try leavings(large, on: CPUBackend(threads: 1))
    for threads in [2, 3, 5] {
      let other = try leavings(large, on: CPUBackend(threads: threads))
      for (a, b) in zip(first, other) {
        #expect(a.values.map(\.bitPattern) == b.values.map(\.bitPattern), "\(a.name)")
      }
    }
  }

  private func leavings(_ large: Large, on backend: any ComputeBackend) throws
    -> [(name: String, values: [Float])]
  {
    var builder = CaseBuilder(seedName: large.testDescription)
    try large.build(&builder)
    let bound = try BoundProgram(
      builder.program.program, contents: builder.contents, on: backend)
    try bound.run(gradientsBefore: 0.5)
    #expect(bound.damages == [])
    return bound.leavings
  }

  @Test func causalAttentionOverSeveralBlocksMatchesTheReference() throws {
    func run(_ backend: any ComputeBackend) throws -> [(name: String, values: [Float])] {
      var builder = CaseBuilder(seedName: "attention")
      let (rows, width) = (200, 8)
      // Two packed sequences of 130 and 70 tokens.
      let ranges = (0..<rows).flatMap { [Int32($0 < 130 ? 0 : 130), Int32($0 + 1)] }
      let attention = Attention(
        batch: 1, heads: 4, keyValueHeads: 2, headDimension: width, scale: 0.6)
      let inputs = [
        builder.input(Shape(rows, 4 * width)), builder.input(Shape(rows, 2 * width)),
        builder.input(Shape(rows, 2 * width)), builder.input(Shape(rows, 2), ranges),
      ]
      let outputs = try builder.results(.attention(attention), inputs)
      let slope = builder.input(Shape(rows, 4 * width))
      try builder.results(
        .attentionGradient(AttentionGradient(forward: attention)), inputs + outputs + [slope])
      let bound = try BoundProgram(
        builder.program.program, contents: builder.contents, on: backend)
      try bound.run()
      return bound.leavings
    }
    let expected = try run(ReferenceBackend())
    for (actual, expected) in zip(try run(CPUBackend(threads: 2)), expected) {
      #expect(differences(actual.values, expected.values, .sum) == [], "\(actual.name)")
    }
  }

  @Test func thousandsOfShortJobsLoseNoPiece() throws {
    // Each step doubles every element; a piece done twice or never shows in the result.
    var builder = CaseBuilder(seedName: "stress")
    let count = 16384 * 5 + 3
    var x = builder.input(Shape(count), (0..<count).map { Float($0 % 3 + 1) })
    for _ in 0..<20 { x = try builder.prepare(.add(Add()), [x, x])[0] }
    try builder.results(.scale(Scale(0x1p-20)), [x])
    let bound = try BoundProgram(
      builder.program.program, contents: builder.contents, on: CPUBackend(threads: 4))
    let expected = (0..<count).map { Float($0 % 3 + 1) }
    for _ in 0..<100 {
      try bound.run()
      guard bound.leavings[0].values == expected else {
        Issue.record("a piece was lost or done twice")
        return
      }
    }
  }

  @Test func callersOnSeveralThreadsShareOneBackend() async throws {
    let backend = CPUBackend(threads: 3)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<4 {
        group.addTask {
          var builder = CaseBuilder(seedName: "shared")
          let x = builder.input(
            Shape(300, 64), [Float](repeating: Float(task + 1), count: 300 * 64))
          try builder.results(.columnSum(ColumnSum()), [x])
          let bound = try BoundProgram(
            builder.program.program, contents: builder.contents, on: backend)
          for _ in 0..<50 {
            try bound.run()
            let sums = bound.leavings[0].values
            guard sums.allSatisfy({ $0 == Float(300 * (task + 1)) }) else { return false }
          }
          return true
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test func anIndexOutOfRangeIsAnErrorBeforeAnythingIsWritten() throws {
    func failure(
      _ kind: OperationKind, _ operands: (inout CaseBuilder) -> [ValueID]
    ) throws -> BackendError? {
      var builder = CaseBuilder(seedName: "indices")
      try builder.results(kind, operands(&builder))
      let bound = try BoundProgram(
        builder.program.program, contents: builder.contents, on: CPUBackend(threads: 2))
      do {
        try bound.run()
        return nil
      } catch {
        // The arena starts as NaN.
        #expect(bound.leavings.allSatisfy { $0.values.allSatisfy(\.isNaN) })
        return error as? BackendError
      }
    }
    #expect(
      try failure(.embedding(Embedding())) {
        [$0.weight(Shape(3, 2)), $0.input(Shape(3), [Int32(0), 3, 1])]
      } == .indexOutOfRange(operation: "embedding", index: 3, count: 3))
    #expect(
      try failure(.scatterRows(ScatterRows(rows: 3))) {
        [$0.input(Shape(3), [Int32(0), -1, 1]), $0.input(Shape(3, 2))]
      } == .indexOutOfRange(operation: "scatter-rows", index: -1, count: 3))
    #expect(
      try failure(.tokenLoss(TokenLoss(gradientOfHidden: true))) {
        [
          $0.input(Shape(2, 2)), $0.weight(Shape(5, 2)), $0.input(Shape(2), [Int32(-1), -2]),
          $0.input(Shape(1), [Float(1)]),
        ]
      } == .indexOutOfRange(operation: "token-loss", index: -2, count: 5))
    let attention = Attention(batch: 1, heads: 1, keyValueHeads: 1, headDimension: 2, scale: 1)
    #expect(
      try failure(.attention(attention)) {
        [
          $0.input(Shape(2, 2)), $0.input(Shape(4, 2)), $0.input(Shape(4, 2)),
          $0.input(Shape(2, 2), [Int32(3), 2, 2, 5]),
        ]
      } == .indexOutOfRange(operation: "attention", index: 5, count: 4))
  }

  @Test func aProfileCountsCallsAndOperations() throws {
    var builder = CaseBuilder(seedName: "profile")
    let x = builder.input(Shape(16, 16))
    let y = try builder.results(.product(Product()), [x, builder.weight(Shape(16, 16))])[0]
    try builder.results(.add(Add()), [x, y])
    let program = builder.program.program
    let layout = MemoryLayout(program, parameters: ParameterLayout([]))
    let profile = OperationProfile()
    let backend = CPUBackend(threads: 1, profile: profile)
    let arena = try AlignedBuffer(byteCount: layout.arenaByteCount)
    let workspace = try AlignedBuffer(byteCount: backend.workspaceByteCount(for: program))
    let weight = try AlignedBuffer(byteCount: 4 * 256)
    var memory = ProgramMemory(arena: arena.pointer, workspace: workspace.pointer)
    for value in program.values {
      if case .frozen(let name) = value.role { memory.frozen[name] = .init(weight.pointer) }
    }
    let executable = try backend.compile(program, layout: layout, memory: memory, seed: 1)
    #expect(profile.take().isEmpty)
    for _ in 0..<3 { try executable.run(randomStep: 0) }
    let entries = profile.take()
    let product = entries.first { $0.operation == "product 16 × 16 × 16" }
    #expect(product?.calls == 3)
    #expect(product?.floatingPointOperations == 3 * 2 * 16 * 16 * 16)
    #expect(product?.byteCount == 3 * 3 * 4 * 256)
    #expect(entries.map(\.operation).sorted() == ["add", "product 16 × 16 × 16"])
    #expect(profile.take().isEmpty)
  }

  @Test func aProfileCountsTheArithmeticThatWasDone() throws {
    func operations(
      _ kind: OperationKind, _ operands: (inout CaseBuilder) -> [ValueID]
    ) throws -> Int? {
      var builder = CaseBuilder(seedName: "shares")
      try builder.results(kind, operands(&builder))
      let profile = OperationProfile()
      let backend = CPUBackend(threads: 1, profile: profile)
      try BoundProgram(builder.program.program, contents: builder.contents, on: backend).run()
      return profile.take().first?.floatingPointOperations
    }
    // Four rows by two columns by five tokens, of which one row has a target.
    #expect(
      try operations(.tokenLoss(TokenLoss(gradientOfHidden: true))) {
        [
          $0.input(Shape(4, 2)), $0.weight(Shape(5, 2)),
          $0.input(Shape(4), [Int32(-1), 3, -1, -1]),
          $0.input(Shape(1), [Float(1)]),
        ]
      } == 2 * 2 * 2 * 5)
    // Four queries that see 1, 2, 1 and 2 keys: two rows of two tokens. Two products of width 2.
    func attention(_ window: Int?) -> OperationKind {
      .attention(
        Attention(
          batch: 1, heads: 1, keyValueHeads: 1, headDimension: 2, scale: 1, window: window))
    }
    let rows = [Int32(0), 1, 0, 2, 2, 3, 2, 4]
    for (window, seen) in [(nil, 6), (1, 4)] {
      #expect(
        try operations(attention(window)) {
          [
            $0.input(Shape(4, 2)), $0.input(Shape(4, 2)), $0.input(Shape(4, 2)),
            $0.input(Shape(4, 2), rows),
          ]
        } == 2 * 2 * 2 * seen)
    }
  }

  @Test func weightsNeedNoMoreThanTheirElementsAlignment() throws {
    // As in a memory-mapped file: two bytes past a multiple of 64.
    var builder = ProgramBuilder()
    let x = builder.value(.input("x"), ValueType(Shape(5, 40)))
    let w = builder.value(.frozen("w"), ValueType(Shape(40, 40), .bfloat16))
    let ids = builder.value(.input("ids"), ValueType(Shape(5), .int32))
    builder.output(
      "y", try builder.append(.product(Product(transposeB: true)), [x, w])[0])
    builder.output("rows", try builder.append(.embedding(Embedding()), [w, ids])[0])
    let program = builder.program
    let layout = MemoryLayout(program, parameters: ParameterLayout([]))
    let backend = CPUBackend(threads: 2)
    let arena = try AlignedBuffer(byteCount: layout.arenaByteCount)
    let workspace = try AlignedBuffer(byteCount: backend.workspaceByteCount(for: program))
    let file = try AlignedBuffer(byteCount: 2 + 2 * 1600)
    for index in 0..<1600 {
      let one = UInt16(truncatingIfNeeded: Float(1).bitPattern >> 16)
      file.pointer.storeBytes(of: one, toByteOffset: 2 + 2 * index, as: UInt16.self)
    }
    let memory = ProgramMemory(
      frozen: ["w": UnsafeRawPointer(file.pointer + 2)], arena: arena.pointer,
      workspace: workspace.pointer)
    let executable = try backend.compile(program, layout: layout, memory: memory, seed: 1)
    let input = try floats(x, 200, memory, layout)
    for index in 0..<200 { input[index] = 0.5 }
    try executable.run(randomStep: 0)
    let y = try floats(try #require(program.output("y")), 200, memory, layout)
    let rows = try floats(try #require(program.output("rows")), 200, memory, layout)
    #expect(y.allSatisfy { $0 == 20 })
    #expect(rows.allSatisfy { $0 == 1 })
  }

  private func floats(
    _ id: ValueID, _ count: Int, _ memory: ProgramMemory, _ layout: MemoryLayout
  ) throws -> UnsafeMutableBufferPointer<Float> {
    let pointer = try #require(try memory.address(layout[id]))
    return UnsafeMutableBufferPointer(
      start: pointer.assumingMemoryBound(to: Float.self), count: count)
  }
}
