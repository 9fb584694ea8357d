import Tensors
import Testing

/// Removal of operations that nobody reads, and counting.
@Suite struct PassesTests {
  @Test func deadOperationsGoAndTheirSourcesWithThem() throws {
    var b = ProgramBuilder()
    let x = b.value(.input("x"), ValueType(Shape(2, 2)))
    let used = try b.append(.scale(Scale(2)), [x])[0]
    let source = try b.append(.scale(Scale(3)), [used])[0]
    _ = try b.append(.add(Add()), [source, used])
    b.output("y", used)
    let cleaned = b.program.removingDeadOperations()
    #expect(cleaned.operations == [b.program.operations[0]])
    try cleaned.verify()
  }

  @Test func whatWritesGradientsAndStatesStays() throws {
    var b = ProgramBuilder()
    let x = b.value(.input("x"), ValueType(Shape(2, 2)))
    let doubled = try b.append(.scale(Scale(2)), [x])[0]
    let sink = b.value(.gradient("w"), ValueType(Shape(2, 2)))
    try b.append(.accumulate(Accumulate()), [doubled], into: sink)
    let state = b.value(.state("cache"), ValueType(Shape(4, 2)))
    let slots = b.value(.input("slots"), ValueType(Shape(2), .int32))
    let rows = try b.append(.scale(Scale(3)), [x])[0]
    try b.append(.writeRows(WriteRows()), [state, slots, rows], into: state)
    #expect(b.program.removingDeadOperations() == b.program)
  }

  @Test func oneReadResultKeepsAnOperationOfSeveral() throws {
    var b = ProgramBuilder()
    let x = b.value(.input("x"), ValueType(Shape(2, 2)))
    let w = b.value(.frozen("w"), ValueType(Shape(2)))
    b.output("r", try b.append(.rmsNorm(RMSNorm(epsilon: 1)), [x, w])[1])
    #expect(b.program.removingDeadOperations() == b.program)
  }

  @Test func aMultiplyAndAnAddCountAsTwo() throws {
    var b = ProgramBuilder()
    let x = b.value(.input("x"), ValueType(Shape(3, 5)))
    let w = b.value(.frozen("w"), ValueType(Shape(7, 5)))
    try b.append(.product(Product(transposeB: true)), [x, w])
    #expect(b.program.floatingPointOperations() == 2 * 3 * 5 * 7)
  }

  @Test func theBackwardPassOfLowRankUpdatesCostsAboutAsMuchAsTheForwardPass() throws {
    // Without dropout and with frozen weights, each linear layer's backward is one product of the
    // same size; attention's is two and a half times its forward.
    let model = SampleModel(rows: 64, width: 64, dropoutRate: 0)
    let forward = try model.forward().floatingPointOperations()
    let whole = try model.training().floatingPointOperations()
    #expect(whole > forward * 19 / 10 && whole < forward * 26 / 10)
  }
}
