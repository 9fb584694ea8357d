import Randomness
import Tensors
import Testing

/// The arena: values that live at one time never overlap, and only the dead give up their place.
@Suite struct MemoryLayoutTests {
  /// The operations between which a value of the arena must keep its bytes.
  private struct Span {
    let id: ValueID
    let written: Int
    let lastRead: Int
    let offset: Int
    let byteCount: Int
  }

  /// An independent account of lifetimes, from the program's definition alone.
  private func spans(
    _ program: Program, _ layout: MemoryLayout, _ place: GradientPlace = .apart
  ) -> [Span] {
    program.values.indices.compactMap { index in
      let id = ValueID(index)
      if place == .arena, case .gradient(let offset) = layout[id] {
        return Span(
          id: id, written: program.producer(of: id) ?? -1, lastRead: program.operations.count,
          offset: 4 * offset, byteCount: program[id].type.byteCount)
      }
      guard case .arena(let offset) = layout[id] else { return nil }
      let isInput: Bool = if case .input = program[id].role { true } else { false }
      let readers = program.operations.indices.filter { program.operations[$0].inputs.contains(id) }
      let isResult = program.outputs.contains { $0.value == id }
      let written = isInput ? -1 : program.producer(of: id) ?? -1
      let lastRead = isInput || isResult ? program.operations.count : readers.last ?? written
      return Span(
        id: id, written: written, lastRead: lastRead, offset: offset,
        byteCount: program[id].type.byteCount)
    }
  }

  /// Whether `later` may lie over `earlier`: it is written by the operation that reads `earlier`
  /// last, at the same place, as the operation's rule allows.
  private func isMerge(_ program: Program, _ earlier: Span, _ later: Span) -> Bool {
    guard later.written == earlier.lastRead, earlier.written < later.written,
      earlier.offset == later.offset, earlier.byteCount == later.byteCount,
      program.operations.indices.contains(later.written)
    else { return false }
    let operation = program.operations[later.written]
    return program[earlier.id].role == .intermediate
      && operation.inputs.count(where: { $0 == earlier.id }) == 1
      && operation.kind.rule.inPlace.contains {
        $0.input < operation.inputs.count && operation.inputs[$0.input] == earlier.id
          && operation.outputs[$0.output] == later.id
      }
  }

  private func expectSound(_ program: Program, _ name: String) {
    for place in [GradientPlace.apart, .arena] { expectSound(program, place, name) }
  }

  private func expectSound(_ program: Program, _ place: GradientPlace, _ name: String) {
    let layout = MemoryLayout(program, parameters: program.parameterLayout, gradients: place)
    let spans = spans(program, layout, place)
    for span in spans {
      #expect(span.offset.isMultiple(of: MemoryLayout.alignment))
      #expect(span.offset + span.byteCount <= layout.arenaByteCount)
    }
    for (position, a) in spans.enumerated() {
      for b in spans[(position + 1)...] {
        let sharesBytes = a.offset < b.offset + b.byteCount && b.offset < a.offset + a.byteCount
        let sharesTime = a.written <= b.lastRead && b.written <= a.lastRead
        if sharesBytes && sharesTime && !isMerge(program, a, b) && !isMerge(program, b, a) {
          Issue.record("\(name): values \(a.id.index) and \(b.id.index) overlap")
          return
        }
      }
    }
  }

  @Test(arguments: 0..<60) func liveValuesNeverOverlapInRandomPrograms(_ seed: Int) throws {
    expectSound(try RandomProgram(seed: UInt64(seed)).program(), "seed \(seed)")
  }

  @Test(arguments: [Float(0), 0.1]) func liveValuesNeverOverlapInARealProgram(_ rate: Float) throws
  {
    let program = try SampleModel(dropoutRate: rate).training()
    expectSound(program, "the sample model")
  }

  @Test(arguments: [Float(0), 0.1]) func theArenaIsHardlyLargerThanWhatLives(_ rate: Float) throws {
    let model = SampleModel(layers: 4, rows: 64, width: 64, dropoutRate: rate)
    let program = try model.training()
    let layout = MemoryLayout(program, parameters: program.parameterLayout)
    var live = [Int](repeating: 0, count: program.operations.count + 1)
    for span in spans(program, layout) {
      for time in max(span.written, 0)...span.lastRead { live[time] += span.byteCount }
    }
    // Results over their operands make it smaller than all that is read or written at one time.
    let peak = live.max() ?? 0
    #expect(layout.arenaByteCount < peak * 21 / 20)
  }

  @Test func gradientsTakeThePlaceOfActivations() throws {
    // Sixteen layers, whose weights are about as large as what a layer keeps.
    let program = try SampleModel(layers: 16, rows: 64, width: 64).training()
    let parameters = program.parameterLayout
    let apart = MemoryLayout(program, parameters: parameters)
    let shared = MemoryLayout(program, parameters: parameters, gradients: .arena)
    let saved = apart.arenaByteCount + 4 * parameters.count - shared.arenaByteCount
    #expect(shared.arenaByteCount >= 4 * parameters.count)
    #expect(saved > min(4 * parameters.count, apart.arenaByteCount) / 2)
    #expect(apart.clearings.isEmpty)
    #expect(shared.clearings.reduce(0) { $0 + $1.byteCount } == 4 * parameters.count)
  }

  @Test func programsWithoutGradientsKeepNoPlaceForThem() throws {
    var b = ProgramBuilder()
    let x = b.value(.input("x"), ValueType(Shape(4, 4)))
    b.output("y", try b.append(.scale(Scale(2)), [x])[0])
    let parameters = ParameterLayout([("w", Shape(1000))])
    let layout = MemoryLayout(b.program, parameters: parameters, gradients: .arena)
    #expect(layout == MemoryLayout(b.program, parameters: parameters))
  }

  @Test func resultsTakeThePlaceOfDeadOperandsOnly() throws {
    var b = ProgramBuilder()
    let type = ValueType(Shape(4, 4))
    let x = b.value(.input("x"), type)
    let first = try b.append(.scale(Scale(2)), [x])[0]  // the input stays
    let second = try b.append(.scale(Scale(2)), [first])[0]  // `first` is read again below
    let third = try b.append(.add(Add()), [first, second])[0]  // both die
    let fourth = try b.append(.multiply(Multiply()), [third, third])[0]  // read twice
    b.output("third's successor", fourth)
    let layout = MemoryLayout(b.program, parameters: ParameterLayout([]))
    #expect(layout[first] != layout[x])
    #expect(layout[second] != layout[first])
    #expect(layout[third] == layout[first])
    #expect(layout[fourth] != layout[third])
    #expect(layout.arenaByteCount == 3 * 64)
  }

  @Test func resultsForTheCallerKeepTheirPlace() throws {
    var b = ProgramBuilder()
    let x = b.value(.input("x"), ValueType(Shape(4, 4)))
    let early = try b.append(.scale(Scale(2)), [x])[0]
    b.output("early", early)
    let late = try b.append(.scale(Scale(3)), [early])[0]
    b.output("late", late)
    let layout = MemoryLayout(b.program, parameters: ParameterLayout([]))
    #expect(Set([x, early, late].map { layout[$0] }).count == 3)
  }

  @Test func valuesOfDifferentSizesDoNotMerge() throws {
    var b = ProgramBuilder()
    let x = b.value(.input("x"), ValueType(Shape(4, 4)))
    let sums = try b.append(.columnSum(ColumnSum()), [try b.append(.scale(Scale(2)), [x])[0]])
    b.output("sums", sums[0])
    #expect(MemoryLayout(b.program, parameters: ParameterLayout([])).arenaByteCount == 3 * 64)
  }

  @Test func whatNobodyTouchesHasNoPlace() throws {
    var b = ProgramBuilder()
    let unread = b.value(.input("unread"), ValueType(Shape(4)))
    let orphan = b.value(.trainable("orphan"), ValueType(Shape(4)))
    let layout = MemoryLayout(b.program, parameters: ParameterLayout([]))
    #expect(layout[unread] == .unused)
    #expect(layout[orphan] == .unused)
    #expect(layout.arenaByteCount == 0)
  }

  @Test func trainableWeightsLieAtMultiplesOfSixteen() {
    let layout = ParameterLayout([("a", Shape(3)), ("b", Shape(4, 5)), ("c", Shape(16))])
    #expect(layout.entries.map(\.offset) == [0, 16, 48])
    #expect(layout.count == 64)
    #expect(layout.elementCount == 39)
    #expect(layout.offset(of: "b") == 16)
    #expect(layout.offset(of: "d") == nil)
  }

  @Test func theLayoutDoesNotDependOnTheRun() throws {
    let program = try SampleModel().training()
    let layout = MemoryLayout(program, parameters: program.parameterLayout)
    #expect(layout == MemoryLayout(program, parameters: program.parameterLayout))
  }
}
