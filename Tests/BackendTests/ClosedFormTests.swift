import BackendConformance
import ReferenceBackend
import Tensors
import Testing

/// The judge itself, held to numbers that were worked out by hand.
@Suite struct ClosedFormTests {
  /// Results of one operation on the reference backend.
  private func run(
    _ kind: OperationKind, randomStep: UInt64 = 3,
    _ operands: (inout CaseBuilder) throws(ProgramError) -> [ValueID]
  ) throws -> [[Float]] {
    var builder = CaseBuilder(seedName: "closed form")
    let inputs = try operands(&builder)
    try builder.results(kind, inputs)
    let bound = try BoundProgram(
      builder.program.program, contents: builder.contents, on: ReferenceBackend())
    try bound.run(randomStep: randomStep)
    return bound.leavings.map(\.values)
  }

  private func expectClose(_ actual: [Float], _ expected: [Float], _ relative: Float = 1e-6) {
    let tolerance = Tolerance(relative: relative, reason: "one rounding to float32")
    #expect(differences(actual, expected, tolerance).isEmpty)
  }

  @Test func aProductIsRowsTimesColumns() throws {
    let a: [Float] = [1, 2, 3, 4, 5, 6]
    let b: [Float] = [7, 8, 9, 10, 11, 12]
    let plain = try run(.product(Product())) { builder in
      [builder.input(Shape(2, 3), a), builder.input(Shape(3, 2), b)]
    }
    #expect(plain == [[58, 64, 139, 154]])
    let transposed = try run(.product(Product(transposeA: true, transposeB: true, scale: 2))) {
      builder in
      [
        builder.input(Shape(3, 2), a), builder.input(Shape(2, 3), b),
        builder.input(Shape(2, 2), [Float(1), 2, 3, 4]),
      ]
    }
    // aᵀ = [1 3 5; 2 4 6], bᵀ = [7 10; 8 11; 9 12].
    #expect(transposed == [[153, 208, 203, 276]])  // 2·76 + 1, 2·103 + 2, 2·100 + 3, 2·136 + 4
  }

  @Test func aGradientIsAddedTo() throws {
    var builder = CaseBuilder(seedName: "closed form")
    let x = builder.input(Shape(2, 2), [Float(1), 2, 3, 4])
    try builder.accumulated(.columnSum(ColumnSum()), [x], Shape(2))
    let bound = try BoundProgram(
      builder.program.program, contents: builder.contents, on: ReferenceBackend())
    try bound.run(gradientsBefore: 0.5)
    #expect(bound.leavings.map(\.values) == [[4.5, 6.5]])
  }

  @Test func rowsAreNormalisedByTheirRootMeanSquare() throws {
    let results = try run(.rmsNorm(RMSNorm(epsilon: 0.5))) { builder in
      [builder.input(Shape(1, 2), [Float(3), 4]), builder.input(Shape(2), [Float(1), 10])]
    }
    let r = 1 / Float(13).squareRoot()  // mean of squares 12.5, plus epsilon
    expectClose(results[0], [3 * r, 40 * r])
    expectClose(results[1], [r])
  }

  @Test func aQuarterTurnSwapsThePair() throws {
    let table = try run(.rotaryTable(RotaryTable(inverseFrequencies: [.pi / 2]))) { builder in
      [builder.input(Shape(3), [Int32](arrayLiteral: 0, 1, 2))]
    }
    expectClose(table[0], [1, 0, 0, 1, -1, 0])
    // Two heads of two: (a, b) becomes (−b, a), and (b, −a) backwards.
    for (inverse, expected) in [(false, [-2, 1, -4, 3]), (true, [2, -1, 4, -3] as [Float])] {
      let turned = try run(.rotary(Rotary(inverse: inverse))) { builder in
        [
          builder.input(Shape(1, 4), [Float(1), 2, 3, 4]),
          builder.input(Shape(1, 2), [Float(0), 1]),
        ]
      }
      #expect(turned == [expected])
    }
  }

  @Test func attentionWeighsByTheSoftmaxOfScores() throws {
    // Scores 0 and ln 3: weights 1/4 and 3/4. The second query sees nothing.
    let rule = Attention(batch: 1, heads: 1, keyValueHeads: 1, headDimension: 1, scale: 0.5)
    let results = try run(.attention(rule)) { builder in
      [
        builder.input(Shape(2, 1), [Float(2), 1]),
        builder.input(Shape(2, 1), [Float(0), 1.098_612_3]),
        builder.input(Shape(2, 1), [Float(8), 4]),
        builder.input(Shape(2, 2), [Int32](arrayLiteral: 0, 2, 1, 1)),
      ]
    }
    expectClose(results[0], [5, 0])
    expectClose(results[1], [1.386_294_4, 0])
  }

  @Test func groupedHeadsShareTheirKeys() throws {
    // One visible key: the result is its value, whatever the scores.
    let rule = Attention(batch: 2, heads: 4, keyValueHeads: 2, headDimension: 1, scale: 1)
    let results = try run(.attention(rule)) { builder in
      [
        builder.input(Shape(2, 4)), builder.input(Shape(4, 2)),
        builder.input(Shape(4, 2), [Float(1), 2, 3, 4, 5, 6, 7, 8]),
        builder.input(Shape(2, 2), [Int32](arrayLiteral: 1, 2, 0, 1)),
      ]
    }
    expectClose(results[0], [3, 3, 4, 4, 5, 5, 6, 6])
  }

  @Test func theTokenLossOfEqualLogitsIsTheLogOfTheVocabulary() throws {
    let rule = TokenLoss(gradientOfHidden: true, gradientOfWeight: true)
    let results = try run(.tokenLoss(rule)) { builder in
      [
        builder.input(Shape(3, 2), [Float(0), 0, 9, 9, 0, 0]),
        builder.input(Shape(4, 2), [Float(1), 2, 3, 4, 5, 6, 7, 8]),
        builder.input(Shape(3), [Int32](arrayLiteral: 1, -1, 0)),
        builder.input(Shape(1), [Float(0.5)]),
      ]
    }
    expectClose(results[0], [1.386_294_4])  // 0.5 · 2 · ln 4
    // 0.5 · (mean of the head's rows − the target's row); nothing for the row without a target.
    expectClose(results[1], [0.5, 0.5, 0, 0, 1.5, 1.5])
    #expect(results[2] == [Float](repeating: 0, count: 8))
  }

  @Test func valueLossesSumTheCellsThatHaveWeight() throws {
    func results(_ function: ValueLoss.Function) throws -> [[Float]] {
      try run(.valueLoss(ValueLoss(function, gradientOfPredictions: true))) { builder in
        [
          builder.input(Shape(2, 2), [Float(0), 3, -80, 5]),
          builder.input(Shape(2, 2), [Float(1), 1, 1, .nan]),
          builder.input(Shape(2, 2), [Float(1), 0.5, 1, 0]), builder.input(Shape(1), [Float(0.5)]),
        ]
      }
    }
    let squared = try results(.squaredError)
    expectClose(squared[0], [0.5 * (1 + 0.5 * 4 + 6561)])
    expectClose(squared[1], [-1, 1, -81, 0])
    let entropy = try results(.binaryCrossEntropyWithLogits)
    expectClose(entropy[0], [0.5 * (0.693_147_2 + 0.5 * 0.048_587_35 + 80)])
    expectClose(entropy[1], [-0.25, -0.011_856_47, -0.5, 0])
  }

  @Test(arguments: [
    (ActivationFunction.silu, Float(0.731_058_6), Float(-0.268_941_4)),
    (.gelu, 0.841_344_75, -0.158_655_25), (.geluTanh, 0.841_191_9, -0.158_808_1),
    (.relu, 1, 0), (.tanh, 0.761_594_2, -0.761_594_2),
  ])
  func activationsAtOneAndMinusOne(
    _ function: ActivationFunction, _ atOne: Float, _ atMinusOne: Float
  ) throws {
    let results = try run(.activation(Activation(function))) { builder in
      [builder.input(Shape(1, 3), [Float(1), -1, 0])]
    }
    expectClose(results[0], [atOne, atMinusOne, 0])
    let gated = try run(.gatedActivation(GatedActivation(function))) { builder in
      [
        builder.input(Shape(1, 2), [Float(1), -1]), builder.input(Shape(1, 2), [Float(10), 100]),
      ]
    }
    expectClose(gated[0], [10 * atOne, 100 * atMinusOne])
  }

  @Test func dropoutKeepsItsShareAndScalesIt() throws {
    let count = 20_000
    let results = try run(.dropout(Dropout(rate: 0.25, stream: "dropout/a"))) { builder in
      [builder.input(Shape(count), [Float](repeating: 3, count: count))]
    }
    #expect(Set(results[0]) == [0, 4])
    // Five standard deviations of a binomial of 20,000 at 3/4 are 306.
    #expect(abs(results[0].count { $0 == 4 } - 15_000) < 306)
    let again = try run(.dropout(Dropout(rate: 0.25, stream: "dropout/a")), randomStep: 4) {
      builder in
      [builder.input(Shape(count), [Float](repeating: 3, count: count))]
    }
    #expect(again != results)
  }

  @Test func rowsAreLookedUpAndGathered() throws {
    let table: [Float] = [1, 2, 3, 4, 5, 6]
    let looked = try run(.embedding(Embedding())) { builder in
      [builder.input(Shape(3, 2), table), builder.input(Shape(2), [Int32](arrayLiteral: 2, 0))]
    }
    #expect(looked == [[5, 6, 1, 2]])
    let summed = try run(.scatterRows(ScatterRows(rows: 3))) { builder in
      [
        builder.input(Shape(3), [Int32](arrayLiteral: 2, 0, 2)), builder.input(Shape(3, 2), table),
      ]
    }
    #expect(summed == [[3, 4, 0, 0, 6, 8]])
  }

  @Test func bfloat16WeightsAreReadAsTheyAre() throws {
    var builder = CaseBuilder(seedName: "bfloat16")
    let w = builder.weight(Shape(1, 64), .bfloat16)
    let ids = builder.input(Shape(1), [Int32](arrayLiteral: 0))
    try builder.results(.embedding(Embedding()), [w, ids])
    let bound = try BoundProgram(
      builder.program.program, contents: builder.contents, on: ReferenceBackend())
    try bound.run()
    guard case .floats(let exact) = builder.contents["value 0"] else {
      Issue.record("the weight has no contents")
      return
    }
    // Eight bits of significand: half a unit in the last place is 2⁻⁹ of the number.
    for (read, exact) in zip(bound.output("result 0"), exact) {
      #expect(abs(read - exact) <= abs(exact) * 0x1p-8)
      #expect(read.bitPattern & 0xFFFF == 0)
    }
  }
}
