#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The learning rate of every optimizer step, as transformers and torch have it.
package struct LearningRateSchedule: Hashable, Sendable {
  /// How the rate goes after the warm-up; `p` runs from 0 at its end to 1 at the last step.
  package enum Kind: Hashable, Sendable {
    case constant
    /// `1 − p`.
    case linear
    /// `½·(1 + cos(2π·cycles·p))`.
    case cosine(cycles: Double)
    /// From the rate to `endLearningRate` with `(1 − p)^power`.
    case polynomial(power: Double, endLearningRate: Double)
    /// `1/√((s + t − warmup)/t)` with the timescale `t`; nil takes the warm-up, or 10,000 without.
    case inverseSquareRoot(timescale: Int?)
    /// `gamma^⌊n/every⌋` for the `n` units done, as torch's `StepLR`.
    ///
    /// Steps are counted from the end of the warm-up (torch's `SequentialLR`); epochs are those of
    /// the data, and a warm-up multiplies.
    case step(every: Int, unit: Unit, gamma: Double)
  }

  /// What ``Kind/step(every:unit:gamma:)`` counts.
  package enum Unit: String, CaseIterable, Sendable { case step, epoch }

  package let kind: Kind
  package let learningRate: Double
  /// Steps in which the rate rises from zero.
  package let warmupSteps: Int
  package let totalSteps: Int
  package let stepsPerEpoch: Int

  /// Why a schedule is none.
  package enum ScheduleError: Error, Hashable, Sendable {
    /// The warm-up is longer than the training.
    case warmupExceedsSteps(warmup: Int, steps: Int)
    /// `every` of a step schedule is below one.
    case intervalBelowOne(Int)
    /// A polynomial's end lies at or above its beginning.
    case endAboveStart(end: Double, start: Double)
    /// The timescale of an inverse square root is below one.
    case timescaleBelowOne(Int)
  }

  /// - Throws: ``ScheduleError`` when the numbers make no schedule.
  package init(
    _ kind: Kind, learningRate: Double, warmupSteps: Int = 0, totalSteps: Int,
    stepsPerEpoch: Int = 1
  ) throws(ScheduleError) {
    if warmupSteps > totalSteps {
      throw .warmupExceedsSteps(warmup: warmupSteps, steps: totalSteps)
    }
    switch kind {
    case .polynomial(_, let end) where end >= learningRate:
      throw .endAboveStart(end: end, start: learningRate)
    case .step(let every, _, _) where every < 1: throw .intervalBelowOne(every)
    case .inverseSquareRoot(let timescale?) where timescale < 1:
      throw .timescaleBelowOne(timescale)
    case .constant, .linear, .cosine, .polynomial, .inverseSquareRoot, .step: break
    }
    self.kind = kind
    self.learningRate = learningRate
    self.warmupSteps = max(0, warmupSteps)
    self.totalSteps = totalSteps
    self.stepsPerEpoch = max(1, stepsPerEpoch)
  }

  /// The rate in use at the optimizer step that comes after `step` steps done: the first is 0.
  package func learningRate(atStep step: Int) -> Double { learningRate * factor(atStep: step) }

  /// What the rate is multiplied by.
  private func factor(atStep step: Int) -> Double {
    let warmup = Double(warmupSteps)
    if step < warmupSteps { return Double(step) / max(1, warmup) * epochFactor(atStep: step) }
    let rest = Double(max(1, totalSteps - warmupSteps))
    let progress = Double(step - warmupSteps) / rest
    switch kind {
    case .constant: return 1
    case .linear: return max(0, Double(totalSteps - step) / rest)
    case .cosine(let cycles): return max(0, 0.5 * (1 + cos(Double.pi * cycles * 2 * progress)))
    case .polynomial(let power, let end):
      if step > totalSteps { return end / learningRate }
      let span = learningRate - end
      return (span * pow(max(0, 1 - progress), power) + end) / learningRate
    case .inverseSquareRoot(let timescale):
      let scale = Double(timescale ?? (warmupSteps > 0 ? warmupSteps : 10_000))
      return 1 / ((Double(step) + scale - warmup) / scale).squareRoot()
    case .step(let every, .step, let gamma):
      return pow(gamma, Double((step - warmupSteps) / every))
    case .step(_, .epoch, _): return epochFactor(atStep: step)
    }
  }

  /// The factor of a step schedule by epochs; 1 for others.
  private func epochFactor(atStep step: Int) -> Double {
    switch kind {
    case .step(let every, .epoch, let gamma):
      pow(gamma, Double(step / stepsPerEpoch / every))
    case .step(_, .step, _), .constant, .linear, .cosine, .polynomial, .inverseSquareRoot: 1
    }
  }
}
