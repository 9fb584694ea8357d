import Tensors
import Training

/// Takes the times of probes and works out what a unit of each kind of work takes.
struct CalibrationMeter {
  private let backend: any ComputeBackend
  private let now: () -> Double
  /// How long one probe is run again and again, in seconds.
  private let budget: Double
  private var secondsPerUnit: [StageCost.Kind: Double] = [:]
  private var probeCount = 0
  private var steadyCount = 0

  init(_ backend: any ComputeBackend, budget: Double, now: @escaping () -> Double) {
    self.backend = backend
    self.budget = budget
    self.now = now
  }

  /// What was measured; steady if three quarters of the probes were.
  var calibration: Calibration {
    Calibration(isSteady: 4 * steadyCount >= 3 * probeCount) { secondsPerUnit[$0] ?? 0 }
  }

  /// Measures `kind` by the last of `probes` that is not too slow, which grow.
  ///
  /// - Throws: ``BackendError``, ``ProgramError`` or ``AllocationError``.
  mutating func measure(_ kind: StageCost.Kind, _ probes: CalibrationProbe...) throws {
    let (cost, seconds) = try time(probes, kind)
    settle(kind, cost, seconds)
  }

  /// Measures what a product's arithmetic takes by `dense`, and what its memory takes by `thin`.
  ///
  /// - Throws: ``BackendError``, ``ProgramError`` or ``AllocationError``.
  mutating func measureProducts(dense: [CalibrationProbe], thin: [CalibrationProbe]) throws {
    let (denseCost, denseSeconds) = try time(dense, .products)
    let (thinCost, thinSeconds) = try time(thin, .products)
    // Each explains a little of the other's time; a few rounds settle both.
    for _ in 0..<8 {
      settle(.products, denseCost, denseSeconds)
      settle(.productBytes, thinCost, thinSeconds)
    }
  }

  /// Measures the optimizer's update, which runs beside the backend.
  mutating func measureUpdates() throws(AllocationError) {
    let count = 1 << 15
    let optimizer = Optimizer(.adamw(.init()), weightDecay: 0.01)
    var buffers: [AlignedBuffer] = []
    for _ in 0..<2 + optimizer.kind.stateCount {
      buffers.append(try AlignedBuffer(byteCount: 4 * count))
    }
    let floats = buffers.compactMap(\.floats.baseAddress)
    guard floats.count == buffers.count else { return }
    let best = least {
      optimizer.update(
        0..<count, parameters: floats[0], gradients: floats[1], states: Array(floats[2...]),
        step: Optimizer.Step(number: 1, learningRate: 1e-3))
    }
    secondsPerUnit[.updates] = best / Double(count * (1 + optimizer.kind.stateCount))
  }

  /// The time of the last of `probes` that is not too slow.
  private mutating func time(
    _ probes: [CalibrationProbe], _ kind: StageCost.Kind
  ) throws -> (cost: StageCost, seconds: Double) {
    var last: (cost: StageCost, seconds: Double) = (StageCost(), 0)
    for probe in probes {
      let compiled = try CompiledProbe(probe, backend)
      if last.seconds > 0, last.cost[kind] > 0,
        last.seconds * compiled.cost[kind] / last.cost[kind] > budget / 2
      {
        break
      }
      var failure: BackendError?
      let best = least {
        do throws(BackendError) { try compiled.run() } catch { failure = error }
      }
      if let failure { throw failure }
      last = (compiled.cost, best)
    }
    return last
  }

  /// The least time of `body` among as many runs as fit into the budget; one more warms up.
  ///
  /// A probe is steady where half of its runs take at most a third longer than the fastest.
  private mutating func least(_ body: () -> Void) -> Double {
    let begun = now()
    body()
    var times: [Double] = []
    repeat {
      let start = now()
      body()
      times.append(max(0, now() - start))
    } while now() - begun < budget
    times.sort()
    let best = times[0]
    probeCount += 1
    if times[times.count / 2] <= best * 4 / 3 { steadyCount += 1 }
    return best
  }

  /// Takes for `kind` what the other kinds leave of `seconds`, a tenth at least: a machine that is
  /// busy while it is measured shall not make anything free.
  private mutating func settle(_ kind: StageCost.Kind, _ cost: StageCost, _ seconds: Double) {
    guard cost[kind] > 0 else { return }
    var others = cost
    others[kind] = 0
    let rest = max(seconds / 10, seconds - calibration.seconds(for: others))
    secondsPerUnit[kind] = rest / cost[kind]
  }
}
