/// One worker's rows of an order that all workers share.
///
/// Source: torch's `DistributedSampler`. The order is made a multiple of the workers by beginning
/// it again, or by leaving out its end, and the worker of rank r takes every so many-th row from
/// the r-th on.
package struct DistributedShare: Sendable {
  /// The worker's rows.
  package let count: Int
  private let rank: Int
  private let worldSize: Int

  /// - Precondition: `rank` is in `0..<worldSize`.
  package init(count: Int, rank: Int, worldSize: Int, dropsLast: Bool) {
    precondition(worldSize >= 1 && (0..<worldSize).contains(rank), "a rank is one of the workers'")
    let (whole, rest) = count.quotientAndRemainder(dividingBy: worldSize)
    self.count = whole + (rest > 0 && !dropsLast ? 1 : 0)
    self.rank = rank
    self.worldSize = worldSize
  }

  /// The worker's part of `order`.
  package func rows(of order: [Int]) -> [Int] {
    guard !order.isEmpty else { return [] }
    return (0..<count).map { order[($0 * worldSize + rank) % order.count] }
  }
}
