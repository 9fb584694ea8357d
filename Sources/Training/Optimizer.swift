/// One optimizer over flat buffers of weights, gradients and state.
package struct Optimizer: Hashable, Sendable {
  package let kind: OptimizerKind
  package let weightDecay: Double

  package init(_ kind: OptimizerKind, weightDecay: Double) {
    self.kind = kind
    self.weightDecay = weightDecay
  }

  /// What differs from step to step.
  package struct Step: Hashable, Sendable {
    /// The number of this optimizer step, from 1.
    package let number: Int
    package let learningRate: Double
    /// What every gradient is multiplied by first: the clip coefficient.
    package let gradientScale: Float

    package init(number: Int, learningRate: Double, gradientScale: Float = 1) {
      self.number = number
      self.learningRate = learningRate
      self.gradientScale = gradientScale
    }
  }

  /// Neighbouring weights that learn alike.
  package struct Group: Hashable, Sendable {
    /// Their places in the flat buffers.
    package let range: Range<Int>
    /// What the learning rate of each step is multiplied by.
    package let rateFactor: Double
    /// Whether the weight decay takes them.
    package let decays: Bool

    package init(range: Range<Int>, rateFactor: Double = 1, decays: Bool = true) {
      self.range = range
      self.rateFactor = rateFactor
      self.decays = decays
    }
  }

  /// Changes the weights of `groups` by one step.
  ///
  /// - Precondition: as for ``update(_:parameters:gradients:states:step:decays:)``.
  package func update(
    _ groups: [Group], parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    states: [UnsafeMutablePointer<Float>], step: Step
  ) {
    for group in groups {
      update(
        group.range, parameters: parameters, gradients: gradients, states: states,
        step: Step(
          number: step.number, learningRate: step.learningRate * group.rateFactor,
          gradientScale: step.gradientScale), decays: group.decays)
    }
  }

  /// Changes the weights at `range` by one step, in one pass and without allocating.
  ///
  /// The arithmetic is that of torch's single-tensor functions: float32 by elements, factors and bias
  /// corrections in double. `states` are the buffers of ``OptimizerKind/stateNames`` in their order.
  /// `decays` is false for a stretch whose weights the weight decay leaves alone; threads may work
  /// on disjoint ranges.
  ///
  /// - Precondition: every buffer holds `range`, and there are `kind.stateCount` states.
  package func update(
    _ range: Range<Int>, parameters: UnsafeMutablePointer<Float>,
    gradients: UnsafePointer<Float>, states: [UnsafeMutablePointer<Float>], step: Step,
    decays: Bool = true
  ) {
    precondition(states.count == kind.stateCount, "one buffer a state of the optimizer")
    let decay = decays ? weightDecay : 0
    let count = range.count
    let weights = parameters + range.lowerBound
    let slopes = gradients + range.lowerBound
    switch kind {
    case .sgd(let momentum, let nesterov):
      let kernel = SGDKernel(
        rate: step.learningRate, scale: step.gradientScale, decay: decay, momentum: momentum,
        nesterov: nesterov)
      if let buffer = states.first {
        kernel.run(weights, slopes, momentum: buffer + range.lowerBound, count)
      } else {
        kernel.run(weights, slopes, count)
      }
    case .adam(let settings), .adamw(let settings):
      let kernel = AdamKernel(
        settings, step, coupledDecay: isDecoupled ? 0 : decay,
        decoupledDecay: isDecoupled ? decay : 0)
      let (first, second) = (states[0] + range.lowerBound, states[1] + range.lowerBound)
      if settings.amsgrad {
        kernel.run(weights, slopes, first, second, largest: states[2] + range.lowerBound, count)
      } else {
        kernel.run(weights, slopes, first, second, count)
      }
    }
  }

  private var isDecoupled: Bool {
    switch kind {
    case .adamw: true
    case .adam, .sgd: false
    }
  }
}
