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
    Lanes.forEach(count) { start, width in
      let (m, v, weight) = moments(weights, gradients, first, second, start, width)
      Lanes.store(moved(weight, m, v), weights + start, width)
    }
  }

  func run(
    _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>,
    largest: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    Lanes.forEach(count) { start, width in
      let (m, v, weight) = moments(weights, gradients, first, second, start, width)
      let known = Lanes.load(largest + start, width)
      let top = known.replacing(with: v, where: v .> known)
      Lanes.store(top, largest + start, width)
      Lanes.store(moved(weight, m, top), weights + start, width)
    }
  }

  /// Renews both moments of eight weights; returns them and the weights, shrunk.
  @inline(__always)
  private func moments(
    _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ start: Int,
    _ width: Int
  ) -> (m: Lanes.Vector, v: Lanes.Vector, weight: Lanes.Vector) {
    let weight = Lanes.load(weights + start, width) * shrink
    let gradient = Lanes.load(gradients + start, width) * scale + weight * coupledDecay
    let m = Lanes.load(first + start, width)
    let renewed = m + (gradient - m) * firstShare
    let v = Lanes.load(second + start, width) * secondKeep + gradient * secondShare * gradient
    Lanes.store(renewed, first + start, width)
    Lanes.store(v, second + start, width)
    return (renewed, v, weight)
  }

  /// The weights after the step.
  @inline(__always)
  private func moved(_ weight: Lanes.Vector, _ m: Lanes.Vector, _ v: Lanes.Vector) -> Lanes.Vector {
    weight - m * stepSize / (v.squareRoot() / correctionRoot + epsilon)
  }
}
