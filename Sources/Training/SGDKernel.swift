/// One step of `torch.optim.SGD` over contiguous numbers.
struct SGDKernel {
  private let rate: Float
  private let scale: Float
  private let decay: Float
  private let momentum: Float
  private let nesterov: Bool

  init(rate: Double, scale: Float, decay: Double, momentum: Double, nesterov: Bool) {
    self.rate = Float(rate)
    self.scale = scale
    self.decay = Float(decay)
    self.momentum = Float(momentum)
    self.nesterov = nesterov
  }

  /// `g += λ·p; p −= η·g`.
  func run(
    _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>, _ count: Int
  ) {
    for i in 0..<count {
      weights[i] -= rate * (gradients[i] * scale + decay * weights[i])
    }
  }

  /// `g += λ·p; b = μ·b + g; p −= η·b`, or with Nesterov's `p −= η·(g + μ·b)`.
  func run(
    _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
    momentum buffer: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    let (plain, ahead): (Float, Float) = nesterov ? (1, momentum) : (0, 1)
    for i in 0..<count {
      let gradient = gradients[i] * scale + decay * weights[i]
      let moved = momentum * buffer[i] + gradient
      buffer[i] = moved
      weights[i] -= rate * (plain * gradient + ahead * moved)
    }
  }
}
