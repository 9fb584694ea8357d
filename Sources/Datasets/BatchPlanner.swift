import Randomness

/// Says which rows each optimizer step has, for any epoch, without state.
///
/// Everything is a function of (data set, options, seed, stage, epoch), so that a run can go on at
/// any step with nothing stored. Packing is done once, in an order that the stream `pack/<stage>`
/// shuffles, so that every epoch has the same number of steps; the sampler, with the stream
/// `shuffle/<stage>`, then orders the sequences in each epoch.
package struct BatchPlanner: Sendable {
  /// Rows are padded to a multiple of this many positions.
  package static let lengthMultiple = 32
  /// The most positions of a micro-batch.
  package static let maximumPositions = 1 << 28

  package let dataset: TokenizedDataset
  package let options: BatchOptions
  /// The micro-batches of an epoch.
  package let microBatchesPerEpoch: Int
  /// The optimizer steps of an epoch; a partial accumulation at its end is one.
  package let stepsPerEpoch: Int
  /// The largest shape that a micro-batch of any epoch can have.
  package let largestShape: BatchShape
  /// The positions of the longest row or packed sequence.
  package let longestLength: Int
  /// The packed sequences; nil where each row has a batch row of its own.
  package let packing: SequencePacking?
  private let order: RowOrder
  /// What hides tokens, stream `mask/<stage>`.
  private let maskingStream: RandomStream

  /// Plans batches of `dataset` for the stage of that name.
  ///
  /// - Precondition: `options.size` and `options.accumulate` are at least 1.
  /// - Throws: `noRows`, `noSupervisedTokens`, `rowTooLong` where a row exceeds a packed sequence,
  ///   `fewerRowsThanBatch` where `dropLast` leaves nothing, `batchTooLarge`, `packingUnfit`.
  package init(
    _ dataset: TokenizedDataset, options: BatchOptions, seed: UInt64, stage: String
  ) throws(DatasetError) {
    precondition(options.size >= 1 && options.accumulate >= 1, "batches have rows")
    try dataset.checkUsable()
    let longest = dataset.statistics.longestRow
    if let capacity = options.packedLength {
      guard case .nextToken = dataset.layout else { throw .packingUnfit(section: dataset.name) }
      if longest > capacity { throw .rowTooLong(tokens: longest, limit: capacity, at: nil) }
      let count = dataset.rows.count
      let order =
        options.sampler.isRandom
        ? RandomStream(seed: seed, name: "pack/\(stage)").permutation(count: count)
        : Array(0..<count)
      packing = SequencePacking(
        lengths: dataset.rows.map(\.range.count), order: order, capacity: capacity)
    } else {
      packing = nil
    }
    let length = options.packedLength ?? Self.paddedLength(longest)
    longestLength = length
    let sourceLength = Self.paddedLength(dataset.statistics.longestSource)
    let widest = max(length, sourceLength)
    let (positions, overflow) = options.size.multipliedReportingOverflow(by: widest)
    if overflow || positions > Self.maximumPositions {
      throw .batchTooLarge(size: options.size, length: widest, limit: Self.maximumPositions)
    }
    largestShape =
      dataset.layout.joinsRows
      ? BatchShape(rowCount: 1, length: Self.joinedLength(positions))
      : BatchShape(rowCount: options.size, length: length, sourceLength: sourceLength)
    order = RowOrder(
      options.sampler, lengths: Self.lengths(of: dataset, packing),
      weights: Self.weights(of: dataset, options.sampler),
      stepRows: options.size.multipliedReportingOverflow(by: options.accumulate).partialValue,
      dropsLast: options.dropLast, stream: RandomStream(seed: seed, name: "shuffle/\(stage)"))
    let count = order.count
    let isPartial = count % options.size != 0
    microBatchesPerEpoch = count / options.size + (isPartial && !options.dropLast ? 1 : 0)
    if microBatchesPerEpoch == 0 {
      throw .fewerRowsThanBatch(rows: count, size: options.size, packed: packing != nil)
    }
    let accumulate = min(options.accumulate, microBatchesPerEpoch)
    stepsPerEpoch = (microBatchesPerEpoch + accumulate - 1) / accumulate
    maskingStream = RandomStream(seed: seed, name: "mask/\(stage)")
    self.dataset = dataset
    self.options = options
  }

  /// The optimizer steps of epoch `epoch`, from 0.
  package func epoch(_ epoch: Int) -> EpochPlan {
    let rows = order.rows(ofEpoch: epoch)
    let microBatches = (0..<microBatchesPerEpoch).map { index in
      let start = index * options.size
      return microBatch(rows[start..<start + min(options.size, rows.count - start)], epoch: epoch)
    }
    let steps = (0..<stepsPerEpoch).map { index in
      let start = index * options.accumulate
      let end = start + min(options.accumulate, microBatchesPerEpoch - start)
      return StepPlan(microBatches: Array(microBatches[start..<end]))
    }
    return EpochPlan(epoch: epoch, steps: steps)
  }

  /// Whether a step's gradients add up over several micro-batches.
  package var accumulates: Bool { stepsPerEpoch < microBatchesPerEpoch }

  /// Where the step of that number, from 0, stands; the first is in the epoch that training starts
  /// with.
  package func position(ofStep step: Int) -> (epoch: Int, index: Int) {
    (options.startEpoch + step / stepsPerEpoch, step % stepsPerEpoch)
  }

  /// The epochs that are over after so many steps, those before the first step with them.
  package func epochs(afterSteps steps: Int) -> Double {
    Double(options.startEpoch) + Double(steps) / Double(stepsPerEpoch)
  }

  /// The steps that an uninterrupted training makes before the first.
  package var stepsBeforeStart: Int { options.startEpoch * stepsPerEpoch }

  /// The steps from the first to the end of that many epochs, fractions rounded up to a whole step.
  package func totalSteps(epochs: Double) -> Int {
    let steps = RowSplit.snapped(epochs * Double(stepsPerEpoch)).rounded(.up)
    return max(0, (Int(exactly: steps) ?? (steps > 0 ? .max : 0)) - stepsBeforeStart)
  }

  /// The smallest multiple of ``lengthMultiple`` that holds `length` positions.
  package static func paddedLength(_ length: Int) -> Int {
    (length + lengthMultiple - 1) / lengthMultiple * lengthMultiple
  }

  /// The positions of one batch row for rows of `count` tokens together: a multiple of
  /// ``lengthMultiple``, and of a thirty-second of the next power of two, so that shapes stay few.
  package static func joinedLength(_ count: Int) -> Int {
    var multiple = lengthMultiple
    while multiple * 32 < count { multiple *= 2 }
    return max(1, (count + multiple - 1) / multiple) * multiple
  }

  private func microBatch(_ members: ArraySlice<Int>, epoch: Int) -> MicroBatch {
    let rows = members.map { member in packing?.sequences[member] ?? [member] }
    var tokenCount = 0
    var supervisedCount = 0
    var longest = 0
    var sourceTokenCount = 0
    var longestSource = 0
    var pairs = 0
    for row in rows.joined() {
      let count = dataset.rows[row].range.count
      tokenCount += count
      pairs += count * count
      supervisedCount += dataset.rows[row].supervisedCount
      longest = max(longest, count)
      sourceTokenCount += dataset.rows[row].sourceRange.count
      longestSource = max(longestSource, dataset.rows[row].sourceRange.count)
    }
    let isJoined = dataset.layout.joinsRows
    let shape =
      isJoined
      ? BatchShape(rowCount: 1, length: Self.joinedLength(tokenCount))
      : BatchShape(
        rowCount: options.size, length: Self.paddedLength(longest),
        sourceLength: Self.paddedLength(longestSource))
    return MicroBatch(
      rows: rows, shape: shape, tokenCount: tokenCount,
      supervisedCount: supervisedCount,
      attendedPairs: isJoined ? pairs + shape.length - tokenCount : nil,
      sourceTokenCount: sourceTokenCount, masking: masking(epoch: epoch))
  }

  private func masking(epoch: Int) -> MaskingDraw? {
    guard case .masked(let rule) = dataset.layout else { return nil }
    return MaskingDraw(rule: rule, stream: maskingStream, epoch: epoch)
  }
}
