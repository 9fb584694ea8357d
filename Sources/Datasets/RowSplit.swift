package import Randomness

/// Which rows go where, by chance that a stream fixes.
package enum RowSplit {
  /// Cuts `0..<rowCount` into parts of the given fractions, each ascending.
  ///
  /// Sizes are the whole parts of `fraction · rowCount`; what is left of the fractions' sum goes, a
  /// row each, to the largest remainders, the earlier part first.
  package static func parts(
    rowCount: Int, fractions: [Double], stream: RandomStream
  ) -> [[Int]] {
    let sizes = sizes(rowCount: rowCount, fractions: fractions)
    let order = stream.permutation(count: rowCount)
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return order[start..<start + size].sorted()
    }
  }

  /// The sizes of parts by the method of largest remainders; their sum is at most `rowCount`.
  package static func sizes(rowCount: Int, fractions: [Double]) -> [Int] {
    let shares = fractions.map { snapped(min(1, max(0, $0.isNaN ? 0 : $0)) * Double(rowCount)) }
    let total = min(rowCount, Int(shares.reduce(0, +).rounded()))
    var sizes: [Int] = []
    for share in shares { sizes.append(min(Int(share), total - sizes.reduce(0, +))) }
    let remainders = zip(shares, sizes).map { $0 - Double($1) }
    let byRemainder = shares.indices.sorted { left, right in
      remainders[left] == remainders[right]
        ? left < right : remainders[left] > remainders[right]
    }
    var left = total - sizes.reduce(0, +)
    for index in byRemainder where left > 0 {
      sizes[index] += 1
      left -= 1
    }
    return sizes
  }

  /// The rows of an epoch in which each stands `weight` times, ascending copy by copy.
  static func repeated(rowCount: Int, weight: Double, stream: RandomStream) -> [Int] {
    let whole = max(0, Int(weight))
    let rest = Int((max(0, weight - Double(whole)) * Double(rowCount)).rounded())
    let copies = (0..<whole).flatMap { _ in 0..<rowCount }
    return copies + stream.permutation(count: rowCount).prefix(rest).sorted()
  }

  /// The value, or the whole number that it misses by rounding alone.
  static func snapped(_ value: Double) -> Double {
    let whole = value.rounded()
    return abs(value - whole) <= 1e-9 * max(1, abs(value)) ? whole : value
  }
}
