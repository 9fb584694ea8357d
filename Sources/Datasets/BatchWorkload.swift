/// What a number of steps amounts to.
package struct BatchWorkload: Hashable, Sendable {
  /// How many micro-batches have a shape.
  package struct ShapeUse: Hashable, Sendable {
    package let shape: BatchShape
    package let microBatches: Int
  }

  package var steps = 0
  package var tokens = 0
  package var supervisedTokens = 0
  /// Of joined rows the squares of their lengths together, padding being rows of one; nil of others.
  package var attendedPairs: Int?
  /// The fewest learned tokens of a step that was counted.
  package var smallestStep = Int.max
  /// The most learned tokens of a step that was counted.
  package var largestStep = 0
  /// How often each shape occurs, the smallest shape first.
  package var shapes: [ShapeUse] = []
  /// False where the epochs are so many that the later ones are taken to be as those before.
  package var isExact = true
}

extension BatchPlanner {
  /// What the first `steps` steps amount to: tokens, and how often each shape occurs.
  ///
  /// Exact as long as the epochs begun have no more than `rowLimit` rows together, or where rows
  /// are not shuffled; whole epochs beyond that count as the average of those before.
  /// Cost: a pass over the rows for each epoch counted.
  package func workload(steps: Int, rowLimit: Int = 2_000_000) -> BatchWorkload {
    let (whole, rest) = max(0, steps).quotientAndRemainder(dividingBy: stepsPerEpoch)
    let counted = min(whole, options.sampler.isRandom ? max(1, rowLimit / dataset.rows.count) : 1)
    var count = WorkloadCount()
    let first = options.startEpoch
    for epoch in 0..<counted { count.add(self.epoch(first + epoch).steps[...]) }
    if whole > counted { count.scale(by: whole, over: counted) }
    if rest > 0 { count.add(epoch(first + counted).steps.prefix(rest)) }
    var result = count.workload
    result.isExact = whole == counted || !options.sampler.isRandom
    return result
  }
}

/// Sums over steps.
private struct WorkloadCount {
  private var sums = BatchWorkload()
  private var shapes: [BatchShape: Int] = [:]

  mutating func add(_ steps: ArraySlice<StepPlan>) {
    for step in steps {
      let supervised = step.supervisedCount
      sums.steps += 1
      sums.tokens += step.tokenCount
      sums.supervisedTokens += supervised
      sums.smallestStep = min(sums.smallestStep, supervised)
      sums.largestStep = max(sums.largestStep, supervised)
      for microBatch in step.microBatches {
        shapes[microBatch.shape, default: 0] += 1
        if let pairs = microBatch.attendedPairs {
          sums.attendedPairs = (sums.attendedPairs ?? 0) &+ pairs
        }
      }
    }
  }

  /// Takes sums over `counted` epochs for sums over `whole` of them.
  mutating func scale(by whole: Int, over counted: Int) {
    func scaled(_ value: Int) -> Int {
      let (product, overflow) = value.multipliedReportingOverflow(by: whole)
      // Half of the range is left for what is added afterwards.
      return overflow ? .max / 2 : min(.max / 2, product / counted)
    }
    sums.steps = scaled(sums.steps)
    sums.tokens = scaled(sums.tokens)
    sums.supervisedTokens = scaled(sums.supervisedTokens)
    sums.attendedPairs = sums.attendedPairs.map(scaled)
    shapes = shapes.mapValues(scaled)
  }

  var workload: BatchWorkload {
    var result = sums
    if result.steps == 0 { result.smallestStep = 0 }
    result.shapes = shapes.sorted { $0.key < $1.key }
      .map { BatchWorkload.ShapeUse(shape: $0.key, microBatches: $0.value) }
    return result
  }
}
