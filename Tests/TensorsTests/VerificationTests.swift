import Tensors
import Testing

/// What is no program is refused: by the builder where operands do not fit, by `verify` otherwise.
@Suite struct VerificationTests {
  private let matrix = ValueType(Shape(2, 3))

  private func error(_ build: (inout ProgramBuilder) throws -> Void) -> ProgramError? {
    do {
      var builder = ProgramBuilder()
      try build(&builder)
      try builder.program.verify()
      return nil
    } catch {
      return error as? ProgramError
    }
  }

  @Test func aProgramOfItsOwnRulesIsAccepted() throws {
    try SampleModel().forward().verify()
    try SampleModel().training().verify()
    for seed in 0..<20 { try RandomProgram(seed: UInt64(seed)).program().verify() }
  }

  @Test func operandsAreCounted() {
    let found = error { b in try b.append(.add(Add()), [b.value(.input("x"), matrix)]) }
    #expect(found == .operandCount(operation: "add", expected: 2, actual: 1))
  }

  @Test func shapesMustFit() {
    let found = error { b in
      let other = b.value(.input("y"), ValueType(Shape(3, 2)))
      try b.append(.add(Add()), [b.value(.input("x"), matrix), other])
    }
    #expect(found == .shapeMismatch(operation: "add", Shape(2, 3), Shape(3, 2)))
  }

  @Test func ranksMustFit() {
    let found = error { b in
      let x = b.value(.input("x"), ValueType(Shape(6)))
      try b.append(.columnSum(ColumnSum()), [x])
    }
    #expect(found == .rankMismatch(operation: "column-sum", expected: 2, actual: 1))
  }

  @Test func dtypesMustFit() {
    let found = error { b in
      let x = b.value(.input("x"), ValueType(Shape(2, 3), .bfloat16))
      try b.append(.scale(Scale(2)), [x])
    }
    #expect(found == .dtypeMismatch(operation: "scale", expected: .float32, actual: .bfloat16))
  }

  @Test(arguments: [Float(1), -0.1, .nan]) func dropoutRatesLieBelowOne(_ rate: Float) {
    let found = error { b in
      let x = b.value(.input("x"), matrix)
      try b.append(.dropout(Dropout(rate: rate, stream: "d")), [x])
    }
    guard case .invalidAttribute("dropout", _) = found else {
      Issue.record("accepted \(rate)")
      return
    }
  }

  @Test(arguments: [(0, 2, 1), (1, 3, 2), (1, 2, 0), (2, 2, 1)])
  func headsAndBatchesMustDivide(_ batch: Int, _ heads: Int, _ groups: Int) {
    let found = error { b in
      let q = b.value(.input("q"), ValueType(Shape(3, 2 * heads)))
      let k = b.value(.input("k"), ValueType(Shape(3, 2 * groups)))
      let ranges = b.value(.input("ranges"), ValueType(Shape(3, 2), .int32))
      let rule = Attention(
        batch: batch, heads: heads, keyValueHeads: groups, headDimension: 2, scale: 1)
      try b.append(.attention(rule), [q, k, k, ranges])
    }
    guard case .invalidAttribute("attention", _) = found else {
      Issue.record("accepted batch \(batch), heads \(heads)/\(groups)")
      return
    }
  }

  @Test func aValueIsWrittenBeforeItIsRead() {
    let found = error { b in
      try b.append(.scale(Scale(2)), [b.value(.intermediate, matrix)])
    }
    #expect(found == .readBeforeWrite(operation: "scale", value: 0))
    let result = error { b in b.output("y", b.value(.intermediate, matrix)) }
    #expect(result == .readBeforeWrite(operation: "output y", value: 0))
  }

  @Test func aGradientIsNotRead() {
    let found = error { b in
      try b.append(.scale(Scale(2)), [b.value(.gradient("w"), matrix)])
    }
    #expect(found == .readBeforeWrite(operation: "scale", value: 0))
  }

  @Test func aValueIsWrittenOnce() {
    let found = error { b in
      let x = b.value(.input("x"), matrix)
      let y = try b.append(.scale(Scale(2)), [x])[0]
      try b.append(.scale(Scale(3)), [x], into: y)
    }
    #expect(found == .writtenTwice(operation: "scale", value: 1))
  }

  @Test(arguments: [
    ValueRole.input("y"), .frozen("y"), .trainable("y"), .state("y"), .gradient("y"),
  ])
  func onlyTheRightOperationsWriteWhatIsNotTheirs(_ role: ValueRole) {
    let found = error { b in
      let x = b.value(.input("x"), matrix)
      try b.append(.scale(Scale(2)), [x], into: b.value(role, matrix))
    }
    #expect(found == .writesForeignValue(operation: "scale", value: 1))
  }

  @Test func aStateIsReplacedByItsOwnRowsOnly() {
    func writing(to role: ValueRole) -> ProgramError? {
      error { b in
        let state = b.value(.state("cache"), matrix)
        let slots = b.value(.input("slots"), ValueType(Shape(1), .int32))
        let rows = b.value(.input("rows"), ValueType(Shape(1, 3)))
        let target = b.value(role, matrix)
        try b.append(.writeRows(WriteRows()), [state, slots, rows], into: target)
      }
    }
    #expect(writing(to: .state("cache")) == nil)
    #expect(writing(to: .state("other")) == .writesForeignValue(operation: "write-rows", value: 3))
    #expect(writing(to: .intermediate) == .writesForeignValue(operation: "write-rows", value: 3))
  }

  @Test func whatAnOperationWritesHasTheTypeOfItsRule() {
    let found = error { b in
      let x = b.value(.input("x"), matrix)
      let sink = b.value(.gradient("w"), ValueType(Shape(3, 2)))
      try b.append(.accumulate(Accumulate()), [x], into: sink)
    }
    #expect(
      found == .typeMismatch(operation: "accumulate", expected: Shape(2, 3), actual: Shape(3, 2)))
  }

  @Test func whatTheOptimizerWalksIsFloat32() {
    let found = error { b in _ = b.value(.trainable("w"), ValueType(Shape(2), .bfloat16)) }
    #expect(found == .dtypeMismatch(operation: "train w", expected: .float32, actual: .bfloat16))
  }

  @Test func aWeightThatBecomesTrainableBecomesFloat32() {
    var b = ProgramBuilder()
    let w = b.value(.frozen("w"), ValueType(Shape(2, 3), .bfloat16))
    b.makeTrainable("w")
    b.makeTrainable("unknown")
    #expect(b.program[w].role == .trainable("w"))
    #expect(b.program[w].type == matrix)
    #expect(b.existing(.trainable("w")) == w)
    #expect(b.existing(.frozen("w")) == nil)
  }

  @Test func anExtentOfRotationsIsPairs() {
    let found = error { b in
      let x = b.value(.input("x"), ValueType(Shape(2, 3)))
      try b.append(.rotary(Rotary()), [x, b.value(.input("t"), ValueType(Shape(2, 3)))])
    }
    #expect(found == .shapeMismatch(operation: "rotary", Shape(2, 3), Shape(2, 3)))
  }
}
