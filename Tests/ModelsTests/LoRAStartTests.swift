import JSONSyntax
import Models
import Tensors
import Testing
import Training

/// Updates that begin as a part of the weights, against PEFT: PiSSA and OLoRA; and the gaussian.
struct LoRAStartTests {
  static func cases() throws -> [JSONValue] {
    try #require(Fixture.json("lora-variants/oracle.json")["starts"]?.array)
  }

  /// The model with its weights split, and the plan's other beginnings.
  static func model(_ entry: JSONValue, on backend: BackendUnderTest) throws -> ModelUnderTest {
    let base = try #require(entry["base"]?.string)
    let specification = try MatchingTests.specification(#require(entry["arguments"]))
    let description = try Fixture.description(base)
    let plan = try Adaptation.lora(specification).plan(for: description)
    var weights = try Fixture.weights(base)
    var adapter: [String: [Float]] = [:]
    for module in plan.adapted {
      let name = module.path + ".weight"
      var weight = try #require(weights[name])
      let shape = try #require(description.parameter(name)).shape
      let (outputs, inputs) =
        module.storesInputsFirst ? (shape[1], shape[0]) : (shape[0], shape[1])
      var a = [Float](repeating: 0, count: module.rank * inputs)
      var b = [Float](repeating: 0, count: outputs * module.rank)
      try weight.withUnsafeMutableBufferPointer {
        try module.split($0, specification.start, a: &a, b: &b)
      }
      weights[name] = weight
      adapter["base_model.model." + module.nameOfA] = a
      adapter["base_model.model." + module.nameOfB] = b
      if module.isDecomposed {
        let parameter = try #require(description.parameter(name))
        let update = try #require(plan.update(of: parameter))
        var norms = [Float](repeating: 0, count: update.outputCount)
        update.add(rowFactor: b, columnFactor: a, to: &weight)
        update.norms(of: weight, into: &norms)
        adapter["base_model.model." + module.nameOfMagnitude] = norms
      }
    }
    return try ModelUnderTest(
      base, .lora(specification), adapter: adapter, weights: weights, on: backend)
  }

  @Test(arguments: 0..<4)
  func theUpdateAndWhatStaysAreThoseOfPEFT(index: Int) throws {
    let entry = try Self.cases()[index]
    let name = try #require(entry["name"]?.string)
    let model = try Self.model(entry, on: .reference)
    let wanted = try Fixture.tensors("lora-variants/\(name)-start.safetensors")
    let plan = try #require(model.plan)
    #expect(wanted.count == 2 * plan.adapted.count)
    for module in plan.adapted {
      let rest = try #require(model.weights[module.path + ".weight"])
      #expect(
        relativeDifference(rest, try #require(wanted["\(module.path)/rest"])) <= 1e-5,
        "\(name), \(module.path)")
      let a = try model.trained.value(module.nameOfA, of: model.trained.weights)
      let b = try model.trained.value(module.nameOfB, of: model.trained.weights)
      let (inputs, outputs) = (a.count / module.rank, b.count / module.rank)
      let product = (0..<outputs).flatMap { output in
        (0..<inputs).map { input in
          (0..<module.rank).reduce(Float(0)) {
            $0 + b[output * module.rank + $1] * a[$1 * inputs + input]
          }
        }
      }
      #expect(
        relativeDifference(product, try #require(wanted["\(module.path)/update"])) <= 1e-5,
        "\(name), \(module.path)")
    }
  }

  @Test(arguments: 0..<4, BackendUnderTest.allCases)
  func tenStepsAreThoseOfPEFT(index: Int, backend: BackendUnderTest) throws {
    let cases = try Self.cases()
    #expect(cases.count == 4)
    let entry = cases[index]
    let name = try #require(entry["name"]?.string)
    let model = try Self.model(entry, on: backend)
    let losses = try model.losses(entry)
    for (step, expected) in try #require(entry["losses"]?.numbers).enumerated() {
      #expect(abs(losses[step] - expected) <= 1e-4 * expected, "\(name), step \(step)")
    }
    let wanted = try Fixture.tensors("lora-variants/\(name)-merged.safetensors")
    let plan = try #require(model.plan)
    #expect(wanted.count == plan.adapted.count)
    for tensor in plan.mergedTensors(of: model.description) where tensor.update != nil {
      let found = try model.merged(tensor)
      #expect(
        relativeDifference(found, try #require(wanted[tensor.name])) <= 1e-4,
        "\(name), \(tensor.name)")
    }
  }

  @Test func gaussianDrawsTheFirstMatrixAndLeavesTheSecondZero() throws {
    let description = try Fixture.description("llama-gqa-tied")
    let plan = try Adaptation.lora(
      LoRASpecification(rank: 16, alpha: 8, targets: .list(["down_proj"]), start: .gaussian)
    ).plan(for: description)
    let a = try #require(plan.trainable.first)
    var values = [Float](repeating: .nan, count: a.shape.count)
    values.withUnsafeMutableBufferPointer { a.fill(into: $0, seed: 3) }
    let variance = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
    // 1,024 draws: the deviation's own deviation is 2 %.
    #expect(abs(variance.squareRoot() - 1 / 16) <= 0.1 / 16)
    var second = [Float](repeating: .nan, count: plan.trainable[1].shape.count)
    second.withUnsafeMutableBufferPointer { plan.trainable[1].fill(into: $0, seed: 3) }
    #expect(second.allSatisfy { $0 == 0 })
  }

  @Test func whatCannotLoseAPartIsRefused() throws {
    let description = try Fixture.description("llama-gqa-tied")
    func error(_ change: (inout LoRASpecification) -> Void) -> ModelError? {
      var specification = LoRASpecification(
        rank: 4, alpha: 8, targets: .list(["q_proj"]), start: .pissa)
      change(&specification)
      return #expect(throws: ModelError.self) {
        try Adaptation.lora(specification).plan(for: description)
      }
    }
    guard
      case .invalidSetting("r", "17", _)? = error({
        $0.rank = 17; $0.targets = .list(["k_proj"])
      })
    else {
      Issue.record("a rank above the smaller side")
      return
    }
    guard case .unsupportedTarget("lm_head", _)? = error({ $0.targets = .list(["lm_head"]) }) else {
      Issue.record("a tied weight")
      return
    }
    guard case .conflictingSettings("lora_bias", _)? = error({ $0.loraBias = true }) else {
      Issue.record("a bias")
      return
    }
  }
}

extension ModelUnderTest {
  /// The losses of AdamW over the batches of an oracle's case, the learning rate constant.
  func losses(_ entry: JSONValue) throws -> [Double] {
    let optimizer = Optimizer(
      .adamw(.init()), weightDecay: try #require(entry["weight_decay"]?.number))
    let count = trained.layout.count
    let states = try (0..<2).map { _ in try AlignedBuffer(byteCount: 4 * count) }
    let base = try #require(entry["base"]?.string)
    let batches = try #require(Fixture.json("lora-variants/batches.json")[base]?.array)
    let weights = try #require(trained.weights.floats.baseAddress)
    let gradients = try #require(trained.gradients.floats.baseAddress)
    return try batches.enumerated().map { step, json in
      let batch = try TokenBatch(json)
      trained.clearGradients()
      let loss = try loss(batch, scale: 1 / Float(batch.supervisedTokens), lossRunner(batch))
      let norm = GradientNorm.sumOfSquares(gradients, count: count).squareRoot()
      optimizer.update(
        0..<count, parameters: weights, gradients: gradients,
        states: states.compactMap(\.floats.baseAddress),
        step: .init(
          number: step + 1, learningRate: try #require(entry["learning_rate"]?.number),
          gradientScale: GradientNorm.clipCoefficient(norm: norm, limit: 1)))
      return Double(loss)
    }
  }
}
