#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Tensors

extension TokenLoss {
  /// The loss, then the gradients that the rule asks for.
  ///
  /// - Throws: ``BackendError`` for a target that is neither −1 nor a token.
  func results(of inputs: [Operand]) throws(BackendError) -> [[Double]] {
    let (x, weight, targets) = (inputs[0], inputs[1].elements, inputs[2])
    let scale = inputs[3][0]
    let bias = inputs.count > 4 ? inputs[4].elements : []
    let (vocabulary, width) = (inputs[1].shape[0], x.shape[1])
    var loss = 0.0
    var dx = [Double](repeating: 0, count: gradientOfHidden ? x.shape.count : 0)
    var dw = [Double](repeating: 0, count: gradientOfWeight ? weight.count : 0)
    var dbias = [Double](repeating: 0, count: gradientOfBias ? bias.count : 0)
    for row in 0..<x.shape[0] where targets.integer(row) != -1 {
      let kind = OperationKind.tokenLoss(self)
      let target = try kind.index(targets, row, below: vocabulary)
      let hidden = x.row(row)
      let logits = (0..<vocabulary).map { token in
        capped(
          dot(hidden, from: 0, weight, from: token * width, count: width)
            + (bias.isEmpty ? 0 : bias[token]))
      }
      let highest = logits.max() ?? 0
      let sum = logits.reduce(0) { $0 + exp($1 - highest) }
      loss += scale * (highest + log(sum) - logits[target])
      guard hasGradient else { continue }
      for token in 0..<vocabulary {
        let probability = exp(logits[token] - highest) / sum
        let slope =
          scale * (probability - (token == target ? 1 : 0)) * capSlope(logits[token])
        let (hiddenStart, weightStart) = (row * width, token * width)
        if gradientOfBias { dbias[token] += slope }
        if gradientOfHidden {
          add(slope, times: weight, from: weightStart, to: &dx, at: hiddenStart, count: width)
        }
        if gradientOfWeight {
          add(slope, times: hidden, from: 0, to: &dw, at: weightStart, count: width)
        }
      }
    }
    return [[loss]] + (gradientOfHidden ? [dx] : []) + (gradientOfWeight ? [dw] : [])
      + (gradientOfBias ? [dbias] : [])
  }

  /// The logit after the soft cap.
  private func capped(_ logit: Double) -> Double {
    guard let softCap else { return logit }
    return Double(softCap) * ActivationFunction.tanh.value(logit / Double(softCap))
  }

  /// The slope of the soft cap where it gives `capped`.
  private func capSlope(_ capped: Double) -> Double {
    guard let softCap else { return 1 }
    return 1 - capped / Double(softCap) * (capped / Double(softCap))
  }
}
