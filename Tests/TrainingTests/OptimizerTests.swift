import JSONSyntax
import Testing
import Training

struct OptimizerTests {
  private func optimizer(_ entry: JSONValue) throws -> Optimizer {
    let name = try #require(entry["kind"]?.string)
    let betas = entry["betas"]?.numbers ?? [0.9, 0.999]
    let settings = OptimizerKind.AdamSettings(
      beta1: betas[0], beta2: betas[1], epsilon: entry["eps"]?.number ?? 1e-8,
      amsgrad: entry["amsgrad"]?.bool ?? false)
    let kind: OptimizerKind
    switch name {
    case "sgd":
      kind = .sgd(
        momentum: entry["momentum"]?.number ?? 0, nesterov: entry["nesterov"]?.bool ?? false)
    case "adam": kind = .adam(settings)
    default: kind = .adamw(settings)
    }
    // torch's default for AdamW is 0.01, for the others none.
    return Optimizer(
      kind, weightDecay: entry["weight_decay"]?.number ?? (name == "adamw" ? 0.01 : 0))
  }

  /// Runs `body` over one flat buffer of weights and the zeroed buffers of state.
  private func withBuffers(
    _ start: [Float], states: Int,
    _ body: (UnsafeMutableBufferPointer<Float>, [UnsafeMutablePointer<Float>]) throws -> Void
  ) throws {
    let count = start.count
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: count * (states + 1))
    defer { memory.deallocate() }
    memory.initialize(repeating: 0)
    for (index, value) in start.enumerated() { memory[index] = value }
    let base = try #require(memory.baseAddress)
    try body(
      UnsafeMutableBufferPointer(start: base, count: count),
      (0..<states).map { base + count * ($0 + 1) })
  }

  @Test func everyOptimizerTakesTorchsPath() throws {
    let table = try fixture("optimizers.json")
    let start = try #require(table["start"]).numbers.map { Float($0) }
    let gradients = try #require(table["gradients"]?.array).map { $0.numbers.map { Float($0) } }
    // The language has no dampening.
    let cases = try #require(table["cases"]?.array).filter { $0["dampening"] == nil }
    #expect(cases.count == 12)
    for entry in cases {
      let optimizer = try optimizer(entry)
      let path = try #require(entry["parameters"]?.array)
      try withBuffers(start, states: optimizer.kind.stateCount) { weights, states in
        let base = try #require(weights.baseAddress)
        for (index, gradient) in gradients.enumerated() {
          // Handing over half the gradient and twice the scale must change nothing.
          optimizer.update(
            0..<start.count, parameters: base, gradients: gradient.map { $0 / 2 }, states: states,
            step: .init(
              number: index + 1, learningRate: try #require(entry["lr"]?.number),
              gradientScale: 2))
          for (found, expected) in zip(weights, path[index].numbers) {
            // Ten steps of float32 arithmetic on numbers below 3.
            #expect(abs(Double(found) - expected) <= 2e-6, "\(optimizer), step \(index + 1)")
          }
        }
      }
    }
  }

  @Test(arguments: [
    OptimizerKind.sgd(momentum: 0.9, nesterov: false), .adam(.init(amsgrad: true)), .adamw(.init()),
  ])
  func aRangeIsUpdatedAloneAndDecayCanBeLeftOut(_ kind: OptimizerKind) throws {
    let start: [Float] = [1, 1, 1, 1]
    let gradients: [Float] = [0.5, 0, 0, 0.5]
    let optimizer = Optimizer(kind, weightDecay: 0.1)
    try withBuffers(start, states: kind.stateCount) { weights, states in
      let base = try #require(weights.baseAddress)
      for (range, decays) in [(1..<2, true), (2..<3, false)] {
        optimizer.update(
          range, parameters: base, gradients: gradients, states: states,
          step: .init(number: 1, learningRate: 0.1), decays: decays)
      }
      #expect(weights[0] == 1 && weights[3] == 1)
      #expect(weights[1] < 1)
      #expect(weights[2] == 1)
    }
  }
}
