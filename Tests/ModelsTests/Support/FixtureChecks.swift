import JSONSyntax
import Tensors
import Testing
import Training

extension ModelUnderTest {
  /// Holds `loss`, just computed, and the gradients that it left against the oracle's; `expected` gives
  /// our name and the values for each of its keys.
  func checkLossAndGradients(
    _ loss: Float, _ oracle: JSONValue,
    _ expected: (String) throws -> (name: String, values: [Float])
  ) throws {
    let wanted = try #require(oracle["loss"]?.number)
    #expect(abs(Double(loss) - wanted) <= 1e-5 * wanted)
    for key in try #require(oracle["gradients"]).strings {
      let (name, values) = try expected(key)
      let gradient = try trained.value(name, of: trained.gradients)
      // A key's bias moves all scores of a query alike: its gradient is zero but for rounding.
      let isZero = values.allSatisfy { abs($0) < 1e-6 }
      #expect(
        isZero
          ? gradient.allSatisfy { abs($0) < 1e-6 } : relativeDifference(gradient, values) <= 1e-4,
        "\(key)")
    }
  }

  /// Holds the losses of ten AdamW steps against the oracle's; `loss` computes one with its gradients.
  func checkLosses(_ oracle: JSONValue, rate: Double, _ loss: () throws -> Float) throws {
    let count = trained.layout.count
    let optimizer = Optimizer(.adamw(.init()), weightDecay: 0.01)
    let states = try (0..<optimizer.kind.stateCount).map { _ in
      try AlignedBuffer(byteCount: count * 4)
    }
    let weights = try #require(trained.weights.floats.baseAddress)
    let gradients = try #require(trained.gradients.floats.baseAddress)
    let expected = try #require(oracle["losses"]).numbers
    #expect(expected.count == 10)
    for (step, wanted) in expected.enumerated() {
      trained.clearGradients()
      #expect(abs(Double(try loss()) - wanted) <= 1e-4 * wanted, "step \(step)")
      optimizer.update(
        0..<count, parameters: weights, gradients: gradients,
        states: states.compactMap(\.floats.baseAddress),
        step: .init(number: step + 1, learningRate: rate, gradientScale: 1))
    }
  }

  /// Holds every merged weight against PEFT's, as `expected` names them.
  func checkMergedWeights(_ expected: [String: [Float]]) throws {
    let plan = try #require(plan)
    var found = 0
    for tensor in plan.mergedTensors(of: description) {
      guard let update = tensor.update else { continue }
      var values = try #require(weights[tensor.name])
      let rows = try trained.value(update.rowFactor, of: trained.weights)
      let columns = try trained.value(update.columnFactor, of: trained.weights)
      values.withUnsafeMutableBufferPointer { target in
        guard let start = target.baseAddress else { return }
        update.add(rowFactor: rows, columnFactor: columns, to: start)
      }
      let wanted = try #require(expected["merged/\(tensor.name)"])
      #expect(largestDifference(values, wanted) <= 1e-6, "\(tensor.name)")
      found += 1
    }
    #expect(found == plan.adapted.count)
  }
}
