import BackendConformance
import ReferenceBackend
import Tensors
import Testing

/// What a program or its data can do wrong ends in an error, never in a trap.
@Suite struct BackendErrorTests {
  private func error(
    _ kind: OperationKind, into state: Bool = false,
    _ operands: (inout CaseBuilder) -> [ValueID]
  ) -> BackendError? {
    do {
      var builder = CaseBuilder(seedName: "errors")
      let inputs = operands(&builder)
      if state {
        try builder.replaced(kind, inputs, inputs[0])
      } else {
        try builder.results(kind, inputs)
      }
      let bound = try BoundProgram(
        builder.program.program, contents: builder.contents, on: ReferenceBackend())
      try bound.run()
      return nil
    } catch {
      return error as? BackendError
    }
  }

  @Test(arguments: [Int32(-1), 3, .max, .min])
  func indicesOutsideOfTheirRowsAreErrors(_ index: Int32) {
    let ids = [0, index, 1]
    let expected = { (name: String) in
      BackendError.indexOutOfRange(operation: name, index: Int(index), count: 3)
    }
    #expect(
      error(.embedding(Embedding())) { [$0.weight(Shape(3, 2)), $0.input(Shape(3), ids)] }
        == expected("embedding"))
    #expect(
      error(.gatherRows(GatherRows())) { [$0.input(Shape(3, 2)), $0.input(Shape(3), ids)] }
        == expected("gather-rows"))
    #expect(
      error(.scatterRows(ScatterRows(rows: 3))) {
        [$0.input(Shape(3), ids), $0.input(Shape(3, 2))]
      } == expected("scatter-rows"))
    #expect(
      error(.embeddingGradient(EmbeddingGradient(vocabulary: 3))) {
        [$0.input(Shape(3), ids), $0.input(Shape(3, 2))]
      } == expected("embedding-gradient"))
    #expect(
      error(.writeRows(WriteRows()), into: true) {
        [$0.state(Shape(3, 2)), $0.input(Shape(3), ids), $0.input(Shape(3, 2))]
      } == expected("write-rows"))
  }

  @Test(arguments: [Int32(-2), 5, .max, .min])
  func targetsThatAreNoTokensAreErrors(_ target: Int32) {
    #expect(
      error(.tokenLoss(TokenLoss())) {
        [
          $0.input(Shape(2, 2)), $0.weight(Shape(5, 2)), $0.input(Shape(2), [-1, target]),
          $0.input(Shape(1)),
        ]
      } == .indexOutOfRange(operation: "token-loss", index: Int(target), count: 5))
  }

  @Test(arguments: [(Int32(-1), Int32(2), -1), (0, 4, 4), (5, 9, 5)])
  func rangesBeyondTheKeysAreErrors(_ start: Int32, _ end: Int32, _ index: Int) {
    let rule = Attention(batch: 1, heads: 1, keyValueHeads: 1, headDimension: 2, scale: 1)
    #expect(
      error(.attention(rule)) {
        [
          $0.input(Shape(1, 2)), $0.input(Shape(3, 2)), $0.input(Shape(3, 2)),
          $0.input(Shape(1, 2), [start, end]),
        ]
      } == .indexOutOfRange(operation: "attention", index: index, count: 3))
  }

  @Test func aWeightWithoutMemoryIsAnError() throws {
    var builder = ProgramBuilder()
    let x = builder.value(.input("x"), ValueType(Shape(1, 2)))
    let w = builder.value(.frozen("w"), ValueType(Shape(2)))
    builder.output("y", try builder.append(.addBias(AddBias()), [x, w])[0])
    let layout = MemoryLayout(builder.program, parameters: ParameterLayout([]))
    let arena = try AlignedBuffer(byteCount: layout.arenaByteCount)
    let memory = ProgramMemory(arena: arena.pointer, workspace: arena.pointer)
    #expect(throws: BackendError.missingMemory(name: "w")) {
      try ReferenceBackend().compile(builder.program, layout: layout, memory: memory, seed: 1)
    }
  }

  @Test func memoryThatCannotBeHadIsAnError() {
    for count in [-1, Int.max, 1 << 60] {
      #expect(throws: AllocationError.outOfMemory(byteCount: count)) {
        try AlignedBuffer(byteCount: count)
      }
    }
  }
}
