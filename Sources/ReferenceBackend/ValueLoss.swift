#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Tensors

extension ValueLoss {
  /// The loss, then the gradient of the predictions where the rule asks for it.
  func results(of inputs: [Operand]) -> [[Double]] {
    let (predictions, values, weights) = (inputs[0], inputs[1], inputs[2])
    let scale = inputs[3][0]
    let count = predictions.shape.count
    var loss = 0.0
    var gradient = [Double](repeating: 0, count: gradientOfPredictions ? count : 0)
    for cell in 0..<count where weights[cell] != 0 {
      let factor = scale * weights[cell]
      let (value, slope) = function.loss(of: predictions[cell], against: values[cell])
      loss += factor * value
      if gradientOfPredictions { gradient[cell] = factor * slope }
    }
    return [[loss]] + (gradientOfPredictions ? [gradient] : [])
  }
}

extension ValueLoss.Function {
  /// The loss of one prediction and its slope.
  fileprivate func loss(of p: Double, against v: Double) -> (value: Double, slope: Double) {
    switch self {
    case .squaredError: ((p - v) * (p - v), 2 * (p - v))
    case .binaryCrossEntropyWithLogits:
      (max(p, 0) - p * v + log1p(exp(-abs(p))), 1 / (1 + exp(-p)) - v)
    }
  }
}
