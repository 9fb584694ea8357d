#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import Tensors

extension ActivationFunction {
  /// `f(x)`.
  func value(_ x: Double) -> Double {
    switch self {
    case .silu: x * Self.logistic(x)
    case .gelu: x * Self.normalCumulative(x)
    case .geluTanh: x / 2 * (1 + Self.tanh(Self.cubic(x)))
    case .relu: max(x, 0)
    case .tanh: Self.tanh(x)
    }
  }

  /// `f′(x)`; zero at the corner of ReLU, as in torch.
  func slope(_ x: Double) -> Double {
    switch self {
    case .silu:
      let s = Self.logistic(x)
      return s * (1 + x * (1 - s))
    case .gelu:
      return Self.normalCumulative(x) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case .geluTanh:
      let t = Self.tanh(Self.cubic(x))
      let inner = Self.cubicFactor * (1 + 3 * 0.044715 * x * x)
      return (1 + t) / 2 + x / 2 * (1 - t * t) * inner
    case .relu: return x > 0 ? 1 : 0
    case .tanh:
      let t = Self.tanh(x)
      return 1 - t * t
    }
  }

  private static let cubicFactor = (2 / Double.pi).squareRoot()

  private static func cubic(_ x: Double) -> Double { cubicFactor * (x + 0.044715 * x * x * x) }
  private static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  private static func normalCumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

  private static func tanh(_ x: Double) -> Double {
    // By hand: the name of the case hides the library's function.
    let e = expm1(-2 * abs(x))
    return x < 0 ? e / (e + 2) : -e / (e + 2)
  }
}

extension ActivationGradient {
  /// `f′(x) · dy`.
  func result(of inputs: [Operand]) -> [Double] {
    zip(inputs[0].elements, inputs[1].elements).map { x, dy in function.slope(x) * dy }
  }
}

extension GatedActivation {
  /// `f(gate) · up`.
  func result(of inputs: [Operand]) -> [Double] {
    zip(inputs[0].elements, inputs[1].elements).map { gate, up in function.value(gate) * up }
  }
}

extension GatedActivationGradient {
  /// `f′(gate) · up · dy` and `f(gate) · dy`.
  func results(of inputs: [Operand]) -> [[Double]] {
    let (gate, up, dy) = (inputs[0].elements, inputs[1].elements, inputs[2].elements)
    return [
      gate.indices.map { function.slope(gate[$0]) * up[$0] * dy[$0] },
      gate.indices.map { function.value(gate[$0]) * dy[$0] },
    ]
  }
}
