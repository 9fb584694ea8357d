#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One step of `torch.optim.Adam` or `AdamW` over contiguous numbers.
///
/// `m += (1−β₁)·(g − m); v = β₂·v + (1−β₂)·g²; p −= η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)`; amsgrad puts
/// the largest `v` so far, not corrected, under the root.
/// Source: Kingma and Ba 2014, arXiv 1412.6980; Loshchilov and Hutter 2017, arXiv 1711.05101.
struct AdamKernel {
  private let scale: Float
  private let coupledDecay: Float
  private let shrink: Float
  private let firstShare: Float
  private let secondKeep: Float
  private let secondShare: Float
  private let correctionRoot: Float
  private let epsilon: Float
  private let stepSize: Float

  init(
    _ settings: OptimizerKind.AdamSettings, _ step: Optimizer.Step, coupledDecay: Double,
    decoupledDecay: Double
  ) {
    scale = step.gradientScale
    self.coupledDecay = Float(coupledDecay)
    shrink = Float(1 - step.learningRate * decoupledDecay)
    firstShare = Float(1 - settings.beta1)
    secondKeep = Float(settings.beta2)
    secondShare = Float(1 - settings.beta2)
    correctionRoot = Float((1 - pow(settings.beta2, Double(step.number))).squareRoot())
    epsilon = Float(settings.epsilon)
    stepSize = Float(step.learningRate / (1 - pow(settings.beta1, Double(step.number))))
  }

  func run(
    _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for i in 0..<count {
      let weight = weights[i] * shrink
      let gradient = gradients[i] * scale + coupledDecay * weight
      let m = first[i] + firstShare * (gradient - first[i])
      let v = second[i] * secondKeep + secondShare * gradient * gradient
      first[i] = m
      second[i] = v
      weights[i] = weight - stepSize * m / (v.squareRoot() / correctionRoot + epsilon)
    }
  }

  func run(
    _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>,
    largest: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for i in 0..<count {
      let weight = weights[i] * shrink
      let gradient = gradients[i] * scale + coupledDecay * weight
      let m = first[i] + firstShare * (gradient - first[i])
      let v = second[i] * secondKeep + secondShare * gradient * gradient
      let top = v > largest[i] ? v : largest[i]
      first[i] = m
      second[i] = v
      largest[i] = top
      weights[i] = weight - stepSize * m / (top.squareRoot() / correctionRoot + epsilon)
    }
  }
}
