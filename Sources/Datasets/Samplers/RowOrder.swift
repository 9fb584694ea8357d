import Randomness

/// The order that a sampler gives the rows, or the packed sequences, of any epoch.
///
/// It is a function of the sampler, the epoch and the stream, so that training can begin at any
/// epoch with the order that it would have had.
struct RowOrder: Sendable {
  /// How many an epoch has; a row may be one of them twice, or never.
  let count: Int
  private let sampler: Sampler
  private let rowCount: Int
  private let stream: RandomStream
  private let grouping: LengthGrouping?
  private let draws: WeightedDraws?
  private let share: DistributedShare?

  /// Orders rows of these lengths, which `lengthGrouped` reads together with the number of rows of
  /// an optimizer step.
  ///
  /// `weights` are read by `weighted`, where nil takes all rows as likely; `dropsLast` says whether
  /// workers' shares leave rows out instead of having some twice.
  init(
    _ sampler: Sampler, lengths: [Int], weights: [Double]?, stepRows: Int, dropsLast: Bool,
    stream: RandomStream
  ) {
    self.sampler = sampler
    self.stream = stream
    rowCount = lengths.count
    switch sampler {
    case .sequential, .random:
      (grouping, draws, share) = (nil, nil, nil)
    case .lengthGrouped:
      (grouping, draws, share) = (LengthGrouping(lengths: lengths, batchSize: stepRows), nil, nil)
    case .weighted:
      let weights = weights ?? Array(repeating: 1, count: lengths.count)
      (grouping, draws, share) = (nil, WeightedDraws(weights: weights), nil)
    case .distributed(let rank, let worldSize, _):
      let share = DistributedShare(
        count: rowCount, rank: rank, worldSize: worldSize, dropsLast: dropsLast)
      (grouping, draws, self.share) = (nil, nil, share)
    }
    count = share?.count ?? rowCount
  }

  /// The rows of epoch `epoch`, from 0.
  func rows(ofEpoch epoch: Int) -> [Int] {
    let step = UInt64(max(0, epoch))
    if let draws { return draws.rows(stream, step: step) }
    let order =
      sampler.isRandom
      ? stream.permutation(count: rowCount, step: step) : Array(0..<rowCount)
    if let grouping { return grouping.grouped(order) }
    if let share { return share.rows(of: order) }
    return order
  }
}
