import Tensors
import Testing

/// The backward pass holds what is trainable, and nothing else; what it computes is tested with the
/// backends, against finite differences.
@Suite struct DifferentiationTests {
  private func backward(_ model: SampleModel) throws -> (
    forward: Program, whole: Program, appended: ArraySlice<Operation>
  ) {
    let forward = try model.forward()
    let whole = try Differentiation.backward(of: forward, from: "loss")
    try whole.verify()
    return (forward, whole, whole.operations[forward.operations.count...])
  }

  @Test func everyTrainableWeightHasAGradientAndNothingElseHas() throws {
    let (forward, whole, _) = try backward(SampleModel())
    let written = whole.operations.flatMap(\.outputs).compactMap { id -> String? in
      if case .gradient(let name) = whole[id].role { name } else { nil }
    }
    #expect(Set(written) == Set(forward.trainableNames))
    #expect(forward.trainableNames.count == 8)
  }

  @Test func theForwardPassStaysAsItIs() throws {
    let (forward, whole, _) = try backward(SampleModel())
    let kept = whole.operations.prefix(forward.operations.count - 1)
    #expect(Array(kept) == Array(forward.operations.dropLast()))
    #expect(whole.output("loss") == forward.output("loss"))
  }

  @Test func frozenWeightsGetNoProducts() throws {
    let (_, whole, appended) = try backward(SampleModel())
    let transposed = appended.filter {
      if case .product(let rule) = $0.kind { rule.transposeA } else { false }
    }
    // Two layers, two adapted modules in each, two factors in each of these.
    #expect(transposed.count == 8)
    for operation in transposed {
      guard case .gradient = whole[operation.outputs[0]].role else {
        Issue.record("a product for no trainable weight at \(operation.label)")
        return
      }
    }
    #expect(
      !appended.contains {
        switch $0.kind {
        case .rmsNormWeightGradient, .embeddingGradient, .columnSum: true
        default: false
        }
      })
  }

  @Test func nothingBelowTheLowestTrainableIsDifferentiated() throws {
    let (_, _, appended) = try backward(SampleModel(layers: 3, firstAdapted: 1))
    #expect(appended.contains { $0.label.hasPrefix("layers.1") })
    #expect(!appended.contains { $0.label.hasPrefix("layers.0") })
    // Layer 1 needs no gradient of its norm's input: only layer 2's two norms and layer 1's second.
    let norms = appended.filter { if case .rmsNormGradient = $0.kind { true } else { false } }
    #expect(norms.count == 3)
  }

  @Test func cheapResultsAreComputedAnewInsteadOfKept() throws {
    let (forward, _, appended) = try backward(SampleModel())
    let cheap = forward.operations.filter(\.kind.rule.isRecomputed)
    #expect(cheap.count == 2 * 2 + 2 + 4)  // norms, gated activations, dropouts
    for operation in cheap {
      #expect(!appended.contains { $0.inputs.contains(operation.outputs[0]) })
    }
    // The norms' factors are a number a row: they are kept.
    let factors = cheap.filter { $0.outputs.count == 2 }.map { $0.outputs[1] }
    #expect(factors.contains { id in appended.contains { $0.inputs.contains(id) } })
    // What reads a dropped-out value again reads one copy of it, with the same mask.
    let copies = appended.filter { operation in
      if case .dropout = operation.kind {
        return cheap.contains { $0.kind == operation.kind && $0.inputs != operation.inputs }
      }
      return false
    }
    // One of the input for each adapted module, one of the gradient where something below is adapted.
    #expect(copies.count == 4 + 2)
  }

  @Test func gradientsThatMeetBecomeAddends() throws {
    var b = ProgramBuilder()
    let w = b.value(.trainable("w"), ValueType(Shape(3, 3)))
    let x = try b.append(.scale(Scale(2)), [w])[0]
    let linear = OperationKind.product(Product())
    let frozen = b.value(.frozen("f"), ValueType(Shape(3, 3)))
    let first = try b.append(linear, [x, frozen])[0]
    let second = try b.append(linear, [x, frozen, first])[0]
    let targets = b.value(.input("t"), ValueType(Shape(3), .int32))
    let scale = b.value(.input("s"), ValueType(Shape(1)))
    b.output("loss", try b.append(.tokenLoss(TokenLoss()), [second, frozen, targets, scale])[0])
    let whole = try Differentiation.backward(of: b.program, from: "loss")
    #expect(!whole.operations.contains { if case .add = $0.kind { true } else { false } })
    let sums = whole.operations.dropFirst(4).filter {
      $0.kind.name == "product" && $0.inputs.count == 3
    }
    #expect(sums.count == 1)
  }

  @Test func aProgramWithoutTrainableWeightsStaysForward() throws {
    let model = SampleModel(layers: 1, firstAdapted: 1)
    #expect(try model.training() == model.forward())
  }

  @Test func onlyTheResultOfATokenLossIsARoot() throws {
    var b = ProgramBuilder()
    let w = b.value(.trainable("w"), ValueType(Shape(2, 2)))
    b.output("y", try b.append(.scale(Scale(2)), [w])[0])
    b.output("w", w)
    for name in ["y", "w", "unknown"] {
      #expect(throws: ProgramError.self) {
        try Differentiation.backward(of: b.program, from: name)
      }
    }
  }

  @Test func whatHasNoGradientRefuses() throws {
    var b = ProgramBuilder()
    let w = b.value(.trainable("w"), ValueType(Shape(2, 3)))
    let rows = b.value(.input("rows"), ValueType(Shape(2), .int32))
    let x = try b.append(.scatterRows(ScatterRows(rows: 4)), [rows, w])[0]
    let head = b.value(.frozen("head"), ValueType(Shape(5, 3)))
    let targets = b.value(.input("t"), ValueType(Shape(4), .int32))
    let scale = b.value(.trainable("s"), ValueType(Shape(1)))
    let fixed = b.value(.input("s"), ValueType(Shape(1)))
    let loss = OperationKind.tokenLoss(TokenLoss())
    b.output("through scatter", try b.append(loss, [x, head, targets, fixed])[0])
    b.output("through scale", try b.append(loss, [x, head, targets, scale])[0])
    #expect(throws: ProgramError.notDifferentiable(operation: "scatter-rows")) {
      try Differentiation.backward(of: b.program, from: "through scatter")
    }
    #expect(throws: ProgramError.notDifferentiable(operation: "token-loss")) {
      try Differentiation.backward(of: b.program, from: "through scale")
    }
  }

  @Test func aGradientIsNotDifferentiatedAgain() throws {
    let whole = try SampleModel().training()
    #expect(throws: ProgramError.notDifferentiable(operation: "token-loss")) {
      try Differentiation.backward(of: whole, from: "loss")
    }
  }
}
