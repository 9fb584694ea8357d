/// Ranks and their correlation.
enum ValueRanks {
  /// The ranks of `values` from 1; equal values share the mean of their ranks.
  static func ranks(of values: [Float]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = Array(repeating: 0.0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      let rank = Double(start + 1 + end) / 2
      for place in start..<end { ranks[order[place]] = rank }
      start = end
    }
    return ranks
  }

  /// Spearman's correlation: Pearson's of the ranks; `nan` where a number is not finite.
  static func correlation(_ first: [Float], _ second: [Float]) -> Double? {
    guard first.allSatisfy(\.isFinite), second.allSatisfy(\.isFinite) else { return .nan }
    var moments = ValueMoments()
    for (a, b) in zip(ranks(of: first), ranks(of: second)) {
      moments.add(predicted: a, expected: b)
    }
    return moments.pearson
  }
}
