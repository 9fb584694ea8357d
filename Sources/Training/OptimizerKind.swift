/// The optimizers, with the numbers that torch's classes take.
package enum OptimizerKind: Hashable, Sendable {
  /// `torch.optim.SGD`; the weight decay is added to the gradient.
  case sgd(momentum: Double, nesterov: Bool)
  /// `torch.optim.Adam`; the weight decay is added to the gradient.
  case adam(AdamSettings)
  /// `torch.optim.AdamW`; the weight decay shrinks the weights directly.
  case adamw(AdamSettings)

  /// What Adam and AdamW share.
  package struct AdamSettings: Hashable, Sendable {
    package let beta1: Double
    package let beta2: Double
    package let epsilon: Double
    /// Whether the second moment in use never falls.
    package let amsgrad: Bool

    package init(
      beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, amsgrad: Bool = false
    ) {
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.amsgrad = amsgrad
    }
  }

  /// The names of the flat buffers of state, torch's words; each is as long as the weights' buffer
  /// and begins as zeros.
  package var stateNames: [String] {
    switch self {
    case .sgd(let momentum, _): momentum == 0 ? [] : ["momentum_buffer"]
    case .adam(let settings), .adamw(let settings):
      ["exp_avg", "exp_avg_sq"] + (settings.amsgrad ? ["max_exp_avg_sq"] : [])
    }
  }

  /// The number of flat buffers of state.
  package var stateCount: Int { stateNames.count }
}
